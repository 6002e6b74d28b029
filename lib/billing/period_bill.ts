import type { CreditBalance } from "@/lib/domain/credit.ts";
import { fromMinor } from "@/lib/domain/money.ts";
import { type BillingPeriod, periodAt } from "@/lib/domain/period.ts";
import type { Amount, MeterName, PlanVersion, Units } from "@/lib/domain/plan.ts";
import { prorate, type TimeShare } from "@/lib/domain/proration.ts";
import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import { type PlanUse, pricePeriod, type Statement } from "@/lib/domain/statement.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
import type { PlanChangeRow } from "@/lib/ports/subscription_ledger.ts";
import type { PeriodTotal } from "@/lib/ports/usage.ts";
import type { BillingDeps } from "./deps.ts";

export type PeriodBillDeps = Pick<BillingDeps, "plans" | "store"> & {
  readonly usage: Pick<BillingDeps["usage"], "billableTotals">;
};

/** A tenant's bill of one period, as our books have it now. */
export interface PeriodBill {
  readonly period: BillingPeriod;
  /** The plan at the end of the period. */
  readonly plan: PlanVersion;
  readonly uses: readonly [PlanUse, ...PlanUse[]];
  /** A move to another version lay in the period, or usage of a version that was not in force. */
  readonly moved: boolean;
  readonly statement: Statement;
  /** Units by meter over all plan versions. */
  readonly units: ReadonlyMap<MeterName, Units>;
}

/** The period that `text` (`YYYY-MM-DD`, its first day) names; `null` for anything else. */
export function parsePeriodId(text: string, interval: PlanVersion["interval"]) {
  const atMs = Date.parse(`${text}T00:00:00Z`);
  if (Number.isNaN(atMs)) return null;
  const period = periodAt(atMs, interval);
  return period.periodId === text ? period : null;
}

/**
 * Prices a tenant's period: each plan version by its own ladder, base fees and commitment by the
 * second, then adjustments, then prepaid credits. Errors: `plan_not_found`.
 */
export async function billPeriod(
  deps: PeriodBillDeps,
  { tenant, period }: { readonly tenant: Tenant; readonly period: BillingPeriod },
): Promise<Result<PeriodBill>> {
  const { tenantId } = tenant;
  const { periodId } = period;
  const [totals, changes, adjustments, credits] = await Promise.all([
    deps.usage.billableTotals({ tenantId, periodId }),
    deps.store.planChanges(tenantId),
    deps.store.adjustments(tenantId, periodId),
    deps.store.credits(tenantId),
  ]);
  const spans = planSpans({ tenant, period, changes, totals });
  const uses: PlanUse[] = [];
  for (const { planRevision, share } of spans) {
    const plan = (await deps.plans.plan(planRevision))?.value;
    if (plan === undefined) {
      return refuse({ code: "plan_not_found", detail: `No plan ${planRevision}` });
    }
    const first = uses.every((use) => use.plan.planRevision !== planRevision);
    uses.push({ plan, share, usage: first ? usageUnder(totals, planRevision) : new Map() });
  }
  const [head, ...rest] = uses;
  if (head === undefined) return refuse({ code: "plan_not_found", detail: "No plan at all" });
  const plan = (rest.at(-1) ?? head).plan;
  const statement = pricePeriod([head, ...rest], {
    minimumCommitment: proratedMinimum(uses),
    adjustments: adjustments.filter(({ state }) => state === "applied").map((adjustment) => ({
      adjustmentId: adjustment.adjustmentId,
      amount: fromMinor(adjustment.amountMinor),
      note: adjustment.note,
    })),
    credits: credits.flatMap(({ value }) =>
      value.currency === plan.currency ? balanceFor(value, period) : []
    ),
  });
  const moved = uses.length > 1 || changes.some((change) => movedIn(period, change)) ||
    spans.some(({ share: { fromMs, toMs } }) => fromMs === toMs);
  const units = mergeUnits(totals);
  return accept({ period, plan, uses: [head, ...rest], moved, statement, units });
}

