import type { ComponentChildren } from "preact";
import { fromMinor } from "@/lib/domain/money.ts";
import type { Statement, StatementLine } from "@/lib/domain/statement.ts";
import { Badge } from "../ui/Badge.tsx";
import { ButtonLink } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { DateTime } from "../ui/DateTime.tsx";
import { EmptyState } from "../ui/EmptyState.tsx";
import { Facts } from "../ui/Facts.tsx";
import { formatExact, formatTime, formatUnits } from "../ui/format.ts";
import { Money } from "../ui/Money.tsx";
import { Notice } from "../ui/Notice.tsx";
import { PageHeader } from "../ui/PageHeader.tsx";
import { Table } from "../ui/Table.tsx";
import { Units } from "../ui/Units.tsx";
import { useViewer } from "../ui/viewer.ts";
import { meterLabel } from "./meter_label.ts";
import { type PortalFrame, PortalPage } from "./PortalPage.tsx";
import { UsageChart, type UsageSeries } from "./UsageChart.tsx";

export interface StatementModel {
  readonly periodId: string;
  readonly period: { readonly startMs: number; readonly endMs: number };
  readonly open: boolean;
  readonly tenantName: string;
  readonly statement: Statement;
  readonly csvHref: string;
}

/** A statement of one period: every line says how it came about and opens into its hours. */
export function StatementPage({ frame, model }: { frame: PortalFrame; model: StatementModel }) {
  const { statement } = model;
  const { currency } = statement;
  return (
    <PortalPage frame={frame} current="/portal/invoices">
      <PageHeader
        title={`Statement ${monthName(model, frame.viewer.locale)}`}
        crumbs={[{ href: "/portal/invoices", label: "Invoices" }]}
        lede={
          <>
            <bdi>{model.tenantName}</bdi>, <DateTime atMs={model.period.startMs} style="date" utc />
            {" "}
            to <DateTime atMs={model.period.endMs - 1} style="date" utc />, UTC{" "}
            {model.open && <Badge tone="info">still running</Badge>}
          </>
        }
        actions={
          <ButtonLink href={model.csvHref} icon="download" size="sm" download>CSV</ButtonLink>
        }
      />
      {statement.unpriced.length > 0 && (
        <Notice title="Usage without a price in your plan, not billed">
          {statement.unpriced.map(({ meter }) => meterLabel(meter)).join(", ")}
        </Notice>
      )}
      <Card flush>
        <Table
          caption="Lines of the statement"
          rows={statement.lines}
          rowKey={(line) => line.lineId}
          empty={<EmptyState title="Nothing to bill in this period" icon="invoices" />}
          foot
          columns={[
            {
              key: "what",
              label: "Line",
              header: true,
              foot: "Due",
              cell: (line) => <LineName line={line} periodId={model.periodId} />,
            },
            {
              key: "how",
              label: "How it came about",
              cell: (line) => <LineWords line={line} currency={currency} />,
            },
            {
              key: "units",
              label: "Units",
              end: true,
              cell: (line) => line.units === 0n ? "" : <Units units={line.units} />,
            },
            {
              key: "amount",
              label: "Amount",
              end: true,
              foot: <Money amount={fromMinor(statement.totalMinor)} currency={currency} />,
              cell: (line) => <Money amount={fromMinor(line.amountMinor)} currency={currency} />,
            },
          ]}
        />
      </Card>
      {statement.creditsMinor > 0n && (
        <p>
          Prepaid credits paid{" "}
          <Money amount={fromMinor(statement.creditsMinor)} currency={currency} /> of{" "}
          <Money amount={fromMinor(statement.subtotalMinor)} currency={currency} />.
        </p>
      )}
      <p class="small muted">
        Each line is rounded once, half up, to the smallest coin of the currency.
      </p>
    </PortalPage>
  );
}

function monthName({ period }: StatementModel, locale: string): string {
  return formatTime(period.startMs, { style: "month", locale, timeZone: "UTC" });
}

function LineName({ line, periodId }: { line: StatementLine; periodId: string }) {
  const name = lineLabel(line);
  if (line.kind !== "usage") return <>{name}</>;
  return (
    <a href={`/portal/invoices/${periodId}/lines/${encodeURIComponent(line.lineId)}`}>{name}</a>
  );
}

export function lineLabel(line: StatementLine): string {
  switch (line.kind) {
    case "base_fee":
      return "Base fee";
    case "minimum_commitment":
      return "Up to the agreed minimum";
    case "adjustment":
      return "Adjustment";
    case "usage":
      return meterLabel(line.meter ?? "usage");
  }
}

export function LineWords({ line, currency }: { line: StatementLine; currency: string }) {
  const { locale } = useViewer();
  return <span class="break">{lineWords(line, { currency, locale })}</span>;
}

/** “Step 2: 4,000 units at $0.002”. */
export function lineWords(
  line: StatementLine,
  { currency, locale }: { currency: string; locale: string },
): string {
  const { part } = line;
  if (part === null) return line.note ?? line.planRevision ?? "";
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

export interface LineModel {
  readonly periodId: string;
  readonly line: StatementLine;
  readonly currency: string;
  /** Hours of the period with this meter's units; `null` where they are no longer kept. */
  readonly days: UsageSeries | null;
  /** Where the units of this meter and period stand on their way to Stripe. */
  readonly books: readonly { readonly term: string; readonly units: bigint }[];
  readonly requestsHref: string;
  readonly children?: ComponentChildren;
}

/** Explains one line: from the amount to the rule, the days and the calls behind it. */
export function LinePage({ frame, model }: { frame: PortalFrame; model: LineModel }) {
  const { line, currency } = model;
  const { locale } = frame.viewer;
  const part = line.part;
  return (
    <PortalPage frame={frame} current="/portal/invoices">
      <PageHeader
        title={lineLabel(line)}
        crumbs={[
          { href: "/portal/invoices", label: "Invoices" },
          { href: `/portal/invoices/${model.periodId}`, label: model.periodId },
        ]}
        lede={<LineWords line={line} currency={currency} />}
      />
      <div class="main-aside">
        <Card title="Units by day" note="All units of this meter in the period, before the steps.">
          {model.days === null || model.days.total === 0n
            ? <EmptyState title="No units in this period" icon="usage" />
            : (
              <UsageChart
                series={model.days}
                summary={`Units per day, ${formatUnits(model.days.total, locale)} in all`}
              />
            )}
        </Card>
        <div class="stack-lg">
          <Card title="The arithmetic">
            <Facts
              wide
              facts={[
                ...(part === null ? [] : [
                  {
                    term: "Covers",
                    value: `units ${formatUnits(part.fromUnits + 1n, locale)} to ${
                      formatUnits(part.toUnits, locale)
                    }`,
                  },
                  { term: "Quantity", value: formatUnits(part.quantity, locale) },
                  {
                    term: "Price",
                    value: <Money amount={part.unitAmount} currency={currency} exact />,
                  },
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
          <Card title="Where the units are">
            <Facts
              wide
              facts={model.books.map(({ term, units }) => ({
                term,
                value: <Units units={units} />,
              }))}
            />
            <a class="small" href={model.requestsHref}>Recent calls</a>
          </Card>
        </div>
      </div>
    </PortalPage>
  );
}
