import { SECOND_APPROVAL_ABOVE_MINOR } from "@/lib/domain/adjustment.ts";
import { type Correction, SECOND_APPROVAL_ABOVE } from "@/lib/domain/correction.ts";
import { formatMinor, fromMinor } from "@/lib/domain/money.ts";
import { meterLabel } from "@/lib/domain/meter.ts";
import type {
  AdjustmentWanted,
  CorrectionWanted,
  CreditWanted,
} from "@/lib/operator/money_forms.ts";
import type { Adjustment, Credit } from "@/lib/ports/billing_store.ts";
import { Badge, type Tone } from "../ui/Badge.tsx";
import { Button, ButtonLink } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { DateTime } from "../ui/DateTime.tsx";
import { EmptyState } from "../ui/EmptyState.tsx";
import { TextArea, TextField } from "../ui/Field.tsx";
import { Form } from "../ui/Form.tsx";
import { formatUnits } from "../ui/format.ts";
import { Money } from "../ui/Money.tsx";
import { Notice } from "../ui/Notice.tsx";
import { Select } from "../ui/Select.tsx";
import { StaleBadge } from "../ui/StaleBadge.tsx";
import { Table } from "../ui/Table.tsx";
import { Segmented } from "../ui/Tabs.tsx";
import { Units } from "../ui/Units.tsx";
import { useViewer } from "../ui/viewer.ts";
import { type BillImpactModel, BillImpactTable } from "./BillImpactTable.tsx";
import type { OperatorFrame } from "./OperatorPage.tsx";
import { entryPath } from "./OutboxPage.tsx";
import { tenantPath } from "./TenantLink.tsx";
import { type TenantFrame, TenantPage } from "./TenantPage.tsx";

export type MoneyFormKind = "credit" | "adjustment" | "correction";

/** What the three forms hold, as typed. */
export interface MoneyDraft {
  readonly name: string;
  readonly category: "paid" | "promotional";
  readonly amount: string;
  readonly expires: string;
  readonly period: string;
  readonly note: string;
  readonly line: string;
  readonly units: string;
  readonly reason: string;
}

/** Read and priced, and waiting to be confirmed. */
export type MoneyProposal =
  & {
    /** Of the thing that the confirmation makes. */
    readonly id: string;
    readonly impact: BillImpactModel;
    readonly needsSecond: boolean;
  }
  & (
    | { readonly kind: "credit"; readonly credit: CreditWanted }
    | { readonly kind: "adjustment"; readonly adjustment: AdjustmentWanted }
    | { readonly kind: "correction"; readonly correction: CorrectionWanted }
  );

export type MoneyDecision =
  & {
    /** The reader proposed it and can't approve it. */
    readonly isOwn: boolean;
    /** `null` when the period can't be priced. */
    readonly impact: BillImpactModel | null;
  }
  & (
    | { readonly kind: "adjustment"; readonly adjustment: Adjustment }
    | { readonly kind: "correction"; readonly correction: Correction }
  );

export interface TenantMoneyModel {
  readonly tenantId: string;
  readonly currency: string;
  readonly asOfMs: number;
  /** At Stripe. */
  readonly isCustomer: boolean;
  /** Whose adjustments are shown. */
  readonly periodId: string;
  readonly periods: readonly string[];
  /** Periods that can be adjusted, the one under way first. */
  readonly openPeriods: readonly string[];
  readonly credits: readonly Credit[];
  /** Newest first. */
  readonly adjustments: readonly Adjustment[];
  /** The newest ones, newest first. */
  readonly corrections: readonly Correction[];
  readonly lines: readonly {
    readonly value: string;
    readonly meter: string;
    readonly planRevision: string;
    readonly periodId: string;
    readonly units: bigint;
  }[];
  readonly decision: MoneyDecision | null;
  readonly proposal: MoneyProposal | null;
  readonly draft: MoneyDraft;
  /** Which form was refused, and where and why. */
  readonly error: {
    readonly form: MoneyFormKind;
    readonly field: string | null;
    readonly detail: string;
  } | null;
}

function pathOf(tenantId: string): string {
  return tenantPath(tenantId, "money");
}

/** Where the page asks for a decision, with the bill as it would become. */
export function decidePath(tenantId: string, id: string): string {
  return `${pathOf(tenantId)}?${new URLSearchParams({ decide: id })}`;
}

export function TenantMoneyPage(
  { frame, head, model }: { frame: OperatorFrame; head: TenantFrame; model: TenantMoneyModel },
) {
  return (
    <TenantPage frame={frame} head={head} tab="money">
      {model.decision !== null && <Decision model={model} decision={model.decision} />}
      {model.proposal !== null && <Proposal model={model} proposal={model.proposal} />}
      <Credits model={model} />
      <Adjustments model={model} />
      <Corrections model={model} />
    </TenantPage>
  );
}

