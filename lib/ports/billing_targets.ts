import type { BillingInterval } from "../domain/period.ts";
import type { LineId } from "../domain/segment.ts";

/** Where the units of a line are to be sent. */
export type BillingTarget =
  | {
    readonly kind: "billable";
    readonly eventName: string;
    readonly stripeCustomerId: string;
    readonly interval: BillingInterval;
  }
  /** They are kept until this changes. */
  | { readonly kind: "unbillable"; readonly reason: UnbillableReason };

export type UnbillableReason =
  | "tenant_unknown"
  | "plan_unknown"
  | "no_stripe_customer"
  | "meter_not_in_plan"
  | "flat_price";

export interface BillingTargets {
  target(line: Pick<LineId, "tenantId" | "meter" | "planRevision">): Promise<BillingTarget>;
}
