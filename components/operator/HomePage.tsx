import type { ComponentChildren } from "preact";
import { fromMinor } from "@/lib/domain/money.ts";
import type { TenantStatus } from "@/lib/domain/tenant.ts";
import type { CreditToMirror } from "@/lib/ports/money_ledger.ts";
import type { PlanMove } from "@/lib/ports/subscription_ledger.ts";
import type { UsageAnomaly } from "@/lib/ports/watch_store.ts";
import type { ChoreRun } from "@/lib/ports/chores.ts";
import type { LedgerEvidence, PipelineStatus } from "@/lib/ports/usage.ts";
import { PipelineDiagram } from "../charts/PipelineDiagram.tsx";
import { StackedBars } from "../charts/StackedBars.tsx";
import { Badge } from "../ui/Badge.tsx";
import { Card } from "../ui/Card.tsx";
import { EmptyState } from "../ui/EmptyState.tsx";
import { Facts } from "../ui/Facts.tsx";
import { formatCompact, formatPercent, formatTime, formatUnits } from "../ui/format.ts";
import { Money } from "../ui/Money.tsx";
import { Icon } from "../ui/Icon.tsx";
import { noticeIcon } from "../ui/Notice.tsx";
import { PageHeader } from "../ui/PageHeader.tsx";
import { StaleBadge } from "../ui/StaleBadge.tsx";
import { Stat, Stats } from "../ui/Stat.tsx";
import { Units } from "../ui/Units.tsx";
import { useViewer } from "../ui/viewer.ts";
import { AnomalyTable } from "./AnomaliesPage.tsx";
import { durationWords } from "./duration_words.ts";
import { type OperatorFrame, OperatorPage } from "./OperatorPage.tsx";
import type { TenantNames } from "./TenantLink.tsx";
import { type ChoreState, RunTable } from "./RunsPage.tsx";

export interface MoneyByCurrency {
  readonly currency: string;
  readonly amountMinor: bigint;
}

export interface HomeModel {
  /** Of the figures over all tenants; the pipeline is of now. */
  readonly asOfMs: number;
  /** The last 24 hours, oldest first. */
  readonly hours: readonly {
    readonly startMs: number;
    readonly served: number;
    readonly refused: number;
    readonly failed: number;
  }[];
  /** Bills of the periods under way, before credits. */
  readonly revenue: readonly MoneyByCurrency[];
  readonly unpricedTenants: number;
  /** Not closed, and without a subscription that could bill them. */
  readonly unsubscribedTenants: number;
  readonly statuses: Readonly<Record<TenantStatus, number>>;
  readonly books: {
    readonly lines: number;
    readonly acknowledged: bigint;
    readonly log: bigint;
    readonly windows: bigint;
    readonly outbox: bigint;
    readonly atStripe: bigint;
    readonly confirmed: bigint;
    readonly writtenOff: bigint;
    readonly differingLines: number;
    readonly difference: bigint;
  };
  readonly evidence: LedgerEvidence;
  readonly pipeline: PipelineStatus;
  readonly runs: readonly ChoreRun[];
  readonly chores: readonly ChoreState[];
  /** Ended periods whose invoices wait for the books. */
  readonly heldCloses: number;
  /** Of those: for longer than a day. */
  readonly longHeldCloses: number;
  /** Moves that Stripe has yet to follow. */
  readonly planMoves: readonly PlanMove[];
  /** Credits that Stripe did not take when it was last asked. */
  readonly failedCredits: readonly CreditToMirror[];
  /** What waits for a second person, counted up to a hundred. */
  readonly approvals: number;
  readonly attention: readonly Attention[];
  readonly anomalies: readonly UsageAnomaly[];
  readonly names: TenantNames;
}

/** Something that a person has to look at. */
export interface Attention {
  readonly key: string;
  readonly tone: "bad" | "warn" | "info";
  readonly title: string;
  readonly detail: string;
  /** Where to go on; `null` where words must do. */
  readonly href: string | null;
}

