import type { ComponentChildren } from "preact";
import type { Amount, Units as UnitCount } from "@/lib/domain/plan.ts";
import type { Projection } from "@/lib/domain/projection.ts";
import { fromMinor } from "@/lib/domain/money.ts";
import type { Statement } from "@/lib/domain/statement.ts";
import { Gauge } from "../charts/Gauge.tsx";
import { Badge, type Tone } from "../ui/Badge.tsx";
import { ButtonLink } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { EmptyState } from "../ui/EmptyState.tsx";
import { formatBilled, formatPercent, formatTime, formatUnits } from "../ui/format.ts";
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
import { type PortalFrame, PortalPage } from "./PortalPage.tsx";
import { UsageChart, type UsageSeries } from "./UsageChart.tsx";
import { useWords, type Words, wordsIn } from "./words.ts";

export interface QuotaModel {
  readonly meter: string;
  readonly usedUnits: UnitCount;
  readonly limitUnits: UnitCount;
  readonly enforcement: "soft" | "hard" | "included";
  readonly projectedUnits: UnitCount | null;
}

/** Of the hour under way and the one before it. */
export interface HealthModel {
  readonly state: "silent" | "failing" | "many_refused" | "some_refused" | "serving";
  readonly failedCalls: number;
  readonly refusedShare: number;
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
  readonly health: HealthModel;
  readonly hasKeys: boolean;
}

/** `live` is an island that shows the latest calls and goes on with those to come. */
export function OverviewPage(
  { frame, model, live }: { frame: PortalFrame; model: OverviewModel; live?: ComponentChildren },
) {
  const { locale } = frame.viewer;
  const { say } = wordsIn(locale);
  const day = (atMs: number) => formatTime(atMs, { style: "date", locale, timeZone: "UTC" });
  return (
    <PortalPage frame={frame} current="/portal">
      <PageHeader
        title={say("nav_overview")}
        lede={say("overview_lede", {
          plan: model.plan.name,
          from: day(model.period.startMs),
          to: day(model.period.endMs - 1),
        })}
        actions={<StaleBadge asOfMs={model.asOfMs} />}
      />
      {!model.hasKeys && <FirstSteps />}
      <Figures model={model} />
      <div class="main-aside">
        <div class="stack-lg">
          <Card
            title={say("last_24_hours")}
            aside={<a class="small" href="/portal/usage">{say("all_usage")}</a>}
          >
            {model.lastDay.total === 0n
              ? (
                <EmptyState title={say("no_calls_24_hours")} icon="usage">
                  <p class="small">{say("shows_within_seconds")}</p>
                  <ButtonLink href="/portal/start" size="sm">{say("make_a_call")}</ButtonLink>
                </EmptyState>
              )
              : (
                <UsageChart
                  series={model.lastDay}
                  height={210}
                  summary={say("last_day_summary", {
                    units: formatUnits(model.lastDay.total, locale),
                  })}
                />
              )}
          </Card>
          <Card
            title={say("live_requests")}
            aside={<a class="small" href="/portal/requests">{say("all_requests")}</a>}
          >
            {model.latestCalls.length === 0 && <p class="muted small">{say("no_call_7_days")}</p>}
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
  const words = useWords();
  const { say, count } = words;
  const day = formatTime(model.period.endMs, { style: "day", locale, timeZone: "UTC" });
  const { statement, projection, today, health } = model;
  const { currency } = statement;
  const share = today.calls === 0 ? 0 : today.refused / today.calls;
  return (
    <Stats>
      <Stat
        label={say("next_invoice_so_far")}
        value={<Money amount={fromMinor(statement.totalMinor)} currency={currency} />}
        note={say("due_on", { date: day })}
      />
      <Stat
        label={say("expected_at_end")}
        value={projection === null ? "–" : <Money amount={projection.amount} currency={currency} />}
        note={projection === null ? say("too_little_to_say") : say("expected_range", {
          low: formatBilled(projection.low, currency, locale),
          high: formatBilled(projection.high, currency, locale),
          method: say(`method_${projection.method}`),
        })}
      />
      <Stat
        label={say("units_today")}
        value={<Units units={today.units} />}
        note={count("calls_refused", today.calls, { share: formatPercent(share, locale) })}
      />
      <Stat
        label={say("health")}
        value={<Badge tone={HEALTH_TONES[health.state]} dot>{say(`health_${health.state}`)}</Badge>}
        note={healthText(health, { ...words, locale })}
      />
    </Stats>
  );
}

const HEALTH_TONES: Readonly<Record<HealthModel["state"], Tone>> = {
  silent: "neutral",
  failing: "bad",
  many_refused: "bad",
  some_refused: "warn",
  serving: "good",
};

function healthText(
  { state, failedCalls, refusedShare }: HealthModel,
  { say, count, locale }: Words & { locale: string },
): string {
  if (state === "silent") return say("health_silent_text");
  if (state === "failing") return count("health_failing_text", failedCalls);
  return say("health_share_text", { share: formatPercent(refusedShare, locale) });
}

function Quotas({ model }: { model: OverviewModel }) {
  const { locale } = useViewer();
  const { say, meterWords } = useWords();
  return (
    <Card title={say("against_limits")} note={say("against_limits_note")}>
      <div class="stack">
        {model.quotas.map((quota) => {
          const share = ratio(quota.usedUnits, quota.limitUnits);
          const words = say("used_of", {
            used: formatUnits(quota.usedUnits, locale),
            limit: formatUnits(quota.limitUnits, locale),
          });
          return (
            <Gauge
              key={`${quota.meter}-${quota.enforcement}`}
              label={`${meterWords(quota.meter)}, ${say(`quota_${quota.enforcement}`)}`}
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
              summary={`${meterWords(quota.meter)}: ${words}`}
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

export function BudgetGauge(
  { spentMinor, budget, currency }: {
    spentMinor: bigint;
    budget: { readonly amount: Amount; readonly stop: boolean };
    currency: string;
  },
) {
  const { locale } = useViewer();
  const { say } = useWords();
  const spent = fromMinor(spentMinor);
  const share = ratio(spent, budget.amount);
  const words = say("used_of", {
    used: formatBilled(spent, currency, locale),
    limit: formatBilled(budget.amount, currency, locale),
  });
  return (
    <Gauge
      label={say(budget.stop ? "budget_stops" : "budget_alerts")}
      share={share}
      text={
        <>
          <span class="num">{words}</span>{" "}
          <span class="muted num">{formatPercent(share, locale)}</span>
        </>
      }
      summary={words}
    />
  );
}

function NextInvoice({ model }: { model: OverviewModel }) {
  const { locale } = useViewer();
  const { say } = useWords();
  return (
    <Card
      title={say("next_invoice")}
      note={say("next_invoice_note")}
      aside={<a class="small" href="/portal/plan">{say("nav_plan")}</a>}
    >
      <BillLines bill={billOf(model.statement, locale)} />
    </Card>
  );
}

function FirstSteps() {
  const { say } = useWords();
  return (
    <Notice title={say("first_key_title")}>
      <p class="row small">
        <a href="/portal/keys">{say("first_key_link")}</a>
        <a href="/portal/start">{say("first_key_snippets")}</a>
      </p>
    </Notice>
  );
}

/** For gauges; a limit of nothing counts as reached. */
function ratio(part: bigint, whole: bigint): number {
  return whole <= 0n ? 1 : Number(part) / Number(whole);
}
