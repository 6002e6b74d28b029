import type { TenantId } from "../domain/tenant.ts";

/** Counters by the hour or day; sums cannot expire by themselves. */
export type Rollup =
  /** Units that Stripe should show, of all tenants. */
  | { readonly kind: "delivered" }
  /** Calls of all tenants. */
  | { readonly kind: "all_traffic" }
  | { readonly kind: "traffic"; readonly tenantId: TenantId }
  /** Calls and units by key, route and status. */
  | { readonly kind: "calls"; readonly span: "hour" | "day"; readonly tenantId: TenantId };

export interface RollupStore {
  /**
   * Deletes at most `limit` counters of hours or days that began before an instant, oldest first, and
   * resolves with how many there were. Safe to repeat and to die in: what is left is found again.
   */
  prune(
    rollup: Rollup,
    query: { readonly beforeMs: number; readonly limit: number },
  ): Promise<number>;
}
