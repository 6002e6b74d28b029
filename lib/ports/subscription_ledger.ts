import type { PlanRevision } from "../domain/plan.ts";
import type { TenantId, TenantStatus } from "../domain/tenant.ts";
import type { Versioned, WriteOutcome } from "./tenancy.ts";

/** What billing last made of a tenant's subscription; tells its own changes from an operator's. */
export interface BillingMirror {
  readonly tenantId: TenantId;
  readonly stripeStatus: string;
  readonly appliedStatus: TenantStatus;
  readonly atMs: number;
}

export interface PlanChangeRow {
  readonly tenantId: TenantId;
  readonly atMs: number;
  /** `null`: the first plan. */
  readonly from: PlanRevision | null;
  readonly to: PlanRevision;
  /** `started` until the provider has it too. */
  readonly state: "started" | "done";
  /** When the provider changed its prices, by its own clock: fees are split there. */
  readonly billedFromMs?: number;
}

/** A move to another plan version that the provider has yet to follow. */
export interface PlanMove {
  readonly tenantId: TenantId;
  readonly from: PlanRevision;
  readonly to: PlanRevision;
  readonly startedAtMs: number;
  readonly attempts: number;
  /** Not tried before this. */
  readonly nextAttemptAtMs: number;
  /** Why the last attempt did not end it; `null` before. */
  readonly detail: string | null;
}

/** What goes into one commit with the tenant that it concerns. */
export interface PlanStep {
  readonly change: PlanChangeRow | null;
  readonly move: PlanMove | null;
}

export interface SubscriptionLedger {
  tenantOf(stripeCustomerId: string): Promise<TenantId | null>;
  linkCustomer(link: { stripeCustomerId: string; tenantId: TenantId }): Promise<void>;
  mirror(tenantId: TenantId): Promise<BillingMirror | null>;
  putMirror(mirror: BillingMirror): Promise<void>;
  /** Oldest first. */
  planChanges(tenantId: TenantId): Promise<readonly PlanChangeRow[]>;
  putPlanChange(row: PlanChangeRow): Promise<void>;
  planMove(tenantId: TenantId): Promise<Versioned<PlanMove> | null>;
  /** By tenant id; few wait at any time. */
  planMoves(query: { limit: number }): Promise<readonly PlanMove[]>;
  /** `versionstamp: null` creates; does nothing when the stored one is another by now. */
  putPlanMove(move: PlanMove, versionstamp: string | null): Promise<WriteOutcome>;
  /** The provider has followed; does nothing when a later move stands there. */
  endPlanMove(tenantId: TenantId, versionstamp: string): Promise<void>;
}