function Hidden({ fields }: { fields: Readonly<Record<string, string>> }) {
  return (
    <>
      {Object.entries(fields).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
    </>
  );
}

const TITLES: Readonly<Record<MoneyFormKind, string>> = {
  credit: "Grant this credit?",
  adjustment: "Adjust the bill?",
  correction: "Correct the units?",
};

function Proposal({ model, proposal }: { model: TenantMoneyModel; proposal: MoneyProposal }) {
  return (
    <Card title={TITLES[proposal.kind]}>
      <p>
        <ProposalWords model={model} proposal={proposal} />
      </p>
      <BillImpactTable impact={proposal.impact} />
      {proposal.needsSecond && (
        <Notice tone="warn" title="A second person has to approve it">
          It bills nothing until then, and waits under Approvals.
        </Notice>
      )}
      <Form action={pathOf(model.tenantId)} label="Confirm">
        <Hidden
          fields={{ ...model.draft, act: "confirm", form: proposal.kind, id: proposal.id }}
        />
        <div class="form-actions">
          <Button kind="primary">
            {proposal.needsSecond ? "Propose it" : "Confirm"}
          </Button>
          <ButtonLink href={pathOf(model.tenantId)}>Leave it</ButtonLink>
        </div>
      </Form>
    </Card>
  );
}

function ProposalWords(
  { model: { currency }, proposal }: { model: TenantMoneyModel; proposal: MoneyProposal },
) {
  switch (proposal.kind) {
    case "credit":
      return (
        <>
          <bdi>{proposal.credit.name}</bdi>:{" "}
          <Money amount={fromMinor(proposal.credit.amountMinor)} currency={currency} />{" "}
          {proposal.credit.category}, {proposal.credit.expiresAtMs === null ? "never expires" : (
            <>
              good until <DateTime atMs={proposal.credit.expiresAtMs} style="date" utc />
            </>
          )}. It pays for usage from now on.
        </>
      );
    case "adjustment":
      return (
        <>
          <Money amount={fromMinor(proposal.adjustment.amountMinor)} currency={currency} />{" "}
          in the period from <code>{proposal.adjustment.periodId}</code>:{" "}
          <bdi>{proposal.adjustment.note}</bdi>. A line of its own on the invoice.
        </>
      );
    case "correction":
      return (
        <>
          <Units units={proposal.correction.units} /> units of{" "}
          {meterLabel(proposal.correction.meter)} under{" "}
          <code>{proposal.correction.planRevision}</code> in the period from{" "}
          <code>{proposal.correction.periodId}</code>:{" "}
          <bdi>{proposal.correction.reason}</bdi>. An outbox entry of its own.
        </>
      );
  }
}

function Decision({ model, decision }: { model: TenantMoneyModel; decision: MoneyDecision }) {
  const id = decision.kind === "adjustment"
    ? decision.adjustment.adjustmentId
    : decision.correction.correctionId;
  const author = decision.kind === "adjustment"
    ? decision.adjustment.createdBy
    : decision.correction.author;
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
      <Form action={pathOf(model.tenantId)} label="Decide">
        <Hidden fields={{ act: "decide", kind: decision.kind, id }} />
        <div class="form-actions">
          {!decision.isOwn && (
            <Button kind="primary" name="decision" value="approve">Approve</Button>
          )}
          <Button kind="danger" name="decision" value="refuse">
            {decision.isOwn ? "Take it back" : "Refuse"}
          </Button>
          <ButtonLink href={pathOf(model.tenantId)}>Decide later</ButtonLink>
        </div>
      </Form>
    </Card>
  );
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
  const { units, meter, planRevision, periodId, reason } = decision.correction;
  return (
    <>
      <Units units={units} /> units of {meterLabel(meter)} under <code>{planRevision}</code>{" "}
      in the period from <code>{periodId}</code>: <bdi>{reason}</bdi>
    </>
  );
}

/** Fields of one form, with its own error where there is one. */
function fieldsOf({ draft, error }: TenantMoneyModel, form: MoneyFormKind) {
  const own = error?.form === form ? error : null;
  return (name: keyof MoneyDraft) => ({
    scope: form,
    name,
    value: draft[name],
    error: own?.field === name ? own.detail : undefined,
  });
}

function FormError({ model: { error }, form }: { model: TenantMoneyModel; form: MoneyFormKind }) {
  if (error === null || error.form !== form || error.field !== null) return null;
  return <Notice tone="bad" title="Nothing was done">{error.detail}</Notice>;
}

