import type { Tenant, TenantStatus } from "@/lib/domain/tenant.ts";
import type { ProviderSubscription } from "@/lib/ports/billing_provider.ts";
import type { BillingDeps } from "./deps.ts";
import { askToFollow } from "./follow_move.ts";
import { updateTenant } from "./update_tenant.ts";

type ApplyDeps = Pick<BillingDeps, "clock" | "logger" | "tenants" | "plans" | "store">;

const DAY_MS = 86_400_000;

/** What a subscription status means for serving calls; unknown words change nothing. */
const STATUS: Readonly<Record<string, TenantStatus>> = {
  active: "active",
  trialing: "active",
  past_due: "past_due",
  unpaid: "suspended",
  paused: "suspended",
  incomplete: "suspended",
  incomplete_expired: "suspended",
  canceled: "closed",
};

/**
 * Brings a tenant's status to what its own subscription says now. Only what billing set may billing
 * change: a tenant that an operator suspended stays suspended when an invoice is paid. A grace
 * period starts once, when the tenant first falls past due.
 */
export async function applySubscription(
  deps: ApplyDeps,
  tenantId: string,
  subscription: ProviderSubscription,
): Promise<"applied" | "unchanged"> {
  const target = Object.hasOwn(STATUS, subscription.status) ? STATUS[subscription.status] : null;
  if (target === null || target === undefined) {
    deps.logger.warn("subscription_status_unknown", { tenantId, status: subscription.status });
    return "unchanged";
  }
  const lastApplied = (await deps.store.mirror(tenantId))?.appliedStatus ?? "active";
  const graceDays = await graceDaysOf(deps, tenantId);
  let changed = false;
  const edit = { tenantId, action: "tenant.status_followed" };
  const updated = await updateTenant(deps, edit, (tenant) => {
    changed = false;
    if (!isOwn(tenant, subscription) || tenant.status !== lastApplied) return tenant;
    if (tenant.status === target) return tenant;
    changed = true;
    const graceUntilMs = target === "past_due"
      ? tenant.graceUntilMs ?? deps.clock.nowMs() + graceDays * DAY_MS
      : null;
    return { ...tenant, status: target, graceUntilMs };
  });
  if (!updated.ok || !isOwn(updated.value, subscription)) return "unchanged";
  // Where an operator decided otherwise the mirror keeps what billing last set.
  const appliedStatus = updated.value.status === target ? target : lastApplied;
  await deps.store.putMirror({
    tenantId,
    stripeStatus: subscription.status,
    appliedStatus,
    atMs: deps.clock.nowMs(),
  });
  if (changed) deps.logger.info("tenant_status_changed", { tenantId, status: target });
  await askToFollow(deps, updated.value, subscription);
  return changed ? "applied" : "unchanged";
}

/** Invoices and events of another, older subscription say nothing about this tenant. */
function isOwn(tenant: Tenant, subscription: ProviderSubscription): boolean {
  return tenant.stripeSubscriptionId === subscription.stripeSubscriptionId;
}

async function graceDaysOf(deps: ApplyDeps, tenantId: string): Promise<number> {
  const tenant = (await deps.tenants.tenant(tenantId))?.value;
  if (tenant === undefined) return 0;
  return (await deps.plans.plan(tenant.planRevision))?.value.graceDays ?? 0;
}
