import type { PlanModel } from "@/components/portal/PlanPage.tsx";
import { periodAt } from "@/lib/domain/period.ts";
import type { PlanVersion } from "@/lib/domain/plan.ts";
import { marginalCost } from "@/lib/domain/pricing.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
import type { PortalDeps } from "./deps.ts";

export async function loadPlan(
  deps: Pick<PortalDeps, "clock" | "usage" | "plans">,
  { tenant, plan }: { readonly tenant: Tenant; readonly plan: PlanVersion },
): Promise<PlanModel> {
  const period = periodAt(deps.clock.nowMs(), plan.interval);
  const [totals, plans] = await Promise.all([
    deps.usage.periodTotals({ tenantId: tenant.tenantId, periodId: period.periodId }),
    deps.plans.plans(),
  ]);
  const current = totals.filter(({ planRevision }) => planRevision === plan.planRevision);
  const { requestsPerSecond, burst } = { ...plan.limits, ...tenant.overrides };
  return {
    plan,
    period,
    marginal: plan.meters.map(({ meter, price, includedUnits }) => {
      const usedUnits = current.filter((total) => total.meter === meter)
        .reduce((sum, { units }) => sum + units, 0n);
      return { meter, usedUnits, nextUnit: marginalCost(price, includedUnits, usedUnits, 1n) };
    }),
    others: newestPublished(plans).filter((other) =>
      other.planRevision !== plan.planRevision && other.currency === plan.currency &&
      other.interval === plan.interval
    ),
    requestsPerSecond,
    burst,
  };
}

/** The newest published version of each plan, cheapest base fee first. */
export function newestPublished(plans: readonly PlanVersion[]): readonly PlanVersion[] {
  const newest = new Map<string, PlanVersion>();
  for (const plan of plans) {
    if (plan.status !== "published") continue;
    const known = newest.get(plan.planId);
    if (known === undefined || known.revision < plan.revision) newest.set(plan.planId, plan);
  }
  return [...newest.values()].sort((a, b) => a.baseFee < b.baseFee ? -1 : 1);
}
