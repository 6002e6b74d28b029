import { effectiveQuota } from "@/lib/domain/decide.ts";
import { type BillingPeriod, periodAt, shiftPeriod } from "@/lib/domain/period.ts";
import type { MeterName, PlanVersion, Units } from "@/lib/domain/plan.ts";
import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import { priceStatement } from "@/lib/domain/statement.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
import type { DryRun, DryRunRow } from "@/lib/ports/catalog.ts";
import type { CatalogDeps } from "./deps.ts";
import { eachTenant } from "./each_tenant.ts";
import { hashTerms } from "./terms_hash.ts";

export const DEFAULT_DRY_RUN_PERIODS = 3;
export const MAX_DRY_RUN_PERIODS = 24;
const TENANTS_PER_WORD = 100;

export interface DryRunResult {
  readonly dryRun: DryRun;
  /** Largest change first. */
  readonly rows: readonly DryRunRow[];
}

/**
 * Replays a plan version over the real usage of every tenant on that plan: the last complete
 * periods, and the one under way when `includeCurrent`. Both bills come from the code that bills.
 * Stored under its id for `publishPlan`. Errors: `not_found`, `not_a_draft`, `currency_changed`,
 * `interval_changed`.
 */
export async function dryRunPlan(
  deps: CatalogDeps,
  planRevision: string,
  { periods = DEFAULT_DRY_RUN_PERIODS, includeCurrent = true, onProgress }: {
    readonly periods?: number;
    readonly includeCurrent?: boolean;
    /** Tenants that were replayed so far, told every hundred. */
    readonly onProgress?: (tenants: number) => void;
  } = {},
): Promise<Result<DryRunResult>> {
  const plan = (await deps.plans.plan(planRevision))?.value;
  if (plan === undefined) return refuse({ code: "not_found", detail: `No plan ${planRevision}` });
  if (plan.status !== "draft") {
    return refuse({ code: "not_a_draft", detail: `${planRevision} is ${plan.status}` });
  }
  const versions = await deps.plans.plans(plan.planId);
  const comparable = checkComparable(plan, versions);
  if (!comparable.ok) return comparable;
  const replayed = replayPeriods(deps.clock.nowMs(), plan, { periods, includeCurrent });
  const rows: DryRunRow[] = [];
  for (const current of versions) {
    const { planRevision } = current;
    for await (const tenant of eachTenant(deps.tenants, { planRevision })) {
      if (tenant.status === "closed") continue;
      rows.push(await replayTenant(deps, { tenant, current, next: plan, replayed }));
      if (rows.length % TENANTS_PER_WORD === 0) onProgress?.(rows.length);
    }
  }
  rows.sort((a, b) => compareSize(b.changeMinor, a.changeMinor));
  const dryRun = summarize(rows, {
    dryRunId: deps.ids.next("dry"),
    planRevision,
    termsHash: await hashTerms(plan),
    currency: plan.currency,
    createdAtMs: deps.clock.nowMs(),
    periodIds: replayed.map(({ periodId }) => periodId),
  });
  await deps.dryRuns.putDryRun(dryRun, rows);
  return accept({ dryRun, rows });
}

function checkComparable(plan: PlanVersion, versions: readonly PlanVersion[]): Result<null> {
  for (const version of versions) {
    if (version.status !== "published") continue;
    if (version.currency !== plan.currency) {
      const detail = `${version.planRevision} is in ${version.currency}; another currency needs ` +
        "another plan id";
      return refuse({ code: "currency_changed", detail });
    }
    if (version.interval !== plan.interval) {
      const detail = `${version.planRevision} bills per ${version.interval}; another interval ` +
        "needs another plan id";
      return refuse({ code: "interval_changed", detail });
    }
  }
  return accept(null);
}

function replayPeriods(
  nowMs: number,
  plan: PlanVersion,
  { periods, includeCurrent }: { periods: number; includeCurrent: boolean },
): readonly BillingPeriod[] {
  const current = periodAt(nowMs, plan.interval);
  const count = Math.min(Math.max(periods, 1), MAX_DRY_RUN_PERIODS);
  const past = Array.from(
    { length: count },
    (_, at) => shiftPeriod(current, at - count, plan.interval),
  );
  return includeCurrent ? [...past, current] : past;
}

async function replayTenant(
  deps: CatalogDeps,
  { tenant, current, next, replayed }: {
    readonly tenant: Tenant;
    readonly current: PlanVersion;
    readonly next: PlanVersion;
    readonly replayed: readonly BillingPeriod[];
  },
): Promise<DryRunRow> {
  let beforeMinor = 0n;
  let afterMinor = 0n;
  let refusedUnits = 0n;
  const unpriced = new Set<MeterName>();
  for (const period of replayed) {
    if (period.endMs <= tenant.createdAtMs) continue;
    const usage = await usageOf(deps, tenant.tenantId, period.periodId);
    const before = priceStatement(current, usage);
    const after = priceStatement(next, usage);
    beforeMinor += before.totalMinor;
    afterMinor += after.totalMinor;
    for (const { meter } of after.unpriced) unpriced.add(meter);
    refusedUnits += unitsOverQuota({ tenant, plan: next }, usage);
  }
  return {
    tenantId: tenant.tenantId,
    name: tenant.name,
    currentRevision: tenant.planRevision,
    beforeMinor,
    afterMinor,
    changeMinor: afterMinor - beforeMinor,
    unpricedMeters: [...unpriced],
    refusedUnits,
  };
}

async function usageOf(
  deps: Pick<CatalogDeps, "usage">,
  tenantId: string,
  periodId: string,
): Promise<ReadonlyMap<MeterName, Units>> {
  const usage = new Map<MeterName, Units>();
  for (const { meter, units } of await deps.usage.periodTotals({ tenantId, periodId })) {
    usage.set(meter, (usage.get(meter) ?? 0n) + units);
  }
  return usage;
}

function unitsOverQuota(
  terms: { readonly tenant: Tenant; readonly plan: PlanVersion },
  usage: ReadonlyMap<MeterName, Units>,
): Units {
  let over = 0n;
  for (const [meter, units] of usage) {
    const quota = effectiveQuota(terms, meter);
    if (quota?.enforcement === "hard" && units > quota.units) over += units - quota.units;
  }
  return over;
}

function summarize(
  rows: readonly DryRunRow[],
  head: Pick<
    DryRun,
    "dryRunId" | "planRevision" | "termsHash" | "currency" | "createdAtMs" | "periodIds"
  >,
): DryRun {
  const beforeMinor = rows.reduce((sum, row) => sum + row.beforeMinor, 0n);
  const afterMinor = rows.reduce((sum, row) => sum + row.afterMinor, 0n);
  return {
    ...head,
    tenants: rows.length,
    winners: rows.filter((row) => row.changeMinor < 0n).length,
    losers: rows.filter((row) => row.changeMinor > 0n).length,
    unchanged: rows.filter((row) => row.changeMinor === 0n).length,
    beforeMinor,
    afterMinor,
    changeMinor: afterMinor - beforeMinor,
  };
}

function compareSize(a: bigint, b: bigint): number {
  const [sizeA, sizeB] = [a < 0n ? -a : a, b < 0n ? -b : b];
  return sizeA < sizeB ? -1 : sizeA > sizeB ? 1 : 0;
}
