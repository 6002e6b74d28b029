import { firstBoundary, shiftCycle } from "./billing_cycle.ts";
import type {
  AnchorConfigDoc,
  CustomerDoc,
  Metadata,
  SubscriptionDoc,
  SubscriptionItemDoc,
} from "./documents.ts";
import type { Scene } from "./endpoint.ts";
import { draftInvoice, finalizeInvoice } from "./invoice_billing.ts";
import { licensedLines, prorationItems, usageClaims } from "./invoice_lines.ts";
import { sumOf } from "./invoice_view.ts";
import { existingPrice } from "./prices.ts";
import { invalid } from "./refusal.ts";
import { emitSubscription } from "./subscription_view.ts";
import { nowOf, seconds } from "./time.ts";

export interface NewItem {
  readonly price: string;
  readonly quantity?: number | undefined;
  readonly metadata?: Metadata | undefined;
}

export interface NewSubscription {
  readonly items: readonly NewItem[];
  readonly anchor: AnchorConfigDoc | null;
  readonly billingMode: "flexible" | "classic";
  readonly collectionMethod: "charge_automatically" | "send_invoice";
  readonly daysUntilDue: number | null;
  readonly startMs: number;
  readonly metadata: Metadata;
  readonly prorate: boolean;
  readonly paymentBehavior: string;
}

/** Starts a subscription and bills what is due in advance at once. */
export function openSubscription(
  scene: Scene,
  customer: CustomerDoc,
  spec: NewSubscription,
): SubscriptionDoc {
  const { tx } = scene;
  const first = existingPrice(tx, spec.items[0]?.price ?? "", "items[0][price]");
  if (first.interval === null) throw invalid("The price specified is not recurring.", "items");
  const cycle = { interval: first.interval, intervalCount: first.intervalCount };
  const periodEndMs = spec.anchor === null
    ? shiftCycle(spec.startMs, cycle, 1)
    : firstBoundary(spec.startMs, cycle, spec.anchor);
  const subscription: SubscriptionDoc = {
    id: tx.nextId("sub"),
    created: seconds(nowOf(tx, customer.id)),
    customer: customer.id,
    status: "active",
    currency: first.currency,
    billingMode: spec.billingMode,
    collectionMethod: spec.collectionMethod,
    daysUntilDue: spec.daysUntilDue,
    startMs: spec.startMs,
    periodStartMs: spec.startMs,
    periodEndMs,
    anchorMs: periodEndMs,
    ...cycle,
    cancelAtPeriodEnd: false,
    canceledAtMs: null,
    endedAtMs: null,
    items: spec.items.map((item, at) => newItem(scene, item, { at, startMs: spec.startMs })),
    metadata: spec.metadata,
    latestInvoice: null,
  };
  checkItems(scene, subscription);
  tx.put("subscriptions", subscription.id, subscription);
  billStart(scene, customer, { subscription, spec });
  emitSubscription(scene, "customer.subscription.created", subscription.id, spec.startMs);
  return tx.get("subscriptions", subscription.id) ?? subscription;
}

function billStart(
  scene: Scene,
  customer: CustomerDoc,
  { subscription, spec }: { subscription: SubscriptionDoc; spec: NewSubscription },
): void {
  const fromMs = subscription.periodStartMs;
  const toMs = subscription.periodEndMs;
  const wholeMs = toMs - shiftCycle(toMs, subscription, -1);
  const whole = toMs - fromMs === wholeMs;
  const lines = whole || spec.prorate
    ? licensedLines(scene.tx, subscription, { fromMs, toMs, wholeMs })
    : [];
  if (lines.length === 0) return;
  const charges = spec.collectionMethod === "charge_automatically";
  const unpayable = charges && sumOf(lines) > 0 && customer.card === null;
  if (unpayable && spec.paymentBehavior !== "default_incomplete") {
    throw invalid(
      "This customer has no attached payment source or default payment method. " +
        "Please consider adding a default payment method.",
      undefined,
      "resource_missing",
    );
  }
  const nowMs = nowOf(scene.tx, customer.id);
  if (charges && customer.card !== "pays" && sumOf(lines) > 0) {
    scene.tx.put("subscriptions", subscription.id, { ...subscription, status: "incomplete" });
  }
  const draft = draftInvoice(scene, {
    ...invoiceBase(subscription),
    billingReason: "subscription_create",
    periodStartMs: fromMs,
    periodEndMs: fromMs,
    lines,
  }, nowMs);
  if (charges) finalizeInvoice(scene, draft, nowMs);
}

