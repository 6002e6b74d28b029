import type { Correction } from "../domain/correction.ts";
import type { TenantId } from "../domain/tenant.ts";
import type { Versioned, WriteOutcome } from "./tenancy.ts";

export interface CorrectionStore {
  find(tenantId: TenantId, correctionId: string): Promise<Versioned<Correction> | null>;
  /** Newest first. */
  list(
    query: { readonly tenantId: TenantId; readonly limit: number },
  ): Promise<readonly Correction[]>;
  /** `versionstamp: null` creates. */
  put(correction: Correction, versionstamp: string | null): Promise<WriteOutcome>;
}
