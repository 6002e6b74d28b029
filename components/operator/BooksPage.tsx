import { meterLabel } from "@/lib/domain/meter.ts";
import type { BookLine, LedgerEvidence } from "@/lib/ports/usage.ts";
import { PipelineDiagram } from "../charts/PipelineDiagram.tsx";
import { StackBar } from "../charts/StackBar.tsx";
import { Badge } from "../ui/Badge.tsx";
import { Button, ButtonLink } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { EmptyState } from "../ui/EmptyState.tsx";
import { Facts } from "../ui/Facts.tsx";
import { TextField } from "../ui/Field.tsx";
import { Form } from "../ui/Form.tsx";
import { formatUnits } from "../ui/format.ts";
import { Notice } from "../ui/Notice.tsx";
import { PageHeader } from "../ui/PageHeader.tsx";
import { Pagination } from "../ui/Pagination.tsx";
import { Select } from "../ui/Select.tsx";
import { StaleBadge } from "../ui/StaleBadge.tsx";
import { Table } from "../ui/Table.tsx";
import { Segmented } from "../ui/Tabs.tsx";
import { Units } from "../ui/Units.tsx";
import { useViewer } from "../ui/viewer.ts";
import { type OperatorFrame, OperatorPage } from "./OperatorPage.tsx";
import { TenantLink, type TenantNames } from "./TenantLink.tsx";

export type BooksFilter = "all" | "differ" | "outstanding";

type Figures = Pick<
  BookLine,
  | "acknowledged"
  | "adjusted"
  | "log"
  | "windows"
  | "outbox"
  | "sent"
  | "rejected"
  | "confirmed"
  | "writtenOff"
  | "difference"
>;

export interface BooksModel {
  /** When everything was counted. */
  readonly asOfMs: number;
  readonly filter: BooksFilter;
  /** Empty for all tenants. */
  readonly tenantId: string;
  /** Empty for all periods. */
  readonly periodId: string;
  /** Newest first. */
  readonly periods: readonly string[];
  readonly filters: readonly {
    readonly key: BooksFilter;
    readonly href: string;
    readonly lines: number;
  }[];
  /** `null` for one tenant: it compares everything. */
  readonly evidence: LedgerEvidence | null;
  /** Of all lines that fit the filters, not of the page alone. */
  readonly total: Figures;
  readonly lines: readonly BookLine[];
  readonly names: TenantNames;
  /** Lines that fit. */
  readonly shown: number;
  readonly firstHref: string | null;
  readonly nextHref: string | null;
}

const PATH = "/operator/books";

export function BooksPage({ frame, model }: { frame: OperatorFrame; model: BooksModel }) {
  return (
    <OperatorPage frame={frame} current={PATH} names={model.names}>
      <PageHeader
        title="Books"
        lede="Every acknowledged unit is in exactly one place: log, window, outbox, at Stripe, or written off by a person."
        actions={
          <>
            <StaleBadge asOfMs={model.asOfMs} />
            <Form action={PATH} class="" label="Count again">
              <Button size="sm" icon="rotate">Count again</Button>
            </Form>
          </>
        }
      />
      <Verdict model={model} />
      <Filters model={model} />
      <Card
        title={model.tenantId === "" ? "All lines shown" : "All lines of this tenant"}
        note="acknowledged + adjusted = log + windows + outbox + sent − rejected + written off"
      >
        <Picture model={model} />
      </Card>
      <Card flush>
        <Lines model={model} />
        <Pagination firstHref={model.firstHref} nextHref={model.nextHref} order="own" />
      </Card>
      {model.evidence !== null && <Evidence evidence={model.evidence} />}
    </OperatorPage>
  );
}

function Verdict({ model: { filters, evidence } }: { model: BooksModel }) {
  const differing = filters.find(({ key }) => key === "differ")?.lines ?? 0;
  const counted = evidence === null || evidence.moving || evidence.difference === 0n;
  if (differing === 0 && counted) return null;
  return (
    <Notice tone="bad" title="The books differ">
      {differing > 0 && (
        <p>
          {differing} {differing === 1 ? "line does" : "lines do"}{" "}
          not add up: units were acknowledged that no place accounts for, or the other way round.
        </p>
      )}
      {!counted && <p>Segments and ledger counted different sums of everything.</p>}
    </Notice>
  );
}

const FILTER_WORDS: Readonly<Record<BooksFilter, string>> = {
  all: "All lines",
  differ: "Differ",
  outstanding: "Something outstanding",
};

function Filters({ model }: { model: BooksModel }) {
  const { locale } = useViewer();
  const { filter, filters, tenantId, periodId, periods } = model;
  return (
    <>
      <Segmented
        label="Which lines"
        current={filters.find(({ key }) => key === filter)?.href ?? PATH}
        options={filters.map(({ key, href, lines }) => ({
          href,
          label: `${FILTER_WORDS[key]} ${formatUnits(lines, locale)}`,
        }))}
      />
      <Form action={PATH} method="get" class="filters" label="Filter the books">
        {filter !== "all" && <input type="hidden" name="show" value={filter} />}
        <TextField
          name="tenant"
          label="Tenant id or name"
          type="search"
          value={tenantId}
          maxLength={100}
          spellcheck={false}
        />
        <Select
          name="period"
          label="Billing period"
          value={periodId}
          options={[
            { value: "", label: "All periods" },
            ...periods.map((period) => ({ value: period, label: `from ${period}` })),
            ...periodId === "" || periods.includes(periodId)
              ? []
              : [{ value: periodId, label: `from ${periodId}` }],
          ]}
        />
        <Button icon="search">Show</Button>
        {(tenantId !== "" || periodId !== "") && <ButtonLink href={PATH}>Show all</ButtonLink>}
      </Form>
    </>
  );
}

