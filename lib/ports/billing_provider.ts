import type { PlanVersion, Units } from "../domain/plan.ts";

/** What Clawmeter tells the provider about usage; all fields are frozen at the seal. */
export interface MeterEvent {
  readonly identifier: string;
  readonly eventName: string;
  readonly stripeCustomerId: string;
  readonly units: Units;
  readonly timestampMs: number;
  /** 1, 2, 3, …: rotates the Idempotency-Key, since a stored 500 would be replayed for 24 h. */
  readonly attempt: number;
}

export type SendOutcome =
  | { readonly kind: "delivered" }
  /** The identifier is known to the provider: an earlier attempt arrived. */
  | { readonly kind: "already_exists" }
  /** Refused for good until somebody acts; `code` as the provider names it. */
  | { readonly kind: "refused"; readonly code: string; readonly detail: string }
  /** Not processed; try again after the delay. */
  | { readonly kind: "throttled"; readonly retryAfterMs: number }
  /** Timeout, broken connection or 5xx: it may or may not have arrived. */
  | { readonly kind: "unknown"; readonly detail: string }
  /** Credentials are wrong: stop the whole sender. */
  | { readonly kind: "unauthorized"; readonly detail: string };

export interface SummaryQuery {
  readonly eventName: string;
  readonly stripeCustomerId: string;
  /** Minute-aligned (hour- or day-aligned when grouped), half-open. */
  readonly startMs: number;
  readonly endMs: number;
  readonly grouping?: "hour" | "day";
}

export interface MeterSummary {
  readonly startMs: number;
  readonly endMs: number;
  readonly units: Units;
}

export type ProviderMode = "simulator" | "test" | "live";

/**
 * The money side. One implementation speaks to Stripe through its SDK; tests run the same contract
 * suite over an in-memory one. Methods throw `ProviderError` only for what has no outcome above.
 */
export interface BillingProvider {
  readonly mode: ProviderMode;
  sendMeterEvent(event: MeterEvent): Promise<SendOutcome>;
  /** One outcome per event, same order. */
  sendMeterEvents(events: readonly MeterEvent[]): Promise<readonly SendOutcome[]>;
  summaries(query: SummaryQuery): Promise<readonly MeterSummary[]>;

  /** Idempotent create-or-find; repeating after a crash at any point makes no second object. */
  ensureMeter(spec: { eventName: string; displayName: string }): Promise<{ stripeMeterId: string }>;
  ensureCustomer(
    spec: { tenantId: string; name: string; email: string | null },
  ): Promise<{ stripeCustomerId: string }>;
  ensurePlan(plan: PlanVersion): Promise<ProvisionedPlan>;
  ensureSubscription(
    spec: { tenantId: string; stripeCustomerId: string; plan: ProvisionedPlan; startMs: number },
  ): Promise<ProviderSubscription>;
  changePlan(
    spec: { stripeSubscriptionId: string; plan: ProvisionedPlan },
  ): Promise<ProviderSubscription>;
  subscription(stripeSubscriptionId: string): Promise<ProviderSubscription | null>;

  invoices(query: { stripeCustomerId: string; limit: number }): Promise<readonly ProviderInvoice[]>;
  previewInvoice(
    query: { stripeCustomerId: string; stripeSubscriptionId: string },
  ): Promise<ProviderInvoice>;
  finalizeInvoice(invoiceId: string): Promise<ProviderInvoice>;
  checkoutUrl(
    spec: {
      stripeCustomerId: string;
      plan: ProvisionedPlan;
      successUrl: string;
      cancelUrl: string;
    },
  ): Promise<string>;
  portalUrl(spec: { stripeCustomerId: string; returnUrl: string }): Promise<string>;
}

/** The Stripe objects of one plan version. */
export interface ProvisionedPlan {
  readonly planRevision: string;
  readonly productId: string;
  readonly prices: readonly { readonly meter: string | null; readonly priceId: string }[];
}

export interface ProviderSubscription {
  readonly stripeSubscriptionId: string;
  readonly stripeCustomerId: string;
  readonly status: string;
  readonly currentPeriodStartMs: number;
  readonly currentPeriodEndMs: number;
  readonly planRevision: string | null;
}

export interface ProviderInvoice {
  readonly invoiceId: string;
  readonly number: string | null;
  readonly status: "draft" | "open" | "paid" | "uncollectible" | "void" | "preview";
  readonly currency: string;
  /** Whole minor units. */
  readonly totalMinor: bigint;
  readonly periodStartMs: number;
  readonly periodEndMs: number;
  readonly createdAtMs: number;
  readonly hostedUrl: string | null;
  readonly lines: readonly {
    readonly description: string;
    readonly meter: string | null;
    readonly units: Units;
    readonly amountMinor: bigint;
  }[];
}

/** The provider answered in a way that is neither success nor a listed outcome. */
export class ProviderError extends Error {
  override name = "ProviderError";
  constructor(readonly code: string, message: string, options?: ErrorOptions) {
    super(message, options);
  }
}
