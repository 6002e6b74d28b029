import type { TenantId } from "../domain/tenant.ts";

/** What billing asks of metering. */
export interface MeteringControl {
  /**
   * Folds, seals and sends all that is due for a tenant's billing period, now. Resolves when no more
   * can be done at once; what is left shows in the books.
   */
  flush(scope: { tenantId: TenantId; periodId: string }): Promise<void>;
  /**
   * Stripe refused a meter event after accepting it: the entry goes from sent to rejected, and is
   * held with the reason. `unknown` is an identifier that no sent entry has. Repeatable.
   */
  reject(
    refusal: { identifier: string; code: string; detail: string },
  ): Promise<"rejected" | "unknown">;
}