function Picture({ model: { total } }: { model: BooksModel }) {
  const { locale } = useViewer();
  return (
    <PipelineDiagram
      acknowledged={total.acknowledged + total.adjusted}
      difference={total.difference}
      stages={[
        { name: "Log", units: total.log, note: "acknowledged, not folded", class: "s3" },
        { name: "Windows", units: total.windows, note: "folded, minute open", class: "s5" },
        { name: "Outbox", units: total.outbox, note: "sealed, not through", class: "s4" },
        {
          name: "At Stripe",
          units: total.sent - total.rejected,
          note: `${formatUnits(total.confirmed, locale)} confirmed`,
          class: "s0",
        },
        {
          name: "Written off",
          units: total.writtenOff,
          note: "given up, by a person",
          class: "s-bad",
        },
      ]}
    />
  );
}

function Lines({ model }: { model: BooksModel }) {
  return (
    <Table
      caption="Books by tenant, period, meter and plan version"
      rows={model.lines}
      rowKey={(line) =>
        JSON.stringify([line.tenantId, line.periodId, line.meter, line.planRevision])}
      empty={<NoLine model={model} />}
      columns={[
        {
          key: "tenant",
          label: "Tenant",
          header: true,
          cell: ({ tenantId }) => <TenantLink tenantId={tenantId} />,
        },
        {
          key: "meter",
          label: "Meter",
          cell: ({ meter, planRevision, periodId }) => (
            <>
              {meterLabel(meter)}
              <div class="muted mono small">
                {planRevision} <span class="nowrap">{periodId}</span>
              </div>
            </>
          ),
        },
        {
          key: "acknowledged",
          label: "Acknowledged",
          end: true,
          cell: ({ acknowledged, adjusted }) => (
            <>
              <Units units={acknowledged + adjusted} />
              {adjusted !== 0n && (
                <div class="muted small">
                  of these <Units units={adjusted} /> adjusted
                </div>
              )}
            </>
          ),
        },
        { key: "log", label: "Log", end: true, cell: ({ log }) => <Units units={log} /> },
        {
          key: "windows",
          label: "Windows",
          end: true,
          cell: ({ windows }) => <Units units={windows} />,
        },
        {
          key: "outbox",
          label: "Outbox",
          end: true,
          cell: ({ tenantId, outbox }) =>
            outbox === 0n
              ? <Units units={outbox} />
              : (
                <a href={`/operator/outbox?${new URLSearchParams({ tenant: tenantId })}`}>
                  <Units units={outbox} />
                </a>
              ),
        },
        {
          key: "stripe",
          label: "At Stripe",
          end: true,
          cell: ({ sent, rejected, confirmed }) => (
            <>
              <Units units={sent - rejected} />
              <div class="muted small">
                <Units units={confirmed} /> confirmed
              </div>
            </>
          ),
        },
        {
          key: "off",
          label: "Written off",
          end: true,
          cell: ({ writtenOff }) => <Units units={writtenOff} />,
        },
        { key: "bar", label: "Where they are", cell: (line) => <WhereBar line={line} /> },
        {
          key: "difference",
          label: "Difference",
          end: true,
          cell: ({ difference, moving }) =>
            moving
              ? <Badge>moving</Badge>
              : difference === 0n
              ? <Badge tone="good">0</Badge>
              : (
                <Badge tone="bad">
                  <Units units={difference} />
                </Badge>
              ),
        },
      ]}
    />
  );
}

/** The figures stand beside it. */
function WhereBar({ line }: { line: BookLine }) {
  const parts = [
    { key: "stripe", label: "At Stripe", class: "s0", units: line.sent - line.rejected },
    { key: "outbox", label: "Outbox", class: "s4", units: line.outbox },
    { key: "windows", label: "Windows", class: "s5", units: line.windows },
    { key: "log", label: "Log", class: "s3", units: line.log },
    { key: "off", label: "Written off", class: "s-bad", units: line.writtenOff },
  ].filter(({ units }) => units > 0n);
  return (
    <div class="where-bar">
      <StackBar
        legend={false}
        summary={parts.map(({ label, units }) => `${label} ${units}`).join(", ") || "nothing"}
        parts={parts.map(({ units, ...part }) => ({ ...part, value: Number(units) }))}
      />
    </div>
  );
}

function NoLine({ model: { filter, tenantId, periodId } }: { model: BooksModel }) {
  if (filter === "differ") {
    return (
      <EmptyState title="Every line adds up" icon="check">
        <p class="small">Counted hourly too; a difference raises an alarm.</p>
      </EmptyState>
    );
  }
  if (filter === "outstanding") {
    return <EmptyState title="Nothing is outstanding: Stripe has every unit" icon="check" />;
  }
  return (
    <EmptyState
      title={tenantId === "" && periodId === "" ? "Nothing was counted yet" : "No such line"}
      icon="usage"
    >
      <p class="small">A line appears with the first metered call.</p>
    </EmptyState>
  );
}

function Evidence({ evidence }: { evidence: LedgerEvidence }) {
  const { segments, ledger, difference, moving } = evidence;
  return (
    <Card
      title="Two counts of everything"
      note="Each segment carries its own running sum. It must equal what all folds wrote into the ledger."
    >
      <Facts
        facts={[
          { term: "By the segments", value: <Units units={segments} /> },
          { term: "By the ledger", value: <Units units={ledger} /> },
          {
            term: "Difference",
            value: moving
              ? <Badge>moving</Badge>
              : difference === 0n
              ? <Badge tone="good" dot>none</Badge>
              : (
                <Badge tone="bad" dot>
                  <Units units={difference} />
                </Badge>
              ),
          },
        ]}
      />
    </Card>
  );
}
