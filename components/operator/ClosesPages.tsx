import type { ProviderInvoice } from "@/lib/ports/billing_provider.ts";
import type { CloseState, PeriodClose } from "@/lib/ports/billing_store.ts";
import { meterLabel } from "@/lib/domain/meter.ts";
import { fromMinor } from "@/lib/domain/money.ts";
import type { Statement } from "@/lib/domain/statement.ts";
import { BillLines } from "../portal/BillLines.tsx";
import { billOf } from "../portal/bill_of.ts";
import { Badge, type Tone } from "../ui/Badge.tsx";
import { Button } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { DateTime } from "../ui/DateTime.tsx";
import { EmptyState } from "../ui/EmptyState.tsx";
import { Facts } from "../ui/Facts.tsx";
import { TextArea, TextField } from "../ui/Field.tsx";
import { Form } from "../ui/Form.tsx";
import { formatUnits } from "../ui/format.ts";
import { Money } from "../ui/Money.tsx";
import { Notice } from "../ui/Notice.tsx";
import { PageHeader } from "../ui/PageHeader.tsx";
import { Pagination } from "../ui/Pagination.tsx";
import { StaleBadge } from "../ui/StaleBadge.tsx";
import { Table } from "../ui/Table.tsx";
import { Segmented } from "../ui/Tabs.tsx";
import { useViewer } from "../ui/viewer.ts";
import { type OperatorFrame, OperatorPage } from "./OperatorPage.tsx";
import { TenantFilter } from "./TenantFilter.tsx";
import { TenantLink, tenantPath } from "./TenantLink.tsx";

export type ClosesTab = CloseState | "all";

export interface ClosesModel {
  readonly tab: ClosesTab;
  /** Empty for all tenants. */
  readonly tenantId: string;
  readonly asOfMs: number;
  readonly tabs: readonly { readonly key: ClosesTab; readonly href: string }[];
  readonly closes: readonly PeriodClose[];
  readonly firstHref: string | null;
  readonly nextHref: string | null;
}

const PATH = "/operator/closes";

export function closePath(
  { tenantId, periodId }: Pick<PeriodClose, "tenantId" | "periodId">,
): string {
  return `${PATH}/${encodeURIComponent(tenantId)}/${encodeURIComponent(periodId)}`;
}

const TAB_WORDS: Readonly<Record<ClosesTab, string>> = {
  held: "Held",
  waiting: "Waiting for a draft",
  finalized: "Finalised",
  all: "All",
};

const STATE_WORDS: Readonly<Record<CloseState, readonly [Tone, string]>> = {
  held: ["bad", "draft held"],
  waiting: ["info", "waiting for Stripe’s draft"],
  finalized: ["good", "finalised"],
};

function CloseBadge({ close: { state, closingSinceMs } }: { close: PeriodClose }) {
  const [tone, words] = STATE_WORDS[state];
  return (
    <>
      <Badge tone={tone} dot>{words}</Badge>
      {closingSinceMs !== null && (
        <>
          {" "}
          <Badge tone="info">being tried now</Badge>
        </>
      )}
    </>
  );
}

export function ClosesPage({ frame, model }: { frame: OperatorFrame; model: ClosesModel }) {
  const { tab, tabs, tenantId } = model;
  return (
    <OperatorPage frame={frame} current={PATH}>
      <PageHeader
        title="Period close"
        lede="An invoice becomes final only when Stripe has the ledger’s units and bills our lines. Drafts of the last period are tried again every five minutes."
        actions={<StaleBadge asOfMs={model.asOfMs} />}
      />
      <Segmented
        label="State"
        current={tabs.find(({ key }) => key === tab)?.href ?? PATH}
        options={tabs.map(({ key, href }) => ({ href, label: TAB_WORDS[key] }))}
      />
      <TenantFilter
        path={PATH}
        filters={tab === "held" ? {} : { state: tab }}
        tenantId={tenantId}
        allHref={tab === "held" ? PATH : `${PATH}?state=${tab}`}
      />
      <Card flush>
        <CloseTable model={model} />
        <Pagination firstHref={model.firstHref} nextHref={model.nextHref} order="own" />
      </Card>
    </OperatorPage>
  );
}

