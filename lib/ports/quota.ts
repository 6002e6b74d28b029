import type { MeterName, Units } from "../domain/plan.ts";
import type { TenantId } from "../domain/tenant.ts";

/** What a hard quota is counted over. */
export interface QuotaLineId {
  readonly tenantId: TenantId;
  readonly meter: MeterName;
  readonly periodId: string;
}

/**
 * Units of hard quotas, handed out to instances before they are served. The sum of all grants never
 * passes the quota, so no number of instances can.
 */
export interface QuotaStore {
  /** Up to `wanted` more units for this instance, fewer near the quota, 0n at it. */
  acquire(
    line: QuotaLineId,
    request: { readonly instanceId: string; readonly wanted: Units; readonly quota: Units },
  ): Promise<Units>;
  /** Gives unserved units back to the pool. */
  release(
    line: QuotaLineId,
    request: { readonly instanceId: string; readonly units: Units },
  ): Promise<void>;
  /**
   * Returns what a retired instance had leased and not served; its whole log must be folded. Safe to
   * repeat.
   */
  reclaim(instanceId: string): Promise<void>;
  /** Instances that hold leases. */
  holders(): Promise<readonly string[]>;
  /** Units not granted to anybody yet; `null` before the first grant. */
  granted(line: QuotaLineId): Promise<Units | null>;
}
