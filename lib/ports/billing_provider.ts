import type { PlanVersion, Units } from "../domain/plan.ts";
import type { Result } from "../domain/result.ts";

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
  /** Ascending by start. Ungrouped: at most one summary, over the whole range. */
  summaries(query: SummaryQuery): Promise<readonly MeterSummary[]>;
  /** What the provider refused after it had accepted it; `eventId` is a `meter_errors` notice's. */
  meterErrors(eventId: string): Promise<MeterErrorReport>;

  /** What this provider can't express of a plan, asked before anything is created. No network. */
  checkPlan(plan: PlanVersion): Result<PlanVersion>;
  /** Idempotent create-or-find; repeating after a crash at any point makes no second object. */
  ensureMeter(spec: { eventName: string; displayName: string }): Promise<{ stripeMeterId: string }>;
  ensureCustomer(
    spec: { tenantId: string; name: string; email: string | null },
  ): Promise<{ stripeCustomerId: string }>;
  /** Throws `ProviderError` with `checkPlan`'s code for a plan that it would refuse. */
  ensurePlan(plan: PlanVersion): Promise<ProvisionedPlan>;
  /** At most one live subscription per tenant: an existing one is returned as it is. */
  ensureSubscription(spec: SubscriptionSpec): Promise<ProviderSubscription>;
  /** Swaps the prices; usage so far is invoiced at the old ones. Repeating changes nothing. */
  changePlan(
    spec: { stripeSubscriptionId: string; plan: ProvisionedPlan },
  ): Promise<ProviderSubscription>;
  /** Ends it now and invoices the usage so far. Repeating changes nothing. */
  cancelSubscription(stripeSubscriptionId: string): Promise<ProviderSubscription>;
  subscription(stripeSubscriptionId: string): Promise<ProviderSubscription | null>;

  /** Newest first. */
  invoices(query: { stripeCustomerId: string; limit: number }): Promise<readonly ProviderInvoice[]>;
  invoice(invoiceId: string): Promise<ProviderInvoice | null>;
  previewInvoice(
    query: { stripeCustomerId: string; stripeSubscriptionId: string },
  ): Promise<ProviderInvoice>;
  /** Stops a draft from finalizing by itself, until `finalizeInvoice`. */
  holdInvoice(invoiceId: string): Promise<ProviderInvoice>;
  /** A finalized invoice is returned as it is. */
  finalizeInvoice(invoiceId: string): Promise<ProviderInvoice>;
  /** A one-off line (commitment top-up, correction); at most one per `key` and customer. */
  ensureInvoiceItem(spec: InvoiceItemSpec): Promise<{ invoiceItemId: string }>;
  /** Prepaid or promotional credit on metered prices; at most one per `key` and customer. */
  ensureCredit(spec: CreditSpec): Promise<{ creditGrantId: string }>;

  checkoutUrl(
    spec: {
      stripeCustomerId: string;
      plan: ProvisionedPlan;
      successUrl: string;
      cancelUrl: string;
    },
  ): Promise<string>;
  portalUrl(spec: { stripeCustomerId: string; returnUrl: string }): Promise<string>;

  /** Ascending by time, at most `limit`: repairs webhooks that never arrived. */
  noticesSince(query: { sinceMs: number; limit: number }): Promise<readonly ProviderNotice[]>;

  /** What a person asks who sets this up: may the key, does it know. Makes nothing, and always answers. */
  probe(): Promise<ProviderProbe>;
}

export interface ProviderProbe {
  /** How far its clock is ahead of ours; `null` when it did not say. */
  readonly clockAheadMs: number | null;
  /** Of one call; `null` when none came back. */
  readonly roundTripMs: number | null;
  /** Everything that Clawmeter does with the key. */
  readonly rights: readonly ProviderRight[];
  /** `null` when they can't be read. */
  readonly meters: readonly ProviderMeter[] | null;
  /** Where it sends webhooks to; `null` when that can't be read. */
  readonly webhooks: readonly ProviderWebhook[] | null;
}

export interface ProviderRight {
  readonly resource: string;
  readonly access: "read" | "write";
  /** `unknown`: the answer did not come, or was no answer to this. */
  readonly outcome: "granted" | "refused" | "unknown";
  /** The provider's own words, where it did not grant it. */
  readonly detail: string | null;
}

export interface ProviderMeter {
  readonly eventName: string;
  readonly isActive: boolean;
  /** It sums what we send. */
  readonly fits: boolean;
}

export interface ProviderWebhook {
  readonly kind: "snapshot" | "thin";
  readonly url: string;
  readonly isEnabled: boolean;
  /** Event types that Clawmeter acts on and that are not sent. */
  readonly missingEvents: readonly string[];
}

/** The Stripe objects of one plan version. */
export interface ProvisionedPlan {
  readonly planRevision: string;
  readonly productId: string;
  /** `meter: null` is the base fee. */
  readonly prices: readonly { readonly meter: string | null; readonly priceId: string }[];
  /** Absent: `month`. A yearly subscription starts its periods on 1 January. */
  readonly interval?: "month" | "year";
}

