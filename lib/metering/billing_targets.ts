import type { Tenant } from "@/lib/domain/tenant.ts";
import type { BillingTarget, BillingTargets, PriceStanding } from "@/lib/ports/billing_targets.ts";
import type { PlanStore, TenantStore } from "@/lib/ports/tenancy.ts";
import { isBilledByUnit, type MeterName } from "@/lib/domain/plan.ts";

export interface BillingTargetsDeps {
  readonly tenants: Pick<TenantStore, "tenant">;
  readonly plans: Pick<PlanStore, "plan">;
  /** The Stripe meter's event name. */
  readonly eventNameOf: (meter: MeterName) => string;
}

/** Where units are billed follows from the tenant's customer and the plan version's price. */
export function createBillingTargets(deps: BillingTargetsDeps): BillingTargets {
  return {
    async target({ tenantId, meter, planRevision }): Promise<BillingTarget> {
      const [tenant, plan] = await Promise.all([
        deps.tenants.tenant(tenantId),
        deps.plans.plan(planRevision),
      ]);
      if (tenant === null) return { kind: "unbillable", reason: "tenant_unknown" };
      if (plan === null) return { kind: "unbillable", reason: "plan_unknown" };
      const offered = plan.value.meters.find((candidate) => candidate.meter === meter);
      if (offered === undefined) return { kind: "unbillable", reason: "meter_not_in_plan" };
      if (!isBilledByUnit(plan.value, meter)) return { kind: "unbillable", reason: "flat_price" };
      const { stripeCustomerId } = tenant.value;
      if (stripeCustomerId === null) return { kind: "unbillable", reason: "no_stripe_customer" };
      return {
        kind: "billable",
        eventName: deps.eventNameOf(meter),
        stripeCustomerId,
        interval: plan.value.interval,
        prices: standingOf(tenant.value, planRevision),
      };
    },
  };
}

function standingOf({ planRevision, pricesSinceMs = 0 }: Tenant, asked: string): PriceStanding {
  const own = planRevision === asked;
  if (pricesSinceMs === null) return { kind: own ? "awaited" : "leaving" };
  // Stripe has no price of a version that was left: what is sent of it now, the close makes up for.
  return { kind: "in_force", sinceMs: own ? pricesSinceMs : 0 };
}
