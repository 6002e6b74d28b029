import { periodAt } from "@/lib/domain/period.ts";
import type { PlanVersion } from "@/lib/domain/plan.ts";
import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
import type { SubscriptionSpec } from "@/lib/ports/billing_provider.ts";
import type { BillingDeps } from "./deps.ts";
import { updateTenant } from "./update_tenant.ts";

type ProvisionDeps = Pick<BillingDeps, "clock" | "tenants" | "plans" | "provider" | "store">;

export interface ProvisionInput {
  readonly tenantId: string;
  readonly email: string | null;
  readonly collection?: SubscriptionSpec["collection"];
  /** From when usage is billed; the tenant's start or that of this period when absent. */
  readonly startMs?: number;
}

/**
 * Gives a tenant all that Stripe needs to bill it: customer, meters, prices, subscription. Each
 * step finds what an earlier, interrupted run made and is stored before the next begins, so the
 * whole may be repeated after a crash at any point. Errors: `not_found`, `tenant_closed`,
 * `plan_not_found`, `conflict`, and what `checkPlan` refuses, before anything is made.
 */
export async function provisionTenant(
  deps: ProvisionDeps,
  input: ProvisionInput,
): Promise<Result<Tenant>> {
  const { tenantId } = input;
  const found = (await deps.tenants.tenant(tenantId))?.value;
  if (found === undefined) return refuse({ code: "not_found", detail: `No tenant ${tenantId}` });
  if (found.status === "closed") {
    return refuse({ code: "tenant_closed", detail: `Tenant ${tenantId} is closed` });
  }
  const plan = await billablePlan(deps, found.planRevision);
  if (!plan.ok) return plan;
  const customer = await ensureCustomer(deps, found, input.email);
  if (!customer.ok) return customer;
  return await ensureSubscription(deps, { ...input, plan: plan.value, ...customer.value });
}

async function billablePlan(deps: ProvisionDeps, revision: string): Promise<Result<PlanVersion>> {
  const plan = (await deps.plans.plan(revision))?.value;
  if (plan === undefined) {
    return refuse({ code: "plan_not_found", detail: `No plan ${revision}` });
  }
  return deps.provider.checkPlan(plan);
}

async function ensureCustomer(
  deps: ProvisionDeps,
  tenant: Tenant,
  email: string | null,
): Promise<Result<{ tenant: Tenant; stripeCustomerId: string }>> {
  const { tenantId, name } = tenant;
  const stripeCustomerId = tenant.stripeCustomerId ??
    (await deps.provider.ensureCustomer({ tenantId, name, email })).stripeCustomerId;
  await deps.store.linkCustomer({ stripeCustomerId, tenantId });
  const written = await updateTenant(
    deps,
    { tenantId, action: "tenant.customer_linked" },
    (now) => now.stripeCustomerId === null ? { ...now, stripeCustomerId } : now,
  );
  return written.ok ? accept({ tenant: written.value, stripeCustomerId }) : written;
}

async function ensureSubscription(
  deps: ProvisionDeps,
  { tenant, plan, stripeCustomerId, collection, startMs }: ProvisionInput & {
    readonly tenant: Tenant;
    readonly plan: PlanVersion;
    readonly stripeCustomerId: string;
  },
): Promise<Result<Tenant>> {
  if (tenant.stripeSubscriptionId !== null) return accept(tenant);
  const provisioned = await deps.provider.ensurePlan(plan);
  const period = periodAt(deps.clock.nowMs(), plan.interval);
  const billedFromMs = startMs ?? Math.max(tenant.createdAtMs, period.startMs);
  const subscription = await deps.provider.ensureSubscription({
    tenantId: tenant.tenantId,
    stripeCustomerId,
    plan: provisioned,
    startMs: billedFromMs,
    ...(collection === undefined ? {} : { collection }),
  });
  const changes = await deps.store.planChanges(tenant.tenantId);
  if (changes.length === 0) {
    await deps.store.putPlanChange({
      tenantId: tenant.tenantId,
      atMs: billedFromMs,
      from: null,
      to: plan.planRevision,
      state: "done",
    });
  }
  const { stripeSubscriptionId } = subscription;
  const billed = subscription.planRevision;
  return await updateTenant(
    deps,
    { tenantId: tenant.tenantId, action: "tenant.subscription_linked", billed },
    (now) => {
      if (now.stripeSubscriptionId !== null) return now;
      // Moved meanwhile, or subscribed by an earlier run that was cut off.
      const behind = billed !== null && billed !== now.planRevision;
      return { ...now, stripeSubscriptionId, ...(behind ? { pricesSinceMs: null } : {}) };
    },
  );
}

/** A Stripe page where the tenant starts paying. Errors: `not_provisioned` and as above. */
export async function checkoutUrl(
  deps: ProvisionDeps,
  { tenantId, ...urls }: {
    readonly tenantId: string;
    readonly successUrl: string;
    readonly cancelUrl: string;
  },
): Promise<Result<string>> {
  const customer = await customerOf(deps, tenantId);
  if (!customer.ok) return customer;
  const { tenant, stripeCustomerId } = customer.value;
  const plan = await billablePlan(deps, tenant.planRevision);
  if (!plan.ok) return plan;
  const provisioned = await deps.provider.ensurePlan(plan.value);
  return accept(await deps.provider.checkoutUrl({ stripeCustomerId, plan: provisioned, ...urls }));
}

/** Stripe's billing portal for the tenant. Errors: `not_found`, `not_provisioned`. */
export async function billingPortalUrl(
  deps: Pick<BillingDeps, "tenants" | "provider">,
  { tenantId, returnUrl }: { readonly tenantId: string; readonly returnUrl: string },
): Promise<Result<string>> {
  const customer = await customerOf(deps, tenantId);
  if (!customer.ok) return customer;
  const { stripeCustomerId } = customer.value;
  return accept(await deps.provider.portalUrl({ stripeCustomerId, returnUrl }));
}

async function customerOf(
  deps: Pick<BillingDeps, "tenants">,
  tenantId: string,
): Promise<Result<{ tenant: Tenant; stripeCustomerId: string }>> {
  const tenant = (await deps.tenants.tenant(tenantId))?.value;
  if (tenant === undefined) return refuse({ code: "not_found", detail: `No tenant ${tenantId}` });
  const { stripeCustomerId } = tenant;
  if (stripeCustomerId === null) {
    return refuse({ code: "not_provisioned", detail: `Tenant ${tenantId} has no customer yet` });
  }
  return accept({ tenant, stripeCustomerId });
}
