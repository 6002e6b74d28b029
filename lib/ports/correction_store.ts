import type { AloneGuard, AloneReader } from "./alone_acts.ts";
import type { Correction } from "../domain/correction.ts";
import type { TenantId } from "../domain/tenant.ts";
import type { Versioned, WriteOutcome } from "./tenancy.ts";

/** `period_closing`: whether its invoice becomes final is being decided just now. */
export type PeriodBar = "period_closed" | "period_closing" | "tenant_closed";

/** Whether a billing period takes a correction, and what that rests on. */
export interface PeriodStanding {
  /** Why not; `null`: it does. */
  readonly bar: PeriodBar | null;
  /** Versions of the tenant and of the period's close; the seal checks that they still hold. */
  readonly tenantVersion: string | null;
  readonly closeVersion: string | null;
  /** The correction is in the outbox already, or was. */
  readonly sealed: boolean;
}

export interface CorrectionStore extends AloneReader {
  standing(correction: Correction): Promise<PeriodStanding>;
  find(tenantId: TenantId, correctionId: string): Promise<Versioned<Correction> | null>;
  /** Newest first. */
  list(
    query: { readonly tenantId: TenantId; readonly limit: number },
  ): Promise<readonly Correction[]>;
  /**
   * `versionstamp: null` creates; then `closeVersion` is that of the period's close: when the close
   * has moved on, nothing is written. `alone` is written with it.
   */
  put(
    correction: Correction,
    versionstamp: string | null,
    options?: { readonly closeVersion?: string | null; readonly alone?: AloneGuard },
  ): Promise<WriteOutcome>;
}
