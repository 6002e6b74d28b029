import type { StatementLine } from "@/lib/domain/statement.ts";
import { fromMinor } from "@/lib/domain/money.ts";
import { type Say, sayIn } from "@/lib/i18n/portal/messages.ts";
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
import { useWords, type Words, wordsIn } from "./words.ts";

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
  const words = wordsIn(locale);
  const { say, count, meterWords } = words;
  return (
    <PortalPage frame={frame} current="/portal/invoices">
      <PageHeader
        title={meterWords(line.meter ?? "usage")}
        crumbs={[
          { href: "/portal/invoices", label: say("nav_invoices") },
          { href: `/portal/invoices/${model.periodId}`, label: model.periodId },
        ]}
        lede={lineWords(line, { ...words, currency, locale })}
      />
      <div class="main-aside">
        <Card
          title={say("units_by_day")}
          note={say("units_by_day_note")}
        >
          {model.days.total === 0n
            ? <EmptyState title={say("no_units_in_line")} icon="usage" />
            : (
              <UsageChart
                series={model.days}
                summary={say("units_per_day_summary", {
                  units: formatUnits(model.days.total, locale),
                })}
              />
            )}
          <DayLinks days={model.days} />
          {model.unplacedUnits > 0n && (
            <Notice>{count("unplaced_units", model.unplacedUnits)}</Notice>
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

/** “Tier 2: 4,000 units at $0.002”. */
function lineWords(
  { part, planRevision }: StatementLine,
  { say, count, currency, locale }: Words & { currency: string; locale: string },
): string {
  if (part === null) return planRevision ?? "";
  const { tier, quantity } = part;
  const inTier = (what: string) => tier === null ? what : say("in_tier", { tier, what });
  const price = formatExact(part.unitAmount, currency, locale);
  switch (part.kind) {
    case "included":
      return count("included_units", quantity);
    case "units":
      return inTier(count("units_at", quantity, { price }));
    case "packages":
      return count("packages_at", quantity, { price });
    case "flat":
      return inTier(say("flat_fee"));
  }
}

function Arithmetic({ model: { line, currency } }: { model: LineModel }) {
  const { locale } = useViewer();
  const { say } = useWords();
  const { part } = line;
  return (
    <Card title={say("arithmetic")}>
      <Facts
        wide
        facts={[
          ...(part === null ? [] : [
            {
              term: say("covers_units"),
              value: say("units_between", {
                from: formatUnits(part.fromUnits + 1n, locale),
                to: formatUnits(part.toUnits, locale),
              }),
            },
            { term: say("quantity"), value: formatUnits(part.quantity, locale) },
            {
              term: say("price"),
              value: <Money amount={part.unitAmount} currency={currency} exact />,
            },
          ]),
          { term: say("exact"), value: <Money amount={line.amount} currency={currency} exact /> },
          {
            term: say("rounded_half_up"),
            value: <Money amount={fromMinor(line.amountMinor)} currency={currency} />,
          },
          { term: say("plan_version"), value: <code>{line.planRevision ?? say("none")}</code> },
        ]}
      />
    </Card>
  );
}

function DayLinks({ days }: { days: UsageSeries }) {
  const { say } = useWords();
  const units = days.parts[0]?.units ?? [];
  return (
    <details class="chart-table">
      <summary>{say("as_a_table")}</summary>
      <Table
        caption={say("units_by_day")}
        rows={days.slots.map((slot, at) => ({ ...slot, units: units[at] ?? 0n }))
          .filter((row) => row.units > 0n)}
        rowKey={(row) => String(row.startMs)}
        empty={null}
        cards={false}
        columns={[
          {
            key: "day",
            label: say("day"),
            header: true,
            cell: (row) => (
              <a href={row.href ?? ""}>
                <DateTime atMs={row.startMs} style="date" utc />
              </a>
            ),
          },
          {
            key: "units",
            label: say("units"),
            end: true,
            cell: (row) => <Units units={row.units} />,
          },
        ]}
      />
    </details>
  );
}

function Hours({ day }: { day: NonNullable<LineModel["day"]> }) {
  const { say } = useWords();
  return (
    <Card title={say("hours_of_day")} id="day" flush>
      <Table
        caption={say("units_by_hour")}
        rows={day.hours}
        rowKey={(row) => String(row.startMs)}
        empty={<EmptyState title={say("no_units_that_day")} icon="usage" />}
        cards={false}
        columns={[
          {
            key: "hour",
            label: say("hour"),
            header: true,
            cell: (row) => (
              <a href={row.href}>
                <DateTime atMs={row.startMs} />
              </a>
            ),
          },
          {
            key: "units",
            label: say("units"),
            end: true,
            cell: (row) => <Units units={row.units} />,
          },
          {
            key: "billed",
            label: say("of_them_in_line"),
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
  const { say, count } = useWords();
  return (
    <div class="grid-2" id="hour">
      <Card title={say("windows_of_hour")} flush>
        <Table
          caption={say("units_by_window")}
          rows={hour.windows}
          rowKey={(row) => String(row.startMs)}
          empty={
            <EmptyState title={say("windows_gone")} icon="clock">
              <p class="small">{say("windows_gone_text")}</p>
            </EmptyState>
          }
          cards={false}
          columns={[
            {
              key: "window",
              label: say("window"),
              header: true,
              cell: (row) => <DateTime atMs={row.startMs} style="time" />,
            },
            {
              key: "units",
              label: say("units"),
              end: true,
              cell: (row) => <Units units={row.units} />,
            },
          ]}
        />
      </Card>
      <Card
        title={say("calls_of_hour")}
        note={hour.moreCalls
          ? count("newest_calls_note", hour.calls.length)
          : say("kept_calls_note")}
        flush
      >
        <Table
          caption={say("calls")}
          rows={hour.calls}
          rowKey={(row) => row.requestId}
          empty={<EmptyState title={say("calls_gone")} icon="clock" />}
          cards={false}
          columns={[
            {
              key: "call",
              label: say("call"),
              header: true,
              cell: (row) => <span class="mono nowrap">{row.requestId}</span>,
            },
            {
              key: "units",
              label: say("units"),
              end: true,
              cell: (row) => <Units units={row.units} />,
            },
            {
              key: "cost",
              label: say("cost"),
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
  const { say } = useWords();
  return (
    <Card
      title={say("where_units_are")}
      note={say("where_units_are_note")}
    >
      <PipelineDiagram
        acknowledged={book.acknowledged + book.adjusted}
        difference={book.moving ? 0n : book.difference}
        stages={pipelineStages(book, say)}
      />
    </Card>
  );
}

/** Disjoint stages of a book line that add up to what was acknowledged and adjusted. */
export function pipelineStages(book: BookLine, say: Say = sayIn("en")) {
  const stage = (
    kind: "log" | "windows" | "outbox" | "sent" | "confirmed" | "written_off",
    units: bigint,
    color: string,
  ) => ({ name: say(`stage_${kind}`), note: say(`stage_${kind}_note`), units, class: color });
  return [
    stage("log", book.log, "s1"),
    stage("windows", book.windows, "s4"),
    stage("outbox", book.outbox, "s3"),
    stage("sent", book.sent - book.rejected - book.confirmed, "s0"),
    stage("confirmed", book.confirmed, "s6"),
    ...(book.writtenOff === 0n ? [] : [stage("written_off", book.writtenOff, "s-rest")]),
  ];
}