/** From our commit on until Stripe has followed, by whichever clock. */
function movedIn(
  { startMs, endMs }: BillingPeriod,
  { from, atMs, billedFromMs, state }: PlanChangeRow,
): boolean {
  if (from === null) return false;
  const followedMs = billedFromMs ?? (state === "done" ? atMs : Infinity);
  return Math.min(atMs, followedMs) < endMs && Math.max(atMs, followedMs) >= startMs;
}

interface PlanSpan {
  readonly planRevision: string;
  readonly share: TimeShare;
}

/**
 * Which version held when. Usage of a version outside its time (units committed while a change was
 * under way) gets a span of no length: its units are billed, no fee is.
 */
function planSpans(
  { tenant, period, changes, totals }: {
    readonly tenant: Tenant;
    readonly period: BillingPeriod;
    readonly changes: readonly PlanChangeRow[];
    readonly totals: readonly PeriodTotal[];
  },
): readonly PlanSpan[] {
  const joinedMs = Math.min(Math.max(tenant.createdAtMs, period.startMs), period.endMs);
  const known = changes.length > 0
    ? changes.map(({ atMs, billedFromMs = atMs, to }) => ({ atMs: billedFromMs, planRevision: to }))
    : [{ atMs: joinedMs, planRevision: tenant.planRevision }];
  const spans = known.flatMap(({ atMs, planRevision }, at) => {
    const fromMs = Math.max(atMs, period.startMs);
    const toMs = Math.min(known[at + 1]?.atMs ?? period.endMs, period.endMs);
    return fromMs < toMs ? [{ planRevision, share: { fromMs, toMs, period } }] : [];
  });
  const held = new Set(spans.map(({ planRevision }) => planRevision));
  const strays = [...new Set(totals.map(({ planRevision }) => planRevision))]
    .filter((planRevision) => !held.has(planRevision))
    .map((planRevision) => ({
      planRevision,
      share: { fromMs: period.startMs, toMs: period.startMs, period },
    }));
  const all = [...strays, ...spans];
  if (all.length > 0) return all;
  const none = { fromMs: period.endMs, toMs: period.endMs, period };
  return [{ planRevision: tenant.planRevision, share: none }];
}

function proratedMinimum(uses: readonly PlanUse[]): Amount {
  return uses.reduce(
    (sum, { plan, share }) =>
      sum + (share === undefined ? plan.minimumCommitment : prorate(plan.minimumCommitment, share)),
    0n,
  );
}

/** What is left of a credit for this period: other periods' draws are gone, its own are not. */
function balanceFor(
  credit: Awaited<ReturnType<BillingDeps["store"]["credits"]>>[number]["value"],
  period: BillingPeriod,
): readonly CreditBalance[] {
  const expired = credit.expiresAtMs !== null && credit.expiresAtMs < period.endMs;
  if (expired || credit.createdAtMs >= period.endMs) return [];
  const drawn = credit.draws.filter(({ periodId }) => periodId !== period.periodId)
    .reduce((sum, draw) => sum + draw.amountMinor, 0n);
  const { creditId, priority, expiresAtMs, createdAtMs } = credit;
  return [{
    creditId,
    priority,
    expiresAtMs,
    createdAtMs,
    remainingMinor: credit.amountMinor - drawn,
  }];
}

function usageUnder(totals: readonly PeriodTotal[], planRevision: string) {
  return mergeUnits(totals.filter((total) => total.planRevision === planRevision));
}

function mergeUnits(totals: readonly PeriodTotal[]): ReadonlyMap<MeterName, Units> {
  const units = new Map<MeterName, Units>();
  for (const total of totals) {
    units.set(total.meter, (units.get(total.meter) ?? 0n) + total.units);
  }
  return units;
}