/** `live` is an island that the route hands in; it shows the pipeline without a script too. */
export function HomePage(
  { frame, model, live }: { frame: OperatorFrame; model: HomeModel; live: ComponentChildren },
) {
  return (
    <OperatorPage frame={frame} current="/operator" names={model.names}>
      <PageHeader
        title="Home"
        lede="What runs, what it earns, and whether every unit is accounted for."
        actions={<StaleBadge asOfMs={model.asOfMs} />}
      />
      <NeedsYou items={model.attention} />
      <Figures model={model} />
      <div class="main-aside">
        <Card title="Calls, last 24 hours">
          <CallsChart model={model} />
        </Card>
        <Card title="Pipeline now">{live}</Card>
      </div>
      <Card
        title="From the call to Stripe"
        note="Every acknowledged unit of the kept periods is in exactly one place."
      >
        <Pipeline model={model} />
      </Card>
      <div class="grid-2">
        <Card title="Books">
          <BookFacts model={model} />
        </Card>
        <Card title="Tenants" aside={<a class="small" href="/operator/tenants">All tenants</a>}>
          <Facts
            wide
            facts={STATUSES.map(([status, term]) => ({
              term,
              value: <Units units={BigInt(model.statuses[status])} />,
            }))}
          />
        </Card>
      </div>
      <Card
        title="Anomalies"
        flush
        aside={<a class="small" href="/operator/anomalies">All anomalies</a>}
      >
        <AnomalyTable anomalies={model.anomalies} />
      </Card>
      <Card title="Last runs" flush aside={<a class="small" href="/operator/runs">All runs</a>}>
        <RunTable runs={model.runs} />
      </Card>
    </OperatorPage>
  );
}

const STATUSES: readonly (readonly [TenantStatus, string])[] = [
  ["active", "Active"],
  ["past_due", "Past due"],
  ["suspended", "Suspended"],
  ["closed", "Closed"],
];

