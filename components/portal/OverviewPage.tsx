import type { ComponentChildren } from "preact";
import type { Amount, Units as UnitCount } from "@/lib/domain/plan.ts";
import type { Projection } from "@/lib/domain/projection.ts";
import { fromMinor } from "@/lib/domain/money.ts";
import type { Statement } from "@/lib/domain/statement.ts";
import { Gauge } from "../charts/Gauge.tsx";
import { Badge, type Tone } from "../ui/Badge.tsx";
import { ButtonLink } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { DateTime } from "../ui/DateTime.tsx";
import { EmptyState } from "../ui/EmptyState.tsx";
import { formatBilled, formatPercent, formatUnits } from "../ui/format.ts";
import { Money } from "../ui/Money.tsx";
import { Notice } from "../ui/Notice.tsx";
import { PageHeader } from "../ui/PageHeader.tsx";
import { StaleBadge } from "../ui/StaleBadge.tsx";
import { Stat, Stats } from "../ui/Stat.tsx";
import { Units } from "../ui/Units.tsx";
import { useViewer } from "../ui/viewer.ts";
import { BillLines } from "./BillLines.tsx";
import { billOf } from "./bill_of.ts";
import type { LiveCall } from "./LiveCalls.tsx";
import { meterLabel } from "@/lib/domain/meter.ts";
import { type PortalFrame, PortalPage } from "./PortalPage.tsx";
import { UsageChart, type UsageSeries } from "./UsageChart.tsx";

export interface QuotaModel {
  readonly meter: string;
  readonly usedUnits: UnitCount;
  readonly limitUnits: UnitCount;
  readonly enforcement: "soft" | "hard" | "included";
  readonly projectedUnits: UnitCount | null;
}

export interface OverviewModel {
  readonly asOfMs: number;
  readonly plan: { readonly name: string; readonly interval: "month" | "year" };
  readonly period: { readonly startMs: number; readonly endMs: number };
  readonly statement: Statement;
  /** `null` when there is nothing to extend. */
  readonly projection: {
    readonly amount: Amount;
    readonly low: Amount;
    readonly high: Amount;
    readonly method: Projection["method"];
  } | null;
  readonly budget: { readonly amount: Amount; readonly stop: boolean } | null;
  readonly quotas: readonly QuotaModel[];
  readonly today: { readonly units: UnitCount; readonly calls: number; readonly refused: number };
  readonly lastDay: UsageSeries;
  /** Newest first. */
  readonly latestCalls: readonly LiveCall[];
  readonly health: { readonly tone: Tone; readonly word: string; readonly detail: string };
  readonly hasKeys: boolean;
}

/** `live` is an island that shows the latest calls and goes on with those to come. */
export function OverviewPage(
  { frame, model, live }: { frame: PortalFrame; model: OverviewModel; live?: ComponentChildren },
) {
  const { locale } = frame.viewer;
  return (
    <PortalPage frame={frame} current="/portal">
      <PageHeader
        title="Overview"
        lede={
          <>
            {model.plan.name} plan, <DateTime atMs={model.period.startMs} style="day" utc /> to{" "}
            <DateTime atMs={model.period.endMs - 1} style="date" utc />
          </>
        }
        actions={<StaleBadge asOfMs={model.asOfMs} />}
      />
      {!model.hasKeys && <FirstSteps />}
      <Figures model={model} />
      <div class="main-aside">
        <div class="stack-lg">
          <Card
            title="Last 24 hours"
            aside={<a class="small" href="/portal/usage">All usage</a>}
          >
            {model.lastDay.total === 0n
              ? (
                <EmptyState title="No metered calls in the last 24 hours" icon="usage">
                  <p class="small">A call shows up here within five seconds.</p>
                  <ButtonLink href="/portal/start" size="sm">Make a call</ButtonLink>
                </EmptyState>
              )
              : (
                <UsageChart
                  series={model.lastDay}
                  height={210}
                  summary={`Units per hour over the last 24 hours, ${
                    formatUnits(model.lastDay.total, locale)
                  } in all. The same figures are on the usage page as a table.`}
                />
              )}
          </Card>
          <Card
            title="Live requests"
            aside={<a class="small" href="/portal/requests">All requests</a>}
          >
            {model.latestCalls.length === 0 && (
              <p class="muted small">No call in the last seven days.</p>
            )}
            {live}
          </Card>
          {model.quotas.length > 0 && <Quotas model={model} />}
        </div>
        <NextInvoice model={model} />
      </div>
    </PortalPage>
  );
}