function Credits({ model }: { model: TenantMoneyModel }) {
  const field = fieldsOf(model, "credit");
  return (
    <Card
      title="Credits"
      note="Prepaid or promotional money that usage draws from, here and at Stripe."
      aside={<StaleBadge asOfMs={model.asOfMs} />}
    >
      <CreditTable model={model} />
      <FormError model={model} form="credit" />
      <Form action={pathOf(model.tenantId)} label="Grant a credit">
        <Hidden fields={{ act: "preview", form: "credit" }} />
        <div class="fields">
          <TextField
            {...field("name")}
            label="Name"
            maxLength={100}
            required
            hint="As the tenant reads it."
          />
          <TextField
            {...field("amount")}
            label={`Amount in ${model.currency.toUpperCase()}`}
            inputMode="decimal"
            required
          />
          <Select
            {...field("category")}
            label="Category"
            options={[
              { value: "promotional", label: "Promotional" },
              { value: "paid", label: "Paid for" },
            ]}
          />
          <TextField {...field("expires")} label="Good until" type="date" hint="Empty: for ever." />
        </div>
        <div class="form-actions">
          <Button>Show what it changes</Button>
        </div>
      </Form>
    </Card>
  );
}

function CreditTable({ model: { credits, tenantId, isCustomer } }: { model: TenantMoneyModel }) {
  const left = ({ amountMinor, draws }: Credit) =>
    draws.reduce((rest, draw) => rest - draw.amountMinor, amountMinor);
  return (
    <Table
      caption="Credits"
      rows={credits}
      rowKey={({ creditId }) => creditId}
      empty={<EmptyState title="No credit" icon="money" />}
      columns={[
        {
          key: "name",
          label: "Credit",
          header: true,
          cell: ({ name, creditId }) => (
            <>
              <bdi>{name}</bdi>
              <div class="muted mono small break">{creditId}</div>
            </>
          ),
        },
        { key: "category", label: "Category", cell: ({ category }) => category },
        {
          key: "amount",
          label: "Granted",
          end: true,
          cell: ({ amountMinor, currency }) => (
            <Money amount={fromMinor(amountMinor)} currency={currency} />
          ),
        },
        {
          key: "left",
          label: "Left after closed periods",
          end: true,
          cell: (credit) => <Money amount={fromMinor(left(credit))} currency={credit.currency} />,
        },
        {
          key: "expires",
          label: "Good until",
          cell: ({ expiresAtMs }) =>
            expiresAtMs === null
              ? <span class="muted">for ever</span>
              : <DateTime atMs={expiresAtMs} style="date" utc />,
        },
        {
          key: "stripe",
          label: "At Stripe",
          cell: ({ creditGrantId, creditId }) =>
            creditGrantId !== null
              ? <Badge tone="good" dot>there</Badge>
              : !isCustomer
              ? <span class="muted">with the customer</span>
              : (
                <Form action={pathOf(tenantId)} class="" label="Give it to Stripe">
                  <Hidden fields={{ act: "mirror", id: creditId }} />
                  <Button size="sm">Give it to Stripe</Button>
                </Form>
              ),
        },
      ]}
    />
  );
}

const DECISION_TONES: Readonly<Record<Correction["state"], Tone>> = {
  pending: "warn",
  approved: "warn",
  applied: "good",
  refused: "neutral",
};

function Adjustments({ model }: { model: TenantMoneyModel }) {
  const { locale } = useViewer();
  const { tenantId, periods, periodId, currency } = model;
  const path = pathOf(tenantId);
  const field = fieldsOf(model, "adjustment");
  const hrefOf = (period: string) => `${path}?${new URLSearchParams({ period })}`;
  return (
    <Card
      title="Adjustments"
      note={`Money added or forgiven, as a line of its own. Beyond ${
        formatMinor(SECOND_APPROVAL_ABOVE_MINOR, currency, locale)
      } a second person has to approve it.`}
    >
      <Segmented
        label="Billing period"
        current={hrefOf(periodId)}
        options={periods.map((period) => ({ href: hrefOf(period), label: `from ${period}` }))}
      />
      <AdjustmentTable model={model} />
      <FormError model={model} form="adjustment" />
      <Form action={path} label="Adjust the bill">
        <Hidden fields={{ act: "preview", form: "adjustment" }} />
        <div class="fields">
          <TextField
            {...field("amount")}
            label={`Amount in ${currency.toUpperCase()}`}
            inputMode="decimal"
            required
            hint="−12.50 forgives, 12.50 adds."
          />
          <Select
            {...field("period")}
            label="Billing period"
            options={model.openPeriods.map((period) => ({
              value: period,
              label: `from ${period}`,
            }))}
          />
        </div>
        <TextArea
          {...field("note")}
          label="Reason"
          rows={2}
          maxLength={500}
          required
          hint="Stands on the tenant’s statement."
        />
        <div class="form-actions">
          <Button>Show what it changes</Button>
        </div>
      </Form>
    </Card>
  );
}

