import { eachTenant } from "@/lib/catalog/each_tenant.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import type { Rollup, RollupStore } from "@/lib/ports/rollup_store.ts";
import type { TenantStore } from "@/lib/ports/tenancy.ts";

export interface PruneDeps {
  readonly rollups: RollupStore;
  readonly tenants: Pick<TenantStore, "tenants">;
  readonly clock: Clock;
}

const DAY_MS = 86_400_000;
/** Longer than Stripe takes events for (35 days) and refuses them after; they are compared for three. */
export const DELIVERED_KEPT_MS = 40 * DAY_MS;
/** Thirteen months, as entries of the outbox. */
export const TRAFFIC_KEPT_MS = 400 * DAY_MS;
/** Of one run; the next goes on. A thousand busy tenants make some ten thousand a day. */
export const PRUNED_MAX = 200_000;

/**
 * Deletes counters that nobody reads any more: of delivered units by the hour after 40 days, of calls
 * after 400. What was used, and the ledger, is kept for good. How many were deleted.
 */
export async function pruneRollups(
  { rollups, tenants, clock }: PruneDeps,
  { limit = PRUNED_MAX }: { readonly limit?: number } = {},
): Promise<number> {
  const nowMs = clock.nowMs();
  let pruned = 0;
  const prune = async (rollup: Rollup, keptMs: number) => {
    if (pruned < limit) {
      const query = { beforeMs: nowMs - keptMs, limit: limit - pruned };
      pruned += await rollups.prune(rollup, query);
    }
  };
  await prune({ kind: "delivered" }, DELIVERED_KEPT_MS);
  await prune({ kind: "all_traffic" }, TRAFFIC_KEPT_MS);
  for await (const { tenantId } of eachTenant(tenants)) {
    await prune({ kind: "traffic", tenantId }, TRAFFIC_KEPT_MS);
    for (const span of ["hour", "day"] as const) {
      await prune({ kind: "calls", span, tenantId }, TRAFFIC_KEPT_MS);
    }
    if (pruned >= limit) break;
  }
  return pruned;
}
