import type { HealthModel, OverviewModel, QuotaModel } from "@/components/portal/OverviewPage.tsx";
import { billPeriod, type PeriodBill } from "@/lib/billing/period_bill.ts";
import { fromMinor } from "@/lib/domain/money.ts";
import { type BillingPeriod, periodAt } from "@/lib/domain/period.ts";
import type { MeterName, PlanVersion, Units } from "@/lib/domain/plan.ts";
import { type Projection, projectUsage } from "@/lib/domain/projection.ts";
import { invariant } from "@/lib/domain/invariant.ts";
import { priceStatement } from "@/lib/domain/statement.ts";
import { languageOf } from "@/lib/i18n/messages.ts";
import { meterName } from "@/lib/i18n/meter_name.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
import type { TrafficCount } from "@/lib/ports/traffic.ts";
import type { UsagePoint } from "@/lib/ports/usage.ts";
import type { PortalDeps } from "./deps.ts";
import { liveCalls } from "./live_feed.ts";
import { alignRange } from "./usage_range.ts";
import { usageSeries } from "./usage_series.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** Days of the past that a projection looks at. */
const PROJECTION_DAYS = 28;
const LATEST_CALLS = 6;
/** Refused shares from which the last hour is worth a look, and is bad. */
const WARN_SHARE = 0.05;
const BAD_SHARE = 0.25;

export async function loadOverview(
  deps: Pick<PortalDeps, "clock" | "usage" | "tenants" | "traffic" | "plans" | "store">,
  { tenant, plan }: { readonly tenant: Tenant; readonly plan: PlanVersion },
): Promise<OverviewModel> {
  const { tenantId } = tenant;
  const nowMs = deps.clock.nowMs();
  const period = periodAt(nowMs, plan.interval);
  const range = alignRange({ fromMs: nowMs - DAY_MS + 1, toMs: nowMs, granularity: "hour" });
  const dayStartMs = Math.floor(nowMs / DAY_MS) * DAY_MS;
  const [bill, hours, days, counts, keys, latest] = await Promise.all([
    billPeriod(deps, { tenant, period }),
    deps.usage.series({ tenantId, ...range, granularity: "hour" }),
    deps.usage.series({
      tenantId,
      fromMs: dayStartMs - PROJECTION_DAYS * DAY_MS,
      toMs: dayStartMs,
      granularity: "day",
    }),
    deps.traffic.counts({ tenantId, fromMs: range.fromMs, toMs: range.toMs }),
    deps.tenants.apiKeys(tenantId),
    deps.traffic.recent({ tenantId, limit: LATEST_CALLS }),
  ]);
  invariant(bill.ok, bill.ok ? "" : bill.error.detail);
  const projected = projectMeters(bill.value, { period, nowMs, days });
  return {
    asOfMs: nowMs,
    plan: { name: plan.name, interval: plan.interval },
    period,
    statement: bill.value.statement,
    projection: projectBill(bill.value, projected),
    budget: tenant.budget,
    quotas: quotasOf({ tenant, plan, units: bill.value.units, projected }),
    today: todayOf({ hours, counts, dayStartMs }),
    lastDay: usageSeries(hours, {
      range,
      order: plan.meters.map(({ meter }) => meter),
      filters: {},
      label: (meter) => meterName(languageOf(tenant.locale), meter),
    }),
    latestCalls: liveCalls(latest.items),
    health: healthOf(counts.filter(({ hourStartMs }) => hourStartMs > nowMs - 2 * HOUR_MS)),
    hasKeys: keys.some(({ revokedAtMs }) => revokedAtMs === null),
  };
}

type ProjectedMeters = ReadonlyMap<MeterName, Projection>;

function projectMeters(
  bill: PeriodBill,
  { period, nowMs, days }: {
    readonly period: BillingPeriod;
    readonly nowMs: number;
    readonly days: readonly UsagePoint[];
  },
): ProjectedMeters {
  return new Map(
    [...bill.units].map(([meter, unitsSoFar]) => [
      meter,
      projectUsage({
        period,
        nowMs,
        unitsSoFar,
        days: days.filter((day) => day.meter === meter),
      }),
    ]),
  );
}

/** Prices the expected, low and high usage by the current plan, on top of what is billed already. */
function projectBill(bill: PeriodBill, projected: ProjectedMeters): OverviewModel["projection"] {
  const first = [...projected.values()][0];
  if (first === undefined || [...bill.units.values()].every((units) => units === 0n)) return null;
  const price = (pick: (projection: Projection) => Units) => {
    const usage = new Map([...projected].map(([meter, one]) => [meter, pick(one)]));
    const more = priceStatement(bill.plan, usage).totalMinor -
      priceStatement(bill.plan, bill.units).totalMinor;
    return fromMinor(bill.statement.totalMinor + (more > 0n ? more : 0n));
  };
  return {
    amount: price(({ units }) => units),
    low: price(({ low }) => low),
    high: price(({ high }) => high),
    method: first.method,
  };
}

function quotasOf(
  { tenant, plan, units, projected }: {
    readonly tenant: Tenant;
    readonly plan: PlanVersion;
    readonly units: ReadonlyMap<MeterName, Units>;
    readonly projected: ProjectedMeters;
  },
): readonly QuotaModel[] {
  return plan.meters.flatMap(({ meter, quota, includedUnits }): QuotaModel[] => {
    const limit = tenant.overrides.quotas?.[meter] ?? quota;
    const usedUnits = units.get(meter) ?? 0n;
    const projectedUnits = projected.get(meter)?.units ?? null;
    if (limit !== null) {
      const { units: limitUnits, enforcement } = limit;
      return [{ meter, usedUnits, limitUnits, enforcement, projectedUnits }];
    }
    if (includedUnits === 0n) return [];
    return [{
      meter,
      usedUnits,
      limitUnits: includedUnits,
      enforcement: "included",
      projectedUnits,
    }];
  });
}

function todayOf(
  { hours, counts, dayStartMs }: {
    readonly hours: readonly UsagePoint[];
    readonly counts: readonly TrafficCount[];
    readonly dayStartMs: number;
  },
): OverviewModel["today"] {
  const today = counts.filter(({ hourStartMs }) => hourStartMs >= dayStartMs);
  return {
    units: hours.filter(({ startMs }) => startMs >= dayStartMs)
      .reduce((total, { units }) => total + units, 0n),
    calls: sumCalls(today),
    refused: sumCalls(today.filter(({ status }) => status >= 400)),
  };
}

/** Judges the hour under way and the one before it. */
export function healthOf(counts: readonly TrafficCount[]): HealthModel {
  const calls = sumCalls(counts);
  const failedCalls = sumCalls(counts.filter(({ status }) => status >= 500));
  const refused = sumCalls(counts.filter(({ status }) => status >= 400));
  const refusedShare = calls === 0 ? 0 : refused / calls;
  const state = stateOf({ calls, failedCalls, refusedShare });
  return { state, failedCalls, refusedShare };
}

function stateOf(
  { calls, failedCalls, refusedShare }: Omit<HealthModel, "state"> & { readonly calls: number },
): HealthModel["state"] {
  if (calls === 0) return "silent";
  if (failedCalls / calls >= WARN_SHARE) return "failing";
  if (refusedShare >= BAD_SHARE) return "many_refused";
  return refusedShare >= WARN_SHARE ? "some_refused" : "serving";
}

function sumCalls(counts: readonly TrafficCount[]): number {
  return counts.reduce((total, { calls }) => total + calls, 0);
}
