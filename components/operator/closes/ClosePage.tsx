import type { Statement } from "@/lib/domain/statement.ts";
import type { ProviderInvoice } from "@/lib/ports/billing_provider.ts";
import type { PeriodClose } from "@/lib/ports/money_ledger.ts";
import { billOf } from "../../portal/bill_of.ts";
import { BillLines } from "../../portal/BillLines.tsx";
import { Button } from "../../ui/Button.tsx";
import { Card } from "../../ui/Card.tsx";
import { DateTime } from "../../ui/DateTime.tsx";
import { EmptyState } from "../../ui/EmptyState.tsx";
import { Facts } from "../../ui/Facts.tsx";
import { TextArea, TextField } from "../../ui/Field.tsx";
import { Form } from "../../ui/Form.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { PageHeader } from "../../ui/PageHeader.tsx";
import { StaleBadge } from "../../ui/StaleBadge.tsx";
import { useViewer } from "../../ui/viewer.ts";
import { type OperatorFrame, OperatorPage } from "../OperatorPage.tsx";
import { tenantPath } from "../TenantLink.tsx";
import { closePath, CLOSES_PATH } from "./close_path.ts";
import { CloseBadge } from "./CloseBadge.tsx";
import { ProviderInvoiceCard } from "./ProviderInvoiceCard.tsx";

export interface CloseModel {
  readonly close: PeriodClose;
  /** The reasons as shown: a release is over exactly these. */
  readonly seen: string;
  readonly tenantName: string | null;
  readonly asOfMs: number;
  /** `null` when the period can't be priced. */
  readonly statement: Statement | null;
  /** `null` before Stripe has made a draft. */
  readonly invoice:
    | { readonly kind: "answer"; readonly value: ProviderInvoice | null }
    | { readonly kind: "unavailable"; readonly detail: string }
    | null;
  /** A release that was not made, with what was typed. */
  readonly attempt: { readonly reason: string; readonly error: string } | null;
}

/** Typed to let an invoice become final over differences. */
export const RELEASE_PHRASE = "release";

export function ClosePage({ frame, model }: { frame: OperatorFrame; model: CloseModel }) {
  const { close, tenantName } = model;
  const { tenantId, periodId, state } = close;
  return (
    <OperatorPage frame={frame} current={CLOSES_PATH}>
      <PageHeader
        title={`Period from ${periodId}`}
        crumbs={[{ href: CLOSES_PATH, label: "Period close" }, {
          href: tenantPath(tenantId),
          label: tenantName ?? tenantId,
        }]}
        lede={<CloseBadge close={close} />}
        actions={<StaleBadge asOfMs={model.asOfMs} />}
      />
      <Reasons close={close} />
      {state !== "finalized" && (
        <div class="grid-2">
          <TryAgain close={close} />
          {state === "held" && close.invoiceId !== null && <Release model={model} />}
        </div>
      )}
      <div class="grid-2">
        <Ours model={model} />
        <ProviderInvoiceCard model={model} />
      </div>
    </OperatorPage>
  );
}

function Reasons({ close: { state, reasons } }: { close: PeriodClose }) {
  if (state === "waiting") {
    return (
      <Notice>The period is over; Stripe makes the draft by itself within an hour or so.</Notice>
    );
  }
  if (reasons.length === 0) return null;
  const list = (
    <ul class="stack-sm">
      {reasons.map(({ code, detail }, at) => (
        <li key={at} class="break">
          <code>{code}</code> <bdi>{detail}</bdi>
        </li>
      ))}
    </ul>
  );
  return state === "held"
    ? <Notice tone="bad" title="Why the draft is held">{list}</Notice>
    : <Notice tone="warn" title="Released by a person over these differences">{list}</Notice>;
}

function TryAgain({ close }: { close: PeriodClose }) {
  return (
    <Card
      title="Try again"
      note="Sends what is left and compares again; the invoice becomes final if all agrees. The same happens by itself: every five minutes for the last period, at growing intervals of six hours at most for older ones."
    >
      <Facts
        facts={[
          { term: "Tries so far", value: <span class="num">{close.attempts}</span> },
          ...(close.heldSinceMs ?? null) === null ? [] : [{
            term: "Held since",
            value: <DateTime atMs={close.heldSinceMs ?? 0} style="moment" />,
          }],
          { term: "Last try", value: <DateTime atMs={close.updatedAtMs} style="moment" /> },
          {
            term: "Invoice",
            value: close.invoiceId === null
              ? "none yet"
              : <code class="break">{close.invoiceId}</code>,
          },
        ]}
      />
      <Form action={closePath(close)} label="Try again">
        <input type="hidden" name="act" value="try" />
        <div class="form-actions">
          <Button kind="primary" icon="rotate">Try again</Button>
        </div>
      </Form>
    </Card>
  );
}

function Release({ model: { close, seen, attempt } }: { model: CloseModel }) {
  return (
    <Card
      title="Release although the books differ"
      note="The tenant is billed what Stripe’s draft says. This can’t be undone."
    >
      <Form action={closePath(close)} label="Release">
        <input type="hidden" name="act" value="release" />
        <input type="hidden" name="seen" value={seen} />
        <TextArea
          scope="release"
          name="reason"
          label="Reason"
          rows={2}
          required
          maxLength={500}
          value={attempt?.reason ?? ""}
          error={attempt?.error}
          hint="Stays beside the differences and in the audit log."
        />
        <TextField
          scope="release"
          name="confirmation"
          label={`Type “${RELEASE_PHRASE}” to confirm`}
          pattern={RELEASE_PHRASE}
          required
          spellcheck={false}
        />
        <div class="form-actions">
          <Button kind="danger">Release the invoice</Button>
        </div>
      </Form>
    </Card>
  );
}

function Ours({ model: { statement } }: { model: CloseModel }) {
  const { locale } = useViewer();
  return (
    <Card title="By our books">
      {statement === null
        ? <EmptyState title="This period can’t be priced" icon="warn" />
        : <BillLines bill={{ ...billOf(statement, locale), totalLabel: "Total" }} />}
    </Card>
  );
}
