import type { StatementLine } from "@/lib/domain/statement.ts";
import { fromMinor } from "@/lib/domain/money.ts";
import { meterLabel } from "@/lib/domain/meter.ts";
import type { RequestRecord } from "@/lib/ports/traffic.ts";
import type { BookLine, UsagePoint } from "@/lib/ports/usage.ts";
import { PipelineDiagram } from "../charts/PipelineDiagram.tsx";
import { Card } from "../ui/Card.tsx";
import { DateTime } from "../ui/DateTime.tsx";
import { EmptyState } from "../ui/EmptyState.tsx";
import { Facts } from "../ui/Facts.tsx";
import { formatExact, formatUnits } from "../ui/format.ts";
import { Money } from "../ui/Money.tsx";
import { Notice } from "../ui/Notice.tsx";
import { PageHeader } from "../ui/PageHeader.tsx";
import { Table } from "../ui/Table.tsx";
import { Units } from "../ui/Units.tsx";
import { useViewer } from "../ui/viewer.ts";
import { type PortalFrame, PortalPage } from "./PortalPage.tsx";
import { UsageChart, type UsageSeries } from "./UsageChart.tsx";

export interface LineModel {
  readonly periodId: string;
  readonly line: StatementLine;
  readonly currency: string;
  /** Units of the line by UTC day. */
  readonly days: UsageSeries;
  /** Units of an hour that began before the plan version did: no day shows them. */
  readonly unplacedUnits: bigint;
  readonly day: {
    readonly startMs: number;
    readonly hours: readonly {
      readonly startMs: number;
      readonly units: bigint;
      readonly billedUnits: bigint;
      readonly href: string;
    }[];
  } | null;
  readonly hour: {
    readonly startMs: number;
    readonly windows: readonly UsagePoint[];
    readonly calls: readonly RequestRecord[];
    /** There are others, in the request log. */
    readonly moreCalls: boolean;
  } | null;
  readonly books: readonly BookLine[];
}

/** Explains one line: from the amount to the rule, the days, the hours and the calls behind it. */
export function LinePage({ frame, model }: { frame: PortalFrame; model: LineModel }) {
  const { line, currency } = model;
  const { locale } = frame.viewer;
  return (
    <PortalPage frame={frame} current="/portal/invoices">
      <PageHeader
        title={meterLabel(line.meter ?? "usage")}
        crumbs={[
          { href: "/portal/invoices", label: "Invoices" },
          { href: `/portal/invoices/${model.periodId}`, label: model.periodId },
        ]}
        lede={lineWords(line, { currency, locale })}
      />
      <div class="main-aside">
        <Card
          title="Units of this line by day"
          note="Days are UTC days. Open one to see its hours."
        >
          {model.days.total === 0n
            ? <EmptyState title="No units in this line" icon="usage" />
            : (
              <UsageChart
                series={model.days}
                summary={`Units per day, ${formatUnits(model.days.total, locale)} in all`}
              />
            )}
          <DayLinks days={model.days} />
          {model.unplacedUnits > 0n && (
            <Notice>
              <Units units={model.unplacedUnits} />{" "}
              units fall into an hour that began before this plan version did; they show under no
              single day.
            </Notice>
          )}
        </Card>
        <Arithmetic model={model} />
      </div>
      {model.day !== null && <Hours day={model.day} />}
      {model.hour !== null && <Hour hour={model.hour} currency={currency} />}
      {model.books.map((book) => <Books key={book.planRevision} book={book} />)}
    </PortalPage>
  );
}

/** “Step 2: 4,000 units at $0.002”. */
function lineWords(
  { part, planRevision }: StatementLine,
  { currency, locale }: { currency: string; locale: string },
): string {
  if (part === null) return planRevision ?? "";
  const step = part.tier === null ? "" : `Step ${part.tier}: `;
  const count = formatUnits(part.quantity, locale);
  const price = formatExact(part.unitAmount, currency, locale);
  switch (part.kind) {
    case "included":
      return `${count} included units`;
    case "units":
      return `${step}${count} units at ${price}`;
    case "packages":
      return `${count} packages at ${price}`;
    case "flat":
      return `${step}flat fee`;
  }
}

function Arithmetic({ model: { line, currency } }: { model: LineModel }) {
  const { locale } = useViewer();
  const { part } = line;
  return (
    <Card title="The arithmetic">
      <Facts
        wide
        facts={[
          ...(part === null ? [] : [
            {
              term: "Covers units",
              value: `${formatUnits(part.fromUnits + 1n, locale)} to ${
                formatUnits(part.toUnits, locale)
              }`,
            },
            { term: "Quantity", value: formatUnits(part.quantity, locale) },
            { term: "Price", value: <Money amount={part.unitAmount} currency={currency} exact /> },
          ]),
          { term: "Exact", value: <Money amount={line.amount} currency={currency} exact /> },
          {
            term: "Rounded half up",
            value: <Money amount={fromMinor(line.amountMinor)} currency={currency} />,
          },
          { term: "Plan version", value: <code>{line.planRevision ?? "none"}</code> },
        ]}
      />
    </Card>
  );
}

