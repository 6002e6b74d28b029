import { formatDecimal } from "./money.ts";
import type { Amount, MeterName, PlanVersion, Quota, Units } from "./plan.ts";
import { accept, type Refusal, refuse, type Result } from "./result.ts";
import type { Tenant } from "./tenant.ts";

/** Who asks, under which terms; read in one snapshot. */
export interface Terms {
  readonly tenant: Tenant;
  readonly plan: PlanVersion;
}

export interface EntitlementRefusal extends Refusal {
  readonly code:
    | "tenant_closed"
    | "tenant_suspended"
    | "payment_overdue"
    | "feature_not_in_plan"
    | "meter_not_in_plan"
    | "quota_exceeded"
    | "budget_exceeded";
}

type Decision<T> = Result<T, EntitlementRefusal>;

/** May this tenant be served at all at `nowMs`? Past due is served until its grace period ends. */
export function decideStatus(tenant: Tenant, nowMs: number): Decision<"served"> {
  switch (tenant.status) {
    case "active":
      return accept("served");
    case "past_due": {
      const { graceUntilMs } = tenant;
      if (graceUntilMs === null || nowMs < graceUntilMs) return accept("served");
      const detail = "The grace period after a failed payment is over; pay in the billing portal";
      return refuse({ code: "payment_overdue", detail });
    }
    case "suspended":
      return refuse({ code: "tenant_suspended", detail: "This tenant is suspended" });
    case "closed":
      return refuse({ code: "tenant_closed", detail: "This tenant is closed" });
  }
}

/** Is a feature word granted, by the operator's exception or else by the plan? */
export function decideFeature({ tenant, plan }: Terms, feature: string): Decision<"granted"> {
  const exception = own(tenant.overrides.features, feature);
  if (exception ?? plan.features.includes(feature)) return accept("granted");
  return refuse({
    code: "feature_not_in_plan",
    detail: `Plan ${plan.planRevision} does not include ${JSON.stringify(feature)}`,
  });
}

export interface UnitsVerdict {
  /** Units left after this call, `null` without a quota; never below zero. */
  readonly remaining: Units | null;
  /** A soft quota is passed: served all the same, and somebody is told. */
  readonly overSoftQuota: boolean;
}

/**
 * May `requestedUnits` of a meter be served after `usedUnits` in this period? A hard quota refuses
 * the call that would pass it, whole; a soft one never refuses.
 */
export function decideUnits(
  terms: Terms,
  { meter, usedUnits, requestedUnits }: {
    readonly meter: MeterName;
    readonly usedUnits: Units;
    readonly requestedUnits: Units;
  },
): Decision<UnitsVerdict> {
  if (!terms.plan.meters.some((offered) => offered.meter === meter)) {
    const detail = `Plan ${terms.plan.planRevision} does not include ${JSON.stringify(meter)}`;
    return refuse({ code: "meter_not_in_plan", detail });
  }
  const quota = effectiveQuota(terms, meter);
  if (quota === null) return accept({ remaining: null, overSoftQuota: false });
  const left = quota.units - usedUnits - requestedUnits;
  if (left >= 0n) return accept({ remaining: left, overSoftQuota: false });
  if (quota.enforcement === "soft") return accept({ remaining: 0n, overSoftQuota: true });
  const detail = `${requestedUnits} units of ${meter} would pass the quota of ${quota.units} ` +
    `units in this billing period; ${usedUnits} are used`;
  return refuse({ code: "quota_exceeded", detail });
}

/** May a call that costs `cost` be served after `spent` in this period? */
export function decideBudget(
  { tenant, plan }: Terms,
  { spent, cost }: { readonly spent: Amount; readonly cost: Amount },
): Decision<{ readonly overBudget: boolean }> {
  const { budget } = tenant;
  if (budget === null || cost <= 0n || spent + cost <= budget.amount) {
    return accept({ overBudget: false });
  }
  if (!budget.stop) return accept({ overBudget: true });
  const limit = formatDecimal(budget.amount, plan.currency);
  const detail = `This call would pass the budget of ${limit} ${plan.currency.toUpperCase()} ` +
    "for this billing period";
  return refuse({ code: "budget_exceeded", detail });
}

/** The operator's exception where there is one, else the plan's. */
export function effectiveQuota({ tenant, plan }: Terms, meter: MeterName): Quota | null {
  const exception = own(tenant.overrides.quotas, meter);
  return exception ?? plan.meters.find((offered) => offered.meter === meter)?.quota ?? null;
}

export function effectiveLimits(
  { tenant, plan }: Terms,
): { readonly requestsPerSecond: number; readonly burst: number } {
  return {
    requestsPerSecond: tenant.overrides.requestsPerSecond ?? plan.limits.requestsPerSecond,
    burst: tenant.overrides.burst ?? plan.limits.burst,
  };
}

/** Words like `toString` come from callers too, and are no exceptions. */
function own<T>(map: Readonly<Record<string, T>> | undefined, word: string): T | undefined {
  return map !== undefined && Object.hasOwn(map, word) ? map[word] : undefined;
}
