import type { PlanChangePreview } from "@/lib/billing/change_plan.ts";
import type { PlanMove } from "@/lib/ports/subscription_ledger.ts";
import { fromMinor } from "@/lib/domain/money.ts";
import type { PlanVersion } from "@/lib/domain/plan.ts";
import { BillLines } from "../portal/BillLines.tsx";
import { billOf } from "../portal/bill_of.ts";
import { Button } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { ConfirmForm } from "../ui/ConfirmForm.tsx";
import { EmptyState } from "../ui/EmptyState.tsx";
import { Facts } from "../ui/Facts.tsx";
import { Form } from "../ui/Form.tsx";
import { Money } from "../ui/Money.tsx";
import { Notice } from "../ui/Notice.tsx";
import { Select } from "../ui/Select.tsx";
import { MoveNotice } from "./MoveNotice.tsx";
import type { OperatorFrame } from "./OperatorPage.tsx";
import { PlanDiff } from "./PlanDiff.tsx";
import { tenantPath } from "./TenantLink.tsx";
import { type TenantFrame, TenantPage } from "./TenantPage.tsx";

export interface TenantPlanModel {
  readonly current: PlanVersion;
  /** Published versions with the same currency and interval. */
  readonly choices: readonly PlanVersion[];
  readonly chosen: string | null;
  readonly preview: PlanChangePreview | null;
  /** Why there is no preview of what was chosen. */
  readonly refusal: string | null;
  /** Where Stripe has yet to follow one; there is no other one before. */
  readonly move: PlanMove | null;
}

export function TenantPlanPage(
  { frame, head, model }: { frame: OperatorFrame; head: TenantFrame; model: TenantPlanModel },
) {
  const path = tenantPath(head.tenantId, "plan");
  const { current, choices, chosen, preview, refusal } = model;
  return (
    <TenantPage frame={frame} head={head} tab="plan">
      <MoveNotice move={model.move} />
      <Card
        title="Move to another version"
        note={`Now on ${current.name}, ${current.planRevision}.`}
      >
        {choices.length === 0
          ? <EmptyState title="No published version to move to" icon="plan" />
          : (
            <Form action={path} method="get" class="filters" label="Preview a plan change">
              <Select
                name="to"
                label="Plan version"
                value={chosen ?? ""}
                options={choices.map(({ planRevision, name }) => ({
                  value: planRevision,
                  label: `${name} (${planRevision})`,
                }))}
              />
              <Button>Preview</Button>
            </Form>
          )}
      </Card>
      {refusal !== null && <Notice tone="bad" title="No preview">{refusal}</Notice>}
      {preview !== null && <Preview path={path} preview={preview} locale={frame.viewer.locale} />}
    </TenantPage>
  );
}

/** More of them are opened by whoever wants them. */
const DIFFERENCES_OPEN = 12;

function Preview(
  { path, preview, locale }: { path: string; preview: PlanChangePreview; locale: string },
) {
  const { from, to, changes, proration, before, after } = preview;
  const money = (minor: bigint) => <Money amount={fromMinor(minor)} currency={to.currency} />;
  return (
    <>
      <h2>This period's usage so far, on either version</h2>
      <div class="grid-2">
        <Card title={`${from.name}, now`}>
          <BillLines bill={billOf(before, locale)} />
        </Card>
        <Card title={`${to.name}, from the start`}>
          <BillLines bill={billOf(after, locale)} />
        </Card>
      </div>
      <Card title={`Move to ${to.name}`}>
        <Facts
          facts={[
            { term: `Unused time of ${from.planRevision}`, value: money(proration.creditMinor) },
            {
              term: `Rest of the period on ${to.planRevision}`,
              value: money(proration.debitMinor),
            },
            { term: "Base fee in this period", value: money(proration.netMinor) },
          ]}
        />
        <ConfirmForm
          id="move"
          action={path}
          phrase={null}
          submit={`Move to ${to.planRevision}`}
          fields={{ from: from.planRevision, to: to.planRevision }}
        >
          <p>
            From the next call on, usage is priced by{" "}
            {to.name}; what was used so far stays as it was. The base fee changes now, by the
            second.
          </p>
        </ConfirmForm>
      </Card>
      <Card title="What differs" note={`From ${from.planRevision} to ${to.planRevision}.`}>
        <details class="stack-sm" open={changes.length <= DIFFERENCES_OPEN}>
          <summary>{changes.length === 1 ? "1 term" : `${changes.length} terms`}</summary>
          <PlanDiff changes={changes} />
        </details>
      </Card>
    </>
  );
}