function Figures({ model }: { model: OverviewModel }) {
  const { locale } = useViewer();
  const { statement, projection, today, health } = model;
  const { currency } = statement;
  const share = today.calls === 0 ? 0 : today.refused / today.calls;
  return (
    <Stats>
      <Stat
        label="Next invoice so far"
        value={<Money amount={fromMinor(statement.totalMinor)} currency={currency} />}
        note={
          <>
            due <DateTime atMs={model.period.endMs} style="day" utc />
          </>
        }
      />
      <Stat
        label="Expected at period end"
        value={projection === null ? "–" : <Money amount={projection.amount} currency={currency} />}
        note={projection === null
          ? "too little usage to say"
          : `${formatBilled(projection.low, currency, locale)} to ${
            formatBilled(projection.high, currency, locale)
          }, ${METHODS[projection.method]}`}
      />
      <Stat
        label="Units today"
        value={<Units units={today.units} />}
        note={`${formatUnits(today.calls, locale)} calls, ${formatPercent(share, locale)} refused`}
      />
      <Stat
        label="Health"
        value={<Badge tone={health.tone} dot>{health.word}</Badge>}
        note={health.detail}
      />
    </Stats>
  );
}

const METHODS: Readonly<Record<Projection["method"], string>> = {
  weekday_mean: "from the same weekdays before",
  daily_mean: "from the daily average",
  elapsed_share: "at the pace so far",
  complete: "period complete",
};

function Quotas({ model }: { model: OverviewModel }) {
  const { locale } = useViewer();
  return (
    <Card title="Against your limits" note="The mark shows where the period is expected to end.">
      <div class="stack">
        {model.quotas.map((quota) => {
          const share = ratio(quota.usedUnits, quota.limitUnits);
          const words = `${formatUnits(quota.usedUnits, locale)} of ${
            formatUnits(quota.limitUnits, locale)
          }`;
          return (
            <Gauge
              key={`${quota.meter}-${quota.enforcement}`}
              label={`${meterLabel(quota.meter)}, ${QUOTA_WORDS[quota.enforcement]}`}
              kind={quota.enforcement === "included" ? "allowance" : "limit"}
              share={share}
              projectedShare={quota.projectedUnits === null
                ? undefined
                : ratio(quota.projectedUnits, quota.limitUnits)}
              text={
                <>
                  <span class="num">{words}</span>{" "}
                  <span class="muted num">{formatPercent(share, locale)}</span>
                </>
              }
              summary={`${meterLabel(quota.meter)}: ${words} units used`}
            />
          );
        })}
        {model.budget !== null && (
          <BudgetGauge
            spentMinor={model.statement.totalMinor}
            budget={model.budget}
            currency={model.statement.currency}
          />
        )}
      </div>
    </Card>
  );
}

const QUOTA_WORDS = {
  hard: "hard limit",
  soft: "soft limit",
  included: "included units",
} as const;

export function BudgetGauge(
  { spentMinor, budget, currency }: {
    spentMinor: bigint;
    budget: { readonly amount: Amount; readonly stop: boolean };
    currency: string;
  },
) {
  const { locale } = useViewer();
  const spent = fromMinor(spentMinor);
  const share = ratio(spent, budget.amount);
  const words = `${formatBilled(spent, currency, locale)} of ${
    formatBilled(budget.amount, currency, locale)
  }`;
  return (
    <Gauge
      label={budget.stop ? "Budget, calls stop at it" : "Budget, alerts only"}
      share={share}
      text={
        <>
          <span class="num">{words}</span>{" "}
          <span class="muted num">{formatPercent(share, locale)}</span>
        </>
      }
      summary={`Budget: ${words} spent`}
    />
  );
}

function NextInvoice({ model }: { model: OverviewModel }) {
  const { locale } = useViewer();
  return (
    <Card
      title="Next invoice"
      note="What this period would cost if it ended now."
      aside={<a class="small" href="/portal/plan">Plan</a>}
    >
      <BillLines bill={billOf(model.statement, locale)} />
    </Card>
  );
}

function FirstSteps() {
  return (
    <Notice title="Create a key to make the first call">
      <p class="small">
        Then <a href="/portal/start">run one of the snippets</a> with it.{" "}
        <a href="/portal/keys">Create a key</a>
      </p>
    </Notice>
  );
}

/** For gauges; a limit of nothing counts as reached. */
function ratio(part: bigint, whole: bigint): number {
  return whole <= 0n ? 1 : Number(part) / Number(whole);
}