/** Ends the period: drafts an invoice for its usage and the next period's fees. */
export function renewSubscription(scene: Scene, subscription: SubscriptionDoc): void {
  const { tx } = scene;
  const atMs = subscription.periodEndMs;
  const fromMs = subscription.periodStartMs;
  const nextEndMs = shiftCycle(atMs, subscription, 1);
  const ends = subscription.cancelAtPeriodEnd;
  const next: SubscriptionDoc = ends
    ? { ...subscription, status: "canceled", endedAtMs: atMs }
    : { ...subscription, periodStartMs: atMs, periodEndMs: nextEndMs };
  tx.put("subscriptions", subscription.id, next);
  const lines = ends
    ? []
    : licensedLines(tx, subscription, { fromMs: atMs, toMs: nextEndMs, wholeMs: nextEndMs - atMs });
  draftInvoice(scene, {
    ...invoiceBase(subscription),
    billingReason: "subscription_cycle",
    periodStartMs: fromMs,
    periodEndMs: atMs,
    usage: usageClaims(tx, subscription, { fromMs, toMs: atMs }),
    lines,
  }, atMs);
  const type = ends ? "customer.subscription.deleted" : "customer.subscription.updated";
  emitSubscription(scene, type, subscription.id, atMs);
}

/** Ends it now; without `invoiceNow` the usage since the last invoice is dropped, as in Stripe. */
export function cancelNow(
  scene: Scene,
  subscription: SubscriptionDoc,
  options: { invoiceNow: boolean; prorate: boolean },
): void {
  const { tx } = scene;
  const atMs = nowOf(tx, subscription.customer);
  if (options.prorate) {
    for (const item of subscription.items) {
      if (existingPrice(tx, item.price).usageType === "metered") continue;
      addPendingItems(scene, subscription, { item, sign: -1, atMs });
    }
  }
  tx.put("subscriptions", subscription.id, {
    ...subscription,
    status: "canceled",
    canceledAtMs: atMs,
    endedAtMs: atMs,
  });
  if (options.invoiceNow) {
    const fromMs = subscription.periodStartMs;
    draftInvoice(scene, {
      ...invoiceBase(subscription),
      billingReason: "subscription_update",
      periodStartMs: fromMs,
      periodEndMs: atMs,
      usage: usageClaims(tx, subscription, { fromMs, toMs: atMs }),
    }, atMs);
  }
  emitSubscription(scene, "customer.subscription.deleted", subscription.id, atMs);
}

/** Pending invoice items for taking an item away (-1) or adding one (+1) in mid-period. */
export function addPendingItems(
  { tx }: Scene,
  subscription: SubscriptionDoc,
  change: { item: SubscriptionItemDoc; sign: 1 | -1; atMs: number },
): void {
  const { periodEndMs } = subscription;
  const wholeMs = periodEndMs - shiftCycle(periodEndMs, subscription, -1);
  for (const pending of prorationItems(tx, subscription, { ...change, wholeMs })) {
    const id = tx.nextId("ii");
    tx.put("invoice_items", id, { ...pending, id, created: seconds(change.atMs) });
  }
}

export function newItem(
  { tx }: Scene,
  item: NewItem,
  { at, startMs }: { at: number; startMs: number },
): SubscriptionItemDoc {
  const price = existingPrice(tx, item.price, `items[${at}][price]`);
  if (price.usageType === "metered" && item.quantity !== undefined) {
    throw invalid(
      "You cannot set the quantity for metered plans.",
      `items[${at}][quantity]`,
    );
  }
  return {
    id: tx.nextId("si"),
    created: seconds(tx.nowMs),
    price: price.id,
    quantity: price.usageType === "metered" ? null : item.quantity ?? 1,
    metadata: item.metadata ?? {},
    startMs,
  };
}

/** Rules over all items: one currency, one interval, no price twice. */
export function checkItems({ tx }: Scene, subscription: SubscriptionDoc): void {
  const seen = new Set<string>();
  for (const item of subscription.items) {
    const price = existingPrice(tx, item.price);
    if (!price.active) throw invalid(`The price ${price.id} is inactive.`, "items");
    if (price.currency !== subscription.currency) {
      throw invalid("All prices of a subscription must have the same currency.", "items");
    }
    const sameCycle = price.interval === subscription.interval &&
      price.intervalCount === subscription.intervalCount;
    if (!sameCycle) {
      throw invalid("All prices of a subscription must have the same interval.", "items");
    }
    if (seen.has(price.id)) {
      throw invalid(`Cannot add multiple items with the same price ${price.id}.`, "items");
    }
    if (subscription.billingMode === "flexible" && price.usageType === "metered" && !price.meter) {
      throw invalid("Flexible billing needs metered prices with a meter.", "billing_mode");
    }
    seen.add(price.id);
  }
}

export function invoiceBase(subscription: SubscriptionDoc) {
  return {
    customer: subscription.customer,
    subscription: subscription.id,
    currency: subscription.currency,
    collectionMethod: subscription.collectionMethod,
    daysUntilDue: subscription.daysUntilDue,
  };
}
