import type { TenantId } from "../domain/tenant.ts";

/** What billing asks of metering. */
export interface MeteringControl {
  /**
   * Folds, seals and sends all that is due for a tenant's billing period, now. Resolves when no more
   * can be done at once; what is left shows in the books.
   */
  flush(scope: { tenantId: TenantId; periodId: string }): Promise<void>;
  /**
   * Stripe refused a meter event after accepting it: its entry is held with the reason, and goes by
   * rejected if it was sent. `unknown` is a refusal that no entry's present attempts can have met.
   * Repeatable.
   */
  reject(refusal: MeterEventRefusal): Promise<"rejected" | "unknown">;
}

export interface MeterEventRefusal {
  readonly identifier: string;
  readonly code: string;
  readonly detail: string;
  /** By then Stripe had refused it; attempts that began later are not meant. */
  readonly refusedBeforeMs?: number;
}
