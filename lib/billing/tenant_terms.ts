import { isCurrency } from "@/lib/domain/currency.ts";
import { accept, refuse } from "@/lib/domain/result.ts";
import type { BillingDeps } from "./deps.ts";

/** A typing error of a few zeros should not get through: ten million in a two-decimal currency. */
export const MAX_ACT_MINOR = 1_000_000_000n;

/** The tenant, and the currency and interval of its plan. Error: `not_found`. */
export async function tenantWithPlan(
  deps: Pick<BillingDeps, "tenants" | "plans">,
  tenantId: string,
) {
  const tenant = (await deps.tenants.tenant(tenantId))?.value;
  if (tenant === undefined) return refuse({ code: "not_found", detail: `No tenant ${tenantId}` });
  const plan = (await deps.plans.plan(tenant.planRevision))?.value;
  if (plan === undefined || !isCurrency(plan.currency)) {
    return refuse({ code: "not_found", detail: `No plan ${tenant.planRevision}` });
  }
  return accept({ tenant, currency: plan.currency, interval: plan.interval });
}