function CloseTable({ model: { closes, tab, nextHref } }: { model: ClosesModel }) {
  return (
    <Table
      caption="Closes of billing periods"
      rows={closes}
      rowKey={({ tenantId, periodId }) => `${tenantId} ${periodId}`}
      empty={<NoClose tab={tab} goesOn={nextHref !== null} />}
      columns={[
        {
          key: "period",
          label: "Period from",
          header: true,
          cell: (close) => <a href={closePath(close)}>{close.periodId}</a>,
        },
        {
          key: "tenant",
          label: "Tenant",
          cell: ({ tenantId }) => <TenantLink tenantId={tenantId} />,
        },
        { key: "state", label: "State", cell: (close) => <CloseBadge close={close} /> },
        {
          key: "why",
          label: "Why",
          cell: ({ reasons }) =>
            reasons.length === 0
              ? <span class="muted">–</span>
              : reasons.map(({ code, detail }, at) => (
                <div key={at} class="small break">
                  <code>{code}</code> <bdi>{detail}</bdi>
                </div>
              )),
        },
        {
          key: "invoice",
          label: "Invoice",
          cell: ({ invoiceId }) =>
            invoiceId === null
              ? <span class="muted">none yet</span>
              : <code class="break">{invoiceId}</code>,
        },
        {
          key: "attempts",
          label: "Tries",
          end: true,
          cell: ({ attempts }) => <span class="num">{attempts}</span>,
        },
        {
          key: "updated",
          label: "Last try",
          cell: ({ updatedAtMs }) => <DateTime atMs={updatedAtMs} style="relative" />,
        },
      ]}
    />
  );
}

function NoClose({ tab, goesOn }: { tab: ClosesTab; goesOn: boolean }) {
  if (goesOn) return <EmptyState title="None on this page; go on with the next" icon="search" />;
  if (tab === "held") {
    return (
      <EmptyState title="No draft is held" icon="check">
        <p class="small">Where ledger and Stripe differ, the draft is held and shows up here.</p>
      </EmptyState>
    );
  }
  if (tab === "waiting") return <EmptyState title="No period waits for a draft" icon="check" />;
  return (
    <EmptyState title="No period has been closed yet" icon="invoices">
      <p class="small">The first is tried within minutes after a billing period ends.</p>
    </EmptyState>
  );
}

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
    <OperatorPage frame={frame} current={PATH}>
      <PageHeader
        title={`Period from ${periodId}`}
        crumbs={[{ href: PATH, label: "Period close" }, {
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
        <Theirs model={model} />
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
      note="Sends what is left and compares again; the invoice becomes final if all agrees. For the last period the same happens every five minutes."
    >
      <Facts
        facts={[
          { term: "Tries so far", value: <span class="num">{close.attempts}</span> },
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

function Theirs({ model: { invoice, close } }: { model: CloseModel }) {
  if (invoice === null) {
    return (
      <Card title="Stripe’s invoice">
        <EmptyState title="Stripe has made no draft yet" icon="invoices" />
      </Card>
    );
  }
  if (invoice.kind === "unavailable") {
    return (
      <Card title="Stripe’s invoice">
        <Notice tone="warn" title="Stripe does not answer">
          <p class="break">{invoice.detail}</p>
          <a href={closePath(close)}>Ask again</a>
        </Notice>
      </Card>
    );
  }
  if (invoice.value === null) {
    return (
      <Card title="Stripe’s invoice">
        <EmptyState title="Stripe does not know this invoice any more" icon="warn" />
      </Card>
    );
  }
  return <Invoice invoice={invoice.value} />;
}

function Invoice({ invoice }: { invoice: ProviderInvoice }) {
  const { locale } = useViewer();
  return (
    <Card
      title="Stripe’s invoice"
      aside={
        <Badge tone={invoice.status === "draft" ? "info" : "good"} dot>{invoice.status}</Badge>
      }
      note="With the base fee of the period that follows."
    >
      <ul class="ledger-lines">
        {invoice.lines.map((line, at) => (
          <li key={at}>
            <bdi>{line.meter === null ? line.description : meterLabel(line.meter)}</bdi>
            <Money amount={fromMinor(line.amountMinor)} currency={invoice.currency} />
            {line.meter !== null && (
              <span class="note">{formatUnits(line.units, locale)} units</span>
            )}
          </li>
        ))}
        <li>
          <span>Total</span>
          <Money amount={fromMinor(invoice.totalMinor)} currency={invoice.currency} />
        </li>
      </ul>
    </Card>
  );
}