export interface SubscriptionSpec {
  readonly tenantId: string;
  readonly stripeCustomerId: string;
  readonly plan: ProvisionedPlan;
  /** In the past: usage since then is billed (`backdate_start_date`). */
  readonly startMs: number;
  /** How it is paid; `charge` (the default) needs a payment method when something is due at once. */
  readonly collection?: { readonly kind: "charge" } | {
    readonly kind: "invoice";
    readonly daysUntilDue: number;
  };
}

export interface ProviderSubscription {
  readonly stripeSubscriptionId: string;
  readonly stripeCustomerId: string;
  /** Stripe's word: `active`, `trialing`, `past_due`, `unpaid`, `incomplete`, `canceled`, … */
  readonly status: string;
  readonly currentPeriodStartMs: number;
  readonly currentPeriodEndMs: number;
  readonly planRevision: string | null;
  /** When the newest of its prices was put in place, by Stripe's clock, in whole seconds. */
  readonly pricesSinceMs: number;
}

export interface InvoiceItemSpec {
  readonly key: string;
  readonly stripeCustomerId: string;
  /** The draft that it joins; `null` is the customer's next invoice. */
  readonly invoiceId: string | null;
  readonly currency: string;
  /** Whole minor units; negative is a credit. */
  readonly amountMinor: bigint;
  readonly description: string;
}

export interface CreditSpec {
  readonly key: string;
  readonly stripeCustomerId: string;
  readonly name: string;
  readonly category: "paid" | "promotional";
  readonly currency: string;
  /** Whole minor units. */
  readonly amountMinor: bigint;
  readonly expiresAtMs: number | null;
}

export interface ProviderInvoice {
  readonly invoiceId: string;
  readonly number: string | null;
  readonly status: "draft" | "open" | "paid" | "uncollectible" | "void" | "preview";
  readonly stripeCustomerId: string;
  readonly stripeSubscriptionId: string | null;
  readonly currency: string;
  /** Whole minor units, after credits. */
  readonly totalMinor: bigint;
  readonly amountDueMinor: bigint;
  /** What the usage lines cover; the base fee covers the period that follows. */
  readonly periodStartMs: number;
  readonly periodEndMs: number;
  readonly createdAtMs: number;
  /** Whether Stripe finalizes the draft by itself. */
  readonly autoAdvance: boolean;
  /** When the draft becomes final by itself; `null` when it is held or final. */
  readonly finalizesAtMs: number | null;
  readonly hostedUrl: string | null;
  readonly lines: readonly ProviderInvoiceLine[];
}

export interface ProviderInvoiceLine {
  readonly description: string;
  readonly meter: string | null;
  readonly units: Units;
  readonly amountMinor: bigint;
  readonly periodStartMs: number;
  readonly periodEndMs: number;
  readonly proration: boolean;
  /** Of a line that `ensureInvoiceItem` made; `null` for all others. */
  readonly key: string | null;
}

/** Refusals found after acceptance. Stripe names samples only: `errorCount` may be larger. */
export interface MeterErrorReport {
  readonly eventId: string;
  readonly stripeMeterId: string | null;
  readonly startMs: number;
  readonly endMs: number;
  readonly errorCount: number;
  readonly samples: readonly {
    readonly code: string;
    /** The refused meter event's identifier. */
    readonly identifier: string;
    readonly detail: string;
  }[];
}

/**
 * What a webhook says, reduced to which object to look at: notices come late, twice and in any
 * order, so a use case fetches the object and applies its present state.
 */
export type ProviderNotice = NoticeEnvelope & NoticeSubject;

export interface NoticeEnvelope {
  /** Unique for ever; the key for deduplication. */
  readonly eventId: string;
  /** Stripe's event type, for logs. */
  readonly type: string;
  readonly createdAtMs: number;
}

export type NoticeSubject =
  | {
    readonly kind: "subscription_changed";
    readonly stripeCustomerId: string;
    readonly stripeSubscriptionId: string;
  }
  | {
    readonly kind: "invoice_changed";
    readonly change: InvoiceChange;
    readonly stripeCustomerId: string;
    /** `null` for a preview of what is upcoming, which has no identity. */
    readonly invoiceId: string | null;
    readonly stripeSubscriptionId: string | null;
  }
  | {
    readonly kind: "checkout_completed";
    readonly checkoutSessionId: string;
    readonly stripeCustomerId: string;
    readonly stripeSubscriptionId: string | null;
  }
  | { readonly kind: "customer_deleted"; readonly stripeCustomerId: string }
  /** Fetch `meterErrors(eventId)` for the identifiers. */
  | { readonly kind: "meter_errors"; readonly stripeMeterId: string }
  /** Events named a meter that does not exist; `meterErrors(eventId)` has the identifiers. */
  | { readonly kind: "no_meter_found" }
  | { readonly kind: "other" };

export type InvoiceChange =
  | "upcoming"
  | "created"
  | "updated"
  | "finalized"
  | "finalization_failed"
  | "paid"
  | "payment_failed"
  | "payment_action_required"
  | "overdue"
  | "marked_uncollectible"
  | "voided";

/** The provider answered in a way that is neither success nor a listed outcome. */
export class ProviderError extends Error {
  override name = "ProviderError";
  constructor(readonly code: string, message: string, options?: ErrorOptions) {
    super(message, options);
  }
}