function NeedsYou({ items }: { items: readonly Attention[] }) {
  if (items.length === 0) {
    return (
      <Card title="Needs a person now">
        <p class="row">
          <Badge tone="good" dot>nothing</Badge>
          <span class="small muted">Everything that is due is done or under way.</span>
        </p>
      </Card>
    );
  }
  return (
    <Card title="Needs a person now">
      <ul class="attention">
        {items.map(({ key, tone, title, detail, href }) => (
          <li key={key} data-tone={tone}>
            <Icon name={noticeIcon(tone)} />
            <div>
              <strong>{href === null ? title : <a href={href}>{title}</a>}</strong>
              <p class="small muted break">{detail}</p>
            </div>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Figures({ model }: { model: HomeModel }) {
  const { locale } = useViewer();
  const { pipeline, books } = model;
  const served = sum(model, "served");
  const refused = sum(model, "refused");
  const failed = sum(model, "failed");
  const all = served + refused + failed;
  const { oldestUnsentAgeMs: age } = pipeline;
  return (
    <Stats>
      <Stat
        label="Calls, 24 hours"
        value={<Units units={BigInt(all)} />}
        note={`${formatPercent(all === 0 ? 0 : refused / all, locale)} refused`}
      />
      <Stat
        label="Errors, 24 hours"
        value={<Units units={BigInt(failed)} />}
        note={failed === 0 ? "none on our side" : "answers of 500 and above"}
      />
      <Stat
        label="Revenue so far"
        value={model.revenue.length === 0 ? "–" : model.revenue.map((money, at) => (
          <>
            {at > 0 && " + "}
            <Money amount={fromMinor(money.amountMinor)} currency={money.currency} />
          </>
        ))}
        note={model.unpricedTenants === 0
          ? "periods under way, before credits"
          : `without ${model.unpricedTenants} tenants that can't be priced`}
      />
      <Stat
        label="Oldest unsent"
        value={age === null ? "none" : durationWords(age)}
        note={model.attention.some(({ key }) => key === "unsent")
          ? <Badge tone="bad" dot>too old</Badge>
          : "unit that Stripe has not accepted"}
      />
      <Stat
        label="Books"
        value={books.differingLines === 0
          ? <Badge tone="good" dot>balanced</Badge>
          : <Units units={books.difference} />}
        note={`${formatUnits(books.lines, locale)} lines checked`}
      />
    </Stats>
  );
}

function CallsChart({ model: { hours } }: { model: HomeModel }) {
  const { locale, timeZone } = useViewer();
  const total = hours.reduce((all, hour) => all + hour.served + hour.refused + hour.failed, 0);
  if (total === 0) {
    return (
      <EmptyState title="No calls in the last 24 hours" icon="requests">
        <p class="small">A call shows up here within a minute.</p>
      </EmptyState>
    );
  }
  const texts = (values: readonly number[]) => values.map((value) => formatUnits(value, locale));
  const series = SERIES.map(({ key, ...look }) => {
    const values = hours.map((hour) => hour[key]);
    return { key, ...look, values, texts: texts(values) };
  });
  return (
    <StackedBars
      height={190}
      summary={`${formatUnits(total, locale)} calls in the last 24 hours: ${
        series.map(({ label, values }) =>
          `${formatUnits(values.reduce((all, one) => all + one, 0), locale)} ${label.toLowerCase()}`
        ).join(", ")
      }.`}
      axisText={(value) => formatCompact(value, locale)}
      slots={hours.map(({ startMs }) => ({
        key: String(startMs),
        label: formatTime(startMs, { style: "hour", locale, timeZone }),
        shortLabel: formatTime(startMs, { style: "minute", locale, timeZone }),
      }))}
      series={series}
    />
  );
}

const SERIES = [
  { key: "served", label: "Served", class: "s0" },
  { key: "refused", label: "Refused", class: "s3" },
  { key: "failed", label: "Failed", class: "s-bad" },
] as const;

function Pipeline({ model: { books, pipeline } }: { model: HomeModel }) {
  const { locale } = useViewer();
  const stages = [
    { name: "Log", units: books.log, note: "acknowledged, not folded", class: "s3" },
    { name: "Windows", units: books.windows, note: "folded, minute open", class: "s5" },
    {
      name: "Outbox",
      units: books.outbox,
      note: outboxWords(pipeline, locale),
      class: "s4",
    },
    {
      name: "At Stripe",
      units: books.atStripe,
      note: `${formatUnits(books.confirmed, locale)} confirmed`,
      class: "s0",
    },
    { name: "Written off", units: books.writtenOff, note: "given up, by a person", class: "s-bad" },
  ];
  return (
    <PipelineDiagram
      acknowledged={books.acknowledged}
      stages={stages}
      difference={books.difference}
    />
  );
}

function BookFacts({ model: { books, evidence } }: { model: HomeModel }) {
  return (
    <Facts
      wide
      facts={[
        { term: "Lines checked", value: <Units units={BigInt(books.lines)} /> },
        { term: "Lines that differ", value: <Units units={BigInt(books.differingLines)} /> },
        { term: "Confirmed by Stripe", value: <Units units={books.confirmed} /> },
        {
          term: "Two counts of all",
          value: (
            <>
              <Units units={evidence.segments} /> {evidence.difference === 0n
                ? <Badge tone="good">agree</Badge>
                : evidence.moving
                ? <Badge>moving</Badge>
                : <Badge tone="bad">differ</Badge>}
            </>
          ),
        },
      ]}
    />
  );
}

/** The units of the stage are those of entries and those that are parked. */
function outboxWords({ outbox, parked }: PipelineStatus, locale: string): string {
  const entries = outbox.ready.entries + outbox.in_flight.entries + outbox.held.entries +
    outbox.doubtful.entries + outbox.rejected.entries;
  const units = parked.waiting.units + parked.unbilled.units;
  const toSend = `${formatUnits(entries, locale)} entries to send`;
  return units === 0n ? toSend : `${toSend}, ${formatUnits(units, locale)} units parked`;
}

function sum({ hours }: HomeModel, key: "served" | "refused" | "failed"): number {
  return hours.reduce((total, hour) => total + hour[key], 0);
}
