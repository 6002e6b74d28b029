import type { TenantId } from "../domain/tenant.ts";
import type { Page } from "./tenancy.ts";

/** Names an adjustment, correction or credit that nobody has decided yet; its own store holds the rest. */
export interface WaitingApproval {
  readonly kind: "adjustment" | "correction" | "credit";
  readonly tenantId: TenantId;
  readonly id: string;
  readonly createdAtMs: number;
}

/** What waits for a second person, over all tenants. */
export interface ApprovalQueue {
  /** Oldest first. */
  waiting(
    query: { readonly limit: number; readonly cursor?: string },
  ): Promise<Page<WaitingApproval>>;
  /** How many wait, counted up to `max`. */
  count(max: number): Promise<number>;
}
