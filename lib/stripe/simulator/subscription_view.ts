import type { SubscriptionDoc, SubscriptionItemDoc } from "./documents.ts";
import type { Reply, Scene } from "./endpoint.ts";
import { emitSnapshot } from "./events.ts";
import { nestedList } from "./list.ts";
import { existingPrice, renderPrice } from "./prices.ts";
import type { Transaction } from "./state.ts";
import { seconds, secondsOrNull } from "./time.ts";

export function emitSubscription(scene: Scene, type: string, id: string, atMs: number): void {
  const subscription = scene.tx.get("subscriptions", id);
  if (subscription === undefined) return;
  emitSnapshot(scene, type, renderSubscription(scene.tx, subscription), atMs);
}

export function renderSubscription(tx: Transaction, subscription: SubscriptionDoc): Reply {
  return {
    id: subscription.id,
    object: "subscription",
    application: null,
    automatic_tax: { disabled_reason: null, enabled: false, liability: null },
    billing_cycle_anchor: seconds(subscription.anchorMs),
    billing_mode: { type: subscription.billingMode },
    cancel_at: subscription.cancelAtPeriodEnd ? seconds(subscription.periodEndMs) : null,
    cancel_at_period_end: subscription.cancelAtPeriodEnd,
    canceled_at: secondsOrNull(subscription.canceledAtMs),
    collection_method: subscription.collectionMethod,
    created: subscription.created,
    currency: subscription.currency,
    customer: subscription.customer,
    days_until_due: subscription.daysUntilDue,
    default_payment_method: null,
    description: null,
    discounts: [],
    ended_at: secondsOrNull(subscription.endedAtMs),
    items: nestedList(
      subscription.items,
      `/v1/subscription_items?subscription=${subscription.id}`,
      (item) => renderItem(tx, subscription, item),
    ),
    latest_invoice: subscription.latestInvoice,
    livemode: false,
    metadata: subscription.metadata,
    next_pending_invoice_item_invoice: null,
    schedule: null,
    start_date: seconds(subscription.startMs),
    status: subscription.status,
    test_clock: tx.get("customers", subscription.customer)?.testClock ?? null,
    transfer_data: null,
    trial_end: null,
    trial_start: null,
  };
}

export function renderItem(
  tx: Transaction,
  subscription: SubscriptionDoc,
  item: SubscriptionItemDoc,
): Reply {
  return {
    id: item.id,
    object: "subscription_item",
    billing_thresholds: null,
    created: item.created,
    current_period_end: seconds(subscription.periodEndMs),
    current_period_start: seconds(subscription.periodStartMs),
    discounts: [],
    metadata: item.metadata,
    price: renderPrice(existingPrice(tx, item.price)),
    ...(item.quantity === null ? {} : { quantity: item.quantity }),
    subscription: subscription.id,
    tax_rates: [],
  };
}
