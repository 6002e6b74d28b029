import { meterLabel } from "@/lib/domain/meter.ts";
import { fromMinor } from "@/lib/domain/money.ts";
import { Button, ButtonLink } from "../../ui/Button.tsx";
import { Card } from "../../ui/Card.tsx";
import { DateTime } from "../../ui/DateTime.tsx";
import { Form } from "../../ui/Form.tsx";
import { HiddenFields } from "../../ui/HiddenFields.tsx";
import { Money } from "../../ui/Money.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { Units } from "../../ui/Units.tsx";
import { BillImpactTable } from "../BillImpactTable.tsx";
import type { MoneyDecision, TenantMoneyModel } from "./money_model.ts";
import { moneyPath } from "./money_path.ts";

export function MoneyDecisionCard(
  { model, decision }: { model: TenantMoneyModel; decision: MoneyDecision },
) {
  const { id, author } = nameOf(decision);
  return (
    <Card
      title="This waits for a decision"
      note={
        <>
          Proposed by <bdi>{author}</bdi>
        </>
      }
    >
      <p>
        <DecisionWords model={model} decision={decision} />
      </p>
      {decision.impact === null
        ? <Notice tone="warn">The bill of this period can’t be priced.</Notice>
        : <BillImpactTable impact={decision.impact} />}
      {decision.isOwn && (
        <Notice tone="warn" title="You proposed this">
          A second person has to approve it; you may only take it back.
        </Notice>
      )}
      <Form action={moneyPath(model.tenantId)} label="Decide">
        <HiddenFields fields={{ act: "decide", kind: decision.kind, id }} />
        <div class="form-actions">
          {!decision.isOwn && (
            <Button kind="primary" name="decision" value="approve">Approve</Button>
          )}
          <Button kind="danger" name="decision" value="refuse">
            {decision.isOwn ? "Take it back" : "Refuse"}
          </Button>
          <ButtonLink href={moneyPath(model.tenantId)}>Decide later</ButtonLink>
        </div>
      </Form>
    </Card>
  );
}

function nameOf(decision: MoneyDecision): { readonly id: string; readonly author: string } {
  switch (decision.kind) {
    case "adjustment":
      return { id: decision.adjustment.adjustmentId, author: decision.adjustment.createdBy };
    case "correction":
      return { id: decision.correction.correctionId, author: decision.correction.author };
    case "credit":
      return { id: decision.credit.creditId, author: decision.credit.createdBy };
  }
}

function DecisionWords(
  { model: { currency }, decision }: { model: TenantMoneyModel; decision: MoneyDecision },
) {
  if (decision.kind === "adjustment") {
    const { amountMinor, periodId, note } = decision.adjustment;
    return (
      <>
        <Money amount={fromMinor(amountMinor)} currency={currency} /> in the period from{" "}
        <code>{periodId}</code>: <bdi>{note}</bdi>
      </>
    );
  }
  if (decision.kind === "credit") {
    const { name, amountMinor, category, expiresAtMs } = decision.credit;
    return (
      <>
        <bdi>{name}</bdi>:{" "}
        <Money amount={fromMinor(amountMinor)} currency={decision.credit.currency} /> {category},
        {" "}
        {expiresAtMs === null ? "never expires" : (
          <>
            good until <DateTime atMs={expiresAtMs} style="date" utc />
          </>
        )}. Once approved, it pays for usage from then on.
      </>
    );
  }
  const { units, meter, planRevision, periodId, reason } = decision.correction;
  return (
    <>
      <Units units={units} /> units of {meterLabel(meter)} under <code>{planRevision}</code>{" "}
      in the period from <code>{periodId}</code>: <bdi>{reason}</bdi>
    </>
  );
}
