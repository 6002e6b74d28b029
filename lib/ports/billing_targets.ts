import type { BillingInterval } from "../domain/period.ts";
import type { LineId } from "../domain/segment.ts";

/** Where the units of a line are to be sent. */
export type BillingTarget =
  | {
    readonly kind: "billable";
    readonly eventName: string;
    readonly stripeCustomerId: string;
    readonly interval: BillingInterval;
    readonly prices: PriceStanding;
  }
  /** They are kept until this changes. */
  | { readonly kind: "unbillable"; readonly reason: UnbillableReason };

/**
 * Whether Stripe bills a unit at the price of its own plan version. It does from `sinceMs` on;
 * `awaited`: it has yet to be told of the version; `leaving`: it has yet to be told that the tenant
 * has left it, so nothing is counted under it any more and all of it can be sent at that price still.
 */
export type PriceStanding =
  | { readonly kind: "in_force"; readonly sinceMs: number }
  | { readonly kind: "awaited" }
  | { readonly kind: "leaving" };

export type UnbillableReason =
  | "tenant_unknown"
  | "plan_unknown"
  | "no_stripe_customer"
  | "meter_not_in_plan"
  | "flat_price";

export interface BillingTargets {
  target(line: Pick<LineId, "tenantId" | "meter" | "planRevision">): Promise<BillingTarget>;
}
