/**
 * What the simulator stores, as plain JSON. Money in decimals and unit sums are decimal text,
 * whole minor units and unix seconds are numbers, as in Stripe's own replies. Documents are never
 * changed in place.
 */

export type Metadata = Readonly<Record<string, string>>;

export interface CustomerDoc {
  readonly id: string;
  readonly created: number;
  readonly email: string | null;
  readonly name: string | null;
  readonly description: string | null;
  readonly phone: string | null;
  readonly metadata: Metadata;
  readonly testClock: string | null;
  /** How payments of this customer end; `null` is no payment method. */
  readonly card: "pays" | "declines" | null;
  readonly deleted: boolean;
  /** Invoices numbered so far. */
  readonly invoiceCount: number;
}

export interface ProductDoc {
  readonly id: string;
  readonly created: number;
  readonly name: string;
  readonly description: string | null;
  readonly active: boolean;
  readonly unitLabel: string | null;
  readonly metadata: Metadata;
}

export interface TierDoc {
  readonly upTo: number | null;
  readonly unitAmountDecimal: string | null;
  readonly flatAmountDecimal: string | null;
}

export interface PriceDoc {
  readonly id: string;
  readonly created: number;
  readonly active: boolean;
  readonly product: string;
  readonly currency: string;
  readonly nickname: string | null;
  readonly lookupKey: string | null;
  readonly metadata: Metadata;
  readonly unitAmountDecimal: string | null;
  readonly tiersMode: "graduated" | "volume" | null;
  readonly tiers: readonly TierDoc[] | null;
  readonly divideBy: number | null;
  readonly round: "up" | "down";
  readonly interval: "day" | "week" | "month" | "year" | null;
  readonly intervalCount: number;
  readonly usageType: "licensed" | "metered";
  readonly meter: string | null;
}

export interface MeterDoc {
  readonly id: string;
  readonly created: number;
  readonly updated: number;
  readonly displayName: string;
  readonly eventName: string;
  readonly formula: "sum" | "count";
  readonly customerKey: string;
  readonly valueKey: string;
  readonly active: boolean;
  readonly deactivatedAt: number | null;
}

/** One identifier, remembered for at least 24 h so that it can't arrive twice, or be cancelled. */
export interface IdentifierDoc {
  readonly identifier: string;
  readonly receivedMs: number;
  readonly eventName: string;
  /** Set once the event counted. */
  readonly counted: {
    readonly customer: string;
    readonly meter: string;
    readonly value: string;
    readonly timestampMs: number;
  } | null;
}

/** Usage of one customer and meter in one UTC hour, by minute of the event's timestamp. */
export interface UsageHourDoc {
  readonly minutes: Readonly<Record<string, { readonly sum: string; readonly count: number }>>;
}

/** Which hours of a UTC month have usage, counted from its start: saves asking for all of them. */
export interface UsageMonthDoc {
  readonly hours: readonly number[];
}

/** Accepted, and not in the summaries before `visibleMs`. */
export interface PendingUsageDoc {
  readonly id: string;
  readonly customer: string;
  readonly meter: string;
  readonly value: string;
  readonly count: number;
  readonly timestampMs: number;
  readonly visibleMs: number;
}

/** Refusals found after acceptance, per meter (or none) and 10 s window, until they are reported. */
export interface ErrorWindowDoc {
  readonly meter: string | null;
  readonly startMs: number;
  readonly errors: readonly {
    readonly code: string;
    readonly identifier: string;
    readonly message: string;
  }[];
}

export interface SubscriptionItemDoc {
  readonly id: string;
  readonly created: number;
  readonly price: string;
  /** `null` for metered items. */
  readonly quantity: number | null;
  readonly metadata: Metadata;
  /** Usage before this is not billed by this item. */
  readonly startMs: number;
}

export type SubscriptionStatus = "active" | "past_due" | "incomplete" | "unpaid" | "canceled";

export interface SubscriptionDoc {
  readonly id: string;
  readonly created: number;
  readonly customer: string;
  readonly status: SubscriptionStatus;
  readonly currency: string;
  readonly billingMode: "flexible" | "classic";
  readonly collectionMethod: "charge_automatically" | "send_invoice";
  readonly daysUntilDue: number | null;
  readonly startMs: number;
  readonly periodStartMs: number;
  readonly periodEndMs: number;
  /** An instant that period ends are whole intervals away from. */
  readonly anchorMs: number;
  readonly interval: "day" | "week" | "month" | "year";
  readonly intervalCount: number;
  readonly cancelAtPeriodEnd: boolean;
  readonly canceledAtMs: number | null;
  readonly endedAtMs: number | null;
  readonly items: readonly SubscriptionItemDoc[];
  readonly metadata: Metadata;
  readonly latestInvoice: string | null;
}

/** Where a line's amount comes from. Usage lines of a draft are made anew until it is final. */
export interface InvoiceLineDoc {
  readonly id: string;
  readonly amount: number;
  readonly description: string;
  readonly quantity: number | null;
  readonly periodStartMs: number;
  readonly periodEndMs: number;
  readonly proration: boolean;
  readonly price: string | null;
  readonly subscriptionItem: string | null;
  readonly invoiceItem: string | null;
  readonly metadata: Metadata;
}

/** Usage that a draft bills: recounted until the draft is final. */
export interface UsageClaimDoc {
  readonly item: string;
  readonly price: string;
  readonly fromMs: number;
  readonly toMs: number;
}