function DayLinks({ days }: { days: UsageSeries }) {
  const units = days.parts[0]?.units ?? [];
  return (
    <details class="chart-table">
      <summary>As a table</summary>
      <Table
        caption="Units of this line by day"
        rows={days.slots.map((slot, at) => ({ ...slot, units: units[at] ?? 0n }))
          .filter((row) => row.units > 0n)}
        rowKey={(row) => String(row.startMs)}
        empty={null}
        cards={false}
        columns={[
          {
            key: "day",
            label: "Day",
            header: true,
            cell: (row) => (
              <a href={row.href ?? ""}>
                <DateTime atMs={row.startMs} style="date" utc />
              </a>
            ),
          },
          { key: "units", label: "Units", end: true, cell: (row) => <Units units={row.units} /> },
        ]}
      />
    </details>
  );
}

function Hours({ day }: { day: NonNullable<LineModel["day"]> }) {
  return (
    <Card title="Hours of the day" id="day" flush>
      <Table
        caption="Units by hour"
        rows={day.hours}
        rowKey={(row) => String(row.startMs)}
        empty={<EmptyState title="No units of this line on that day" icon="usage" />}
        cards={false}
        columns={[
          {
            key: "hour",
            label: "Hour",
            header: true,
            cell: (row) => (
              <a href={row.href}>
                <DateTime atMs={row.startMs} />
              </a>
            ),
          },
          { key: "units", label: "Units", end: true, cell: (row) => <Units units={row.units} /> },
          {
            key: "billed",
            label: "Of them in this line",
            end: true,
            cell: (row) => <Units units={row.billedUnits} />,
          },
        ]}
      />
    </Card>
  );
}

function Hour(
  { hour, currency }: { hour: NonNullable<LineModel["hour"]>; currency: string },
) {
  return (
    <div class="grid-2" id="hour">
      <Card title="Windows of the hour" flush>
        <Table
          caption="Units by usage window"
          rows={hour.windows}
          rowKey={(row) => String(row.startMs)}
          empty={
            <EmptyState title="Windows are no longer kept" icon="clock">
              <p class="small">The hour's own total stays in the books.</p>
            </EmptyState>
          }
          cards={false}
          columns={[
            {
              key: "window",
              label: "Window",
              header: true,
              cell: (row) => <DateTime atMs={row.startMs} style="time" />,
            },
            { key: "units", label: "Units", end: true, cell: (row) => <Units units={row.units} /> },
          ]}
        />
      </Card>
      <Card
        title="Calls of the hour"
        note={hour.moreCalls
          ? `Of all meters, the newest ${hour.calls.length}; the request log has the others.`
          : "Of all meters, as far as calls are kept."}
        flush
      >
        <Table
          caption="Calls"
          rows={hour.calls}
          rowKey={(row) => row.requestId}
          empty={<EmptyState title="Calls are no longer kept" icon="clock" />}
          cards={false}
          columns={[
            {
              key: "call",
              label: "Call",
              header: true,
              cell: (row) => <span class="mono nowrap">{row.requestId}</span>,
            },
            { key: "units", label: "Units", end: true, cell: (row) => <Units units={row.units} /> },
            {
              key: "cost",
              label: "Cost",
              end: true,
              cell: (row) => <Money amount={row.cost} currency={currency} exact />,
            },
          ]}
        />
      </Card>
    </div>
  );
}

function Books({ book }: { book: BookLine }) {
  return (
    <Card
      title="Where the units of this meter are"
      note="Of the whole period and plan version, on their way to Stripe."
    >
      <PipelineDiagram
        acknowledged={book.acknowledged + book.adjusted}
        difference={book.moving ? 0n : book.difference}
        stages={pipelineStages(book)}
      />
    </Card>
  );
}

/** Disjoint stages of a book line that add up to what was acknowledged and adjusted. */
export function pipelineStages(book: BookLine) {
  return [
    { name: "Log", units: book.log, note: "durable, not yet folded", class: "s1" },
    { name: "Windows", units: book.windows, note: "minutes still open", class: "s4" },
    { name: "Outbox", units: book.outbox, note: "frozen, to be sent", class: "s3" },
    {
      name: "Sent",
      units: book.sent - book.rejected - book.confirmed,
      note: "accepted by Stripe",
      class: "s0",
    },
    { name: "Confirmed", units: book.confirmed, note: "in Stripe's own summary", class: "s6" },
    ...(book.writtenOff === 0n ? [] : [{
      name: "Written off",
      units: book.writtenOff,
      note: "by an operator, not billed",
      class: "s-rest",
    }]),
  ];
}
