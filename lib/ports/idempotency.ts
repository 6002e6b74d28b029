import type { TenantId } from "../domain/tenant.ts";
import type { Versioned } from "./tenancy.ts";
import type { StoredReply } from "./usage.ts";

export interface IdempotencyStore {
  /** The stored reply, expired or not: whoever reads it looks at `expiresAtMs`. */
  find(
    key: { readonly tenantId: TenantId; readonly idempotencyKey: string },
  ): Promise<Versioned<StoredReply> | null>;
}