export type InvoiceStatus = "draft" | "open" | "paid" | "uncollectible" | "void";

export interface InvoiceDoc {
  readonly id: string;
  readonly created: number;
  readonly customer: string;
  readonly subscription: string | null;
  readonly status: InvoiceStatus;
  readonly number: string | null;
  readonly currency: string;
  readonly billingReason:
    | "subscription_create"
    | "subscription_cycle"
    | "subscription_update"
    | "manual"
    | "upcoming";
  readonly collectionMethod: "charge_automatically" | "send_invoice";
  readonly daysUntilDue: number | null;
  readonly periodStartMs: number;
  readonly periodEndMs: number;
  readonly autoAdvance: boolean;
  readonly finalizesAtMs: number | null;
  readonly usage: readonly UsageClaimDoc[];
  readonly lines: readonly InvoiceLineDoc[];
  readonly creditsApplied: number;
  readonly amountPaid: number;
  readonly attempts: number;
  readonly nextAttemptMs: number | null;
  readonly finalizedAtMs: number | null;
  readonly paidAtMs: number | null;
  readonly voidedAtMs: number | null;
  readonly dueAtMs: number | null;
  readonly metadata: Metadata;
}

export interface InvoiceItemDoc {
  readonly id: string;
  readonly created: number;
  readonly customer: string;
  readonly invoice: string | null;
  readonly subscription: string | null;
  readonly currency: string;
  readonly amount: number;
  readonly description: string;
  readonly quantity: number;
  readonly price: string | null;
  readonly proration: boolean;
  readonly periodStartMs: number;
  readonly periodEndMs: number;
  readonly metadata: Metadata;
}

export interface CreditGrantDoc {
  readonly id: string;
  readonly created: number;
  readonly customer: string;
  readonly name: string | null;
  readonly category: "paid" | "promotional";
  readonly currency: string;
  readonly amount: number;
  readonly used: number;
  readonly prices: readonly string[] | null;
  readonly priority: number;
  readonly effectiveMs: number;
  readonly expiresMs: number | null;
  readonly voidedMs: number | null;
  readonly metadata: Metadata;
}

export interface CheckoutSessionDoc {
  readonly id: string;
  readonly created: number;
  readonly customer: string;
  readonly lineItems: readonly { readonly price: string; readonly quantity: number | null }[];
  readonly successUrl: string;
  readonly cancelUrl: string | null;
  readonly status: "open" | "complete" | "expired";
  readonly subscription: string | null;
  readonly expiresMs: number;
  readonly anchor: AnchorConfigDoc | null;
  readonly billingMode: "flexible" | "classic";
  readonly metadata: Metadata;
  readonly subscriptionMetadata: Metadata;
  readonly clientReferenceId: string | null;
}

export interface AnchorConfigDoc {
  readonly day_of_month: number;
  readonly month?: number | undefined;
  readonly hour?: number | undefined;
  readonly minute?: number | undefined;
  readonly second?: number | undefined;
}

export interface PortalSessionDoc {
  readonly id: string;
  readonly created: number;
  readonly customer: string;
  readonly returnUrl: string | null;
  readonly expiresMs: number;
}

export interface StreamSessionDoc {
  readonly id: string;
  readonly created: number;
  readonly token: string;
  readonly expiresMs: number;
}

export interface TestClockDoc {
  readonly id: string;
  readonly created: number;
  readonly name: string | null;
  readonly frozenMs: number;
  readonly deleted: boolean;
}

/** Usage records of one legacy item: the quantity set or added at each second. */
export interface UsageRecordsDoc {
  readonly item: string;
  readonly records: Readonly<Record<string, string>>;
}

export interface EventDoc {
  readonly id: string;
  readonly createdMs: number;
  readonly kind: "snapshot" | "thin";
  readonly type: string;
  /** `data` for a snapshot event; `data` of the fetched event for a thin one. */
  readonly data: Readonly<Record<string, unknown>>;
  readonly relatedObject: {
    readonly id: string;
    readonly type: string;
    readonly url: string;
  } | null;
}

export interface DeliveryDoc {
  readonly id: string;
  readonly event: string;
  readonly attempts: number;
  readonly nextMs: number;
}

export interface SavedReplyDoc {
  readonly key: string;
  readonly savedMs: number;
  /** What the key was first used for: method, path and parameters. */
  readonly request: string;
  readonly status: number;
  readonly body: string;
}

export interface CounterDoc {
  readonly next: number;
}

/** Every collection and what is in it. */
export interface Collections {
  counters: CounterDoc;
  customers: CustomerDoc;
  products: ProductDoc;
  prices: PriceDoc;
  meters: MeterDoc;
  identifiers: IdentifierDoc;
  usage_hours: UsageHourDoc;
  usage_months: UsageMonthDoc;
  pending_usage: PendingUsageDoc;
  error_windows: ErrorWindowDoc;
  subscriptions: SubscriptionDoc;
  invoices: InvoiceDoc;
  invoice_items: InvoiceItemDoc;
  credit_grants: CreditGrantDoc;
  checkout_sessions: CheckoutSessionDoc;
  portal_sessions: PortalSessionDoc;
  stream_sessions: StreamSessionDoc;
  test_clocks: TestClockDoc;
  usage_records: UsageRecordsDoc;
  events: EventDoc;
  deliveries: DeliveryDoc;
  saved_replies: SavedReplyDoc;
}

export type Collection = keyof Collections;