function AdjustmentTable({ model }: { model: TenantMoneyModel }) {
  return (
    <Table
      caption="Adjustments of the period, newest first"
      rows={model.adjustments}
      rowKey={({ adjustmentId }) => adjustmentId}
      empty={<EmptyState title="No adjustment in this period" icon="money" />}
      columns={[
        {
          key: "note",
          label: "Reason",
          header: true,
          cell: ({ note }) => <bdi>{note}</bdi>,
        },
        {
          key: "amount",
          label: "Amount",
          end: true,
          cell: ({ amountMinor, currency }) => (
            <Money amount={fromMinor(amountMinor)} currency={currency} />
          ),
        },
        {
          key: "state",
          label: "State",
          cell: ({ state }) => <Badge tone={DECISION_TONES[state]} dot>{state}</Badge>,
        },
        {
          key: "who",
          label: "By",
          cell: ({ createdBy, createdAtMs, approver }) => (
            <>
              <bdi>{createdBy}</bdi> <DateTime atMs={createdAtMs} />
              {approver !== null && (
                <div class="muted small">
                  decided by <bdi>{approver}</bdi>
                </div>
              )}
            </>
          ),
        },
        {
          key: "actions",
          label: "Decide",
          actions: true,
          cell: ({ state, adjustmentId, note }) =>
            state === "pending" && (
              <ButtonLink size="sm" href={decidePath(model.tenantId, adjustmentId)}>
                Decide<span class="sr-only">: {note}</span>
              </ButtonLink>
            ),
        },
      ]}
    />
  );
}

function Corrections({ model }: { model: TenantMoneyModel }) {
  const { locale } = useViewer();
  const field = fieldsOf(model, "correction");
  return (
    <Card
      title="Unit corrections"
      note={`Counted units, up or down, as an outbox entry of its own. Beyond ${
        formatUnits(SECOND_APPROVAL_ABOVE, locale)
      } units a second person has to approve it.`}
    >
      <CorrectionTable model={model} />
      <FormError model={model} form="correction" />
      {model.lines.length === 0
        ? <EmptyState title="The plan has no meter to correct" icon="usage" />
        : (
          <Form action={pathOf(model.tenantId)} label="Correct units">
            <Hidden fields={{ act: "preview", form: "correction" }} />
            <div class="fields">
              <Select
                {...field("line")}
                label="Which units"
                options={model.lines.map(({ value, meter, planRevision, periodId, units }) => ({
                  value,
                  label: `${meterLabel(meter)}, from ${periodId}, ${planRevision}: ${
                    formatUnits(units, locale)
                  }`,
                }))}
              />
              <TextField
                {...field("units")}
                label="Units"
                inputMode="numeric"
                required
                hint="−1,200 takes away, 1,200 adds."
              />
            </div>
            <TextArea {...field("reason")} label="Reason" rows={2} maxLength={500} required />
            <div class="form-actions">
              <Button>Show what it changes</Button>
            </div>
          </Form>
        )}
    </Card>
  );
}

function CorrectionTable({ model }: { model: TenantMoneyModel }) {
  return (
    <Table
      caption="Corrections, newest first"
      rows={model.corrections}
      rowKey={({ correctionId }) => correctionId}
      empty={<EmptyState title="No correction" icon="usage" />}
      columns={[
        {
          key: "reason",
          label: "Reason",
          header: true,
          cell: ({ reason }) => <bdi>{reason}</bdi>,
        },
        {
          key: "line",
          label: "Line",
          cell: ({ meter, planRevision, periodId }) => (
            <>
              {meterLabel(meter)}
              <div class="muted mono small">{planRevision}</div>
              <div class="muted mono small">{periodId}</div>
            </>
          ),
        },
        { key: "units", label: "Units", end: true, cell: ({ units }) => <Units units={units} /> },
        {
          key: "state",
          label: "State",
          cell: ({ state, entryId }) => (
            <>
              <Badge tone={DECISION_TONES[state]} dot>{state}</Badge>
              {entryId !== null && (
                <div class="small">
                  <a href={entryPath(entryId)}>its entry</a>
                </div>
              )}
            </>
          ),
        },
        {
          key: "who",
          label: "By",
          cell: ({ author, createdAtMs, approver }) => (
            <>
              <bdi>{author}</bdi> <DateTime atMs={createdAtMs} />
              {approver !== null && approver !== author && (
                <div class="muted small">
                  decided by <bdi>{approver}</bdi>
                </div>
              )}
            </>
          ),
        },
        {
          key: "actions",
          label: "Decide",
          actions: true,
          cell: ({ state, correctionId, reason }) =>
            (state === "pending" || state === "approved") && (
              <ButtonLink size="sm" href={decidePath(model.tenantId, correctionId)}>
                {state === "pending" ? "Decide" : "Finish"}
                <span class="sr-only">: {reason}</span>
              </ButtonLink>
            ),
        },
      ]}
    />
  );
}
