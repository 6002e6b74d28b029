import type { MeterName, Units } from "../domain/plan.ts";
import type { TenantId } from "../domain/tenant.ts";

/** What a hard quota is counted over. */
export interface QuotaLineId {
  readonly tenantId: TenantId;
  readonly meter: MeterName;
  readonly periodId: string;
}

export interface QuotaGrant {
  readonly units: Units;
  /** Units of the quota that nobody holds after this. */
  readonly left: Units;
}

/**
 * Units of hard quotas, handed out to instances before they are served. The sum of all grants never
 * passes the quota, so no number of instances can.
 */
export interface QuotaStore {
  /**
   * At least `needed` more units for this instance or none; up to `wished` while the pool is far
   * from empty, so that most calls need no answer of the store.
   */
  acquire(
    line: QuotaLineId,
    request: {
      readonly instanceId: string;
      readonly needed: Units;
      readonly wished: Units;
      readonly quota: Units;
    },
  ): Promise<QuotaGrant>;
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
  /** Units not granted to anybody yet; `null` before the first grant. */
  granted(line: QuotaLineId): Promise<Units | null>;
}
