import { eachTenant } from "@/lib/catalog/each_tenant.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
import { applySubscription } from "./apply_subscription.ts";
import { completePlanChange } from "./follow_move.ts";
import type { BillingDeps } from "./deps.ts";

const DAY_MS = 86_400_000;
/** Stripe keeps events for 30 days. */
const LONGEST_LOOK_BACK_MS = 29 * DAY_MS;
/** Read again what the last pull may have seen too early; the inbox takes each event once. */
const OVERLAP_MS = 3_600_000;
const MAX_NOTICES = 5_000;

export interface PullReport {
  readonly tenants: number;
  readonly statusChanges: number;
  readonly planChangesCompleted: number;
  /** Events that no webhook had brought. */
  readonly noticesRecovered: number;
  readonly failures: readonly { readonly tenantId: string; readonly detail: string }[];
}

/**
 * Repairs what lost webhooks and cut-off runs left: reads every subscription, completes plan
 * changes that Stripe does not have yet, and puts missed notices into the inbox. Daily, repeatable;
 * a failure of one tenant is reported and holds up no other.
 */
export async function pullSubscriptions(deps: BillingDeps): Promise<PullReport> {
  const noticesRecovered = await pullNotices(deps);
  const failures: { tenantId: string; detail: string }[] = [];
  let tenants = 0;
  let statusChanges = 0;
  let planChangesCompleted = 0;
  for await (
    const tenant of eachTenant(deps.tenants, {
      onPage: (tenants) => deps.logger.info("pull_progress", { tenants }),
    })
  ) {
    if (tenant.stripeSubscriptionId === null) continue;
    tenants += 1;
    try {
      const repaired = await pullTenant(deps, tenant, tenant.stripeSubscriptionId);
      if (repaired.status) statusChanges += 1;
      if (repaired.plan) planChangesCompleted += 1;
    } catch (cause) {
      const detail = cause instanceof Error ? cause.message : String(cause);
      failures.push({ tenantId: tenant.tenantId, detail });
    }
  }
  return { tenants, statusChanges, planChangesCompleted, noticesRecovered, failures };
}

async function pullTenant(
  deps: BillingDeps,
  tenant: Tenant,
  stripeSubscriptionId: string,
): Promise<{ readonly status: boolean; readonly plan: boolean }> {
  const subscription = await deps.provider.subscription(stripeSubscriptionId);
  if (subscription === null) throw new Error(`Stripe has no ${stripeSubscriptionId}`);
  const status = await applySubscription(deps, tenant.tenantId, subscription);
  const live = subscription.status !== "canceled";
  const changes = await deps.store.planChanges(tenant.tenantId);
  const started = changes.some(({ state }) => state === "started");
  const behind = live && (started || subscription.planRevision !== tenant.planRevision);
  if (behind) {
    const completed = await completePlanChange(deps, tenant);
    if (!completed.ok) throw new Error(completed.error.detail);
  }
  return { status: status === "applied", plan: behind };
}

async function pullNotices(deps: BillingDeps): Promise<number> {
  const nowMs = deps.clock.nowMs();
  const last = await deps.store.pulledUntilMs();
  const sinceMs = Math.max(nowMs - LONGEST_LOOK_BACK_MS, (last ?? nowMs - DAY_MS) - OVERLAP_MS);
  const notices = await deps.provider.noticesSince({ sinceMs, limit: MAX_NOTICES });
  let recovered = 0;
  for (const notice of notices) {
    if (await deps.store.receive(notice, { atMs: nowMs, via: "pull" }) === "new") recovered += 1;
  }
  // A full page has more behind it: go on from its end next time.
  const newest = notices.at(-1);
  const full = notices.length >= MAX_NOTICES && newest !== undefined;
  await deps.store.setPulledUntilMs(full ? newest.createdAtMs : nowMs);
  return recovered;
}
