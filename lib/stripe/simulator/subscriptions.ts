import { z } from "zod";
import { liveCustomer, mergeMetadata } from "./customers.ts";
import type { SubscriptionDoc, SubscriptionItemDoc } from "./documents.ts";
import { type Call, type Endpoint, endpoint, idOf, type Reply } from "./endpoint.ts";
import { draftInvoice, finalizeInvoice } from "./invoice_billing.ts";
import { listPage, newestFirst } from "./list.ts";
import { boolean, expand, integer, metadata, page, unixTime } from "./params.ts";
import { existingPrice } from "./prices.ts";
import { invalid, noSuch } from "./refusal.ts";
import {
  addPendingItems,
  cancelNow,
  checkItems,
  invoiceBase,
  newItem,
  openSubscription,
} from "./subscription_billing.ts";
import { emitSubscription, renderItem, renderSubscription } from "./subscription_view.ts";
import { nowOf, SECOND_MS } from "./time.ts";

export const MAX_ITEMS = 20;

const prorationBehavior = z.enum(["always_invoice", "create_prorations", "none"]);

export const anchorConfig = z.strictObject({
  day_of_month: integer(),
  month: integer().optional(),
  hour: integer().optional(),
  minute: integer().optional(),
  second: integer().optional(),
});

const creation = z.strictObject({
  customer: z.string(),
  items: z.array(z.strictObject({
    price: z.string(),
    quantity: integer().optional(),
    metadata: metadata().optional(),
  })).min(1).max(MAX_ITEMS),
  billing_mode: z.strictObject({ type: z.enum(["flexible", "classic"]) }).optional(),
  billing_cycle_anchor_config: anchorConfig.optional(),
  backdate_start_date: unixTime().optional(),
  collection_method: z.enum(["charge_automatically", "send_invoice"]).optional(),
  days_until_due: integer().optional(),
  payment_behavior: z.enum(["allow_incomplete", "default_incomplete", "error_if_incomplete"])
    .optional(),
  proration_behavior: prorationBehavior.optional(),
  metadata: metadata().optional(),
  expand: expand(),
});

const update = z.strictObject({
  items: z.array(z.strictObject({
    id: z.string().optional(),
    price: z.string().optional(),
    quantity: integer().optional(),
    deleted: boolean().optional(),
    metadata: metadata().optional(),
  })).max(2 * MAX_ITEMS).optional(),
  cancel_at_period_end: boolean().optional(),
  proration_behavior: prorationBehavior.optional(),
  payment_behavior: z.string().optional(),
  collection_method: z.enum(["charge_automatically", "send_invoice"]).optional(),
  days_until_due: integer().optional(),
  metadata: metadata().optional(),
  expand: expand(),
});

export const subscriptionEndpoints: readonly Endpoint[] = [
  endpoint("POST /v1/subscriptions", creation, createSubscription),
  endpoint(
    "GET /v1/subscriptions",
    z.strictObject({
      ...page,
      customer: z.string().optional(),
      price: z.string().optional(),
      status: z.enum(["active", "past_due", "unpaid", "incomplete", "canceled", "all", "ended"])
        .optional(),
    }),
    ({ tx }, params) => {
      const wanted = newestFirst(tx.all("subscriptions")).filter((subscription) =>
        (params.customer === undefined || subscription.customer === params.customer) &&
        (params.price === undefined ||
          subscription.items.some((item) => item.price === params.price)) &&
        hasStatus(subscription, params.status)
      );
      const render = (subscription: SubscriptionDoc) => renderSubscription(tx, subscription);
      return listPage(wanted, { params, url: "/v1/subscriptions", render });
    },
  ),
  endpoint("GET /v1/subscriptions/:id", z.strictObject({ expand: expand() }), (call) => {
    return renderSubscription(call.tx, existing(call));
  }),
  endpoint("POST /v1/subscriptions/:id", update, updateSubscription),
  endpoint(
    "GET /v1/subscription_items",
    z.strictObject({ ...page, subscription: z.string() }),
    ({ tx }, params) => {
      const subscription = tx.get("subscriptions", params.subscription);
      if (subscription === undefined) {
        throw noSuch("subscription", params.subscription, "subscription");
      }
      return listPage(subscription.items, {
        params,
        url: "/v1/subscription_items",
        render: (item) => renderItem(tx, subscription, item),
      });
    },
  ),
  endpoint(
    "DELETE /v1/subscriptions/:id",
    z.strictObject({ invoice_now: boolean().optional(), prorate: boolean().optional() }),
    (call, params) => {
      const subscription = live(call);
      cancelNow(call, subscription, {
        invoiceNow: params.invoice_now ?? false,
        prorate: params.prorate ?? false,
      });
      return renderSubscription(call.tx, existing(call));
    },
  ),
];

function createSubscription(call: Call, params: z.output<typeof creation>): Reply {
  const { tx } = call;
  const customer = liveCustomer(tx, params.customer);
  const nowMs = nowOf(tx, customer.id);
  const startMs = params.backdate_start_date === undefined
    ? Math.floor(nowMs / SECOND_MS) * SECOND_MS
    : params.backdate_start_date * SECOND_MS;
  if (startMs > nowMs) {
    throw invalid("backdate_start_date must be in the past.", "backdate_start_date");
  }
  const collectionMethod = params.collection_method ?? "charge_automatically";
  if (collectionMethod === "send_invoice" && params.days_until_due === undefined) {
    throw invalid("`days_until_due` is needed with send_invoice.", "days_until_due");
  }
  const subscription = openSubscription(call, customer, {
    items: params.items,
    anchor: params.billing_cycle_anchor_config ?? null,
    billingMode: params.billing_mode?.type ?? defaultBillingMode(call.apiVersion),
    collectionMethod,
    daysUntilDue: params.days_until_due ?? null,
    startMs,
    metadata: params.metadata ?? {},
    prorate: params.proration_behavior !== "none",
    paymentBehavior: params.payment_behavior ?? "allow_incomplete",
  });
  return renderSubscription(tx, subscription);
}

/** Since 2025-09-30 subscriptions are flexible unless they ask otherwise. */
export function defaultBillingMode(apiVersion: string): "flexible" | "classic" {
  return apiVersion >= "2025-09-30" ? "flexible" : "classic";
}

function updateSubscription(call: Call, params: z.output<typeof update>): Reply {
  const { tx } = call;
  const before = live(call);
  const atMs = nowOf(tx, before.customer);
  const prorates = (params.proration_behavior ?? "create_prorations") !== "none";
  const items = changedItems(call, before, { changes: params.items ?? [], atMs, prorates });
  const after: SubscriptionDoc = {
    ...before,
    items,
    cancelAtPeriodEnd: params.cancel_at_period_end ?? before.cancelAtPeriodEnd,
    collectionMethod: params.collection_method ?? before.collectionMethod,
    daysUntilDue: params.days_until_due ?? before.daysUntilDue,
    metadata: mergeMetadata(before.metadata, params.metadata),
  };
  if (items.length === 0) throw invalid("A subscription must have at least one item.", "items");
  if (items.length > MAX_ITEMS) throw invalid(`At most ${MAX_ITEMS} items.`, "items");
  checkItems(call, after);
  tx.put("subscriptions", after.id, after);
  if (params.proration_behavior === "always_invoice") {
    const draft = draftInvoice(call, {
      ...invoiceBase(after),
      billingReason: "subscription_update",
      periodStartMs: before.periodStartMs,
      periodEndMs: atMs,
    }, atMs);
    finalizeInvoice(call, draft, atMs);
  }
  emitSubscription(call, "customer.subscription.updated", after.id, atMs);
  return renderSubscription(tx, existing(call));
}

type ItemChange = NonNullable<z.output<typeof update>["items"]>[number];

function changedItems(
  call: Call,
  before: SubscriptionDoc,
  { changes, atMs, prorates }: {
    changes: readonly ItemChange[];
    atMs: number;
    prorates: boolean;
  },
): readonly SubscriptionItemDoc[] {
  let items = before.items;
  const bill = (item: SubscriptionItemDoc, sign: 1 | -1) => {
    if (prorates) addPendingItems(call, before, { item, sign, atMs });
  };
  for (const [at, change] of changes.entries()) {
    const old = items.find((item) => item.id === change.id);
    if (change.id !== undefined && old === undefined) {
      throw noSuch("subscription_item", change.id, `items[${at}][id]`);
    }
    if (old !== undefined && change.deleted !== true && !movesPrice(call, old, change)) continue;
    if (old !== undefined) {
      bill(old, -1);
      items = items.filter((item) => item.id !== old.id);
    }
    if (change.deleted === true) continue;
    const made = newItem(call, {
      price: change.price ?? old?.price ?? "",
      quantity: change.quantity ?? (change.price === undefined ? old?.quantity : null) ?? undefined,
      metadata: change.metadata ?? old?.metadata,
    }, { at, startMs: atMs });
    items = [...items, old === undefined ? made : { ...made, id: old.id, created: old.created }];
    bill(made, 1);
  }
  return items;
}

function movesPrice(call: Call, old: SubscriptionItemDoc, change: ItemChange): boolean {
  const price = existingPrice(call.tx, change.price ?? old.price);
  return price.id !== old.price ||
    (change.quantity !== undefined && change.quantity !== old.quantity);
}

function hasStatus(subscription: SubscriptionDoc, status: string | undefined): boolean {
  if (status === "all") return true;
  if (status === undefined) return subscription.status !== "canceled";
  if (status === "ended") return subscription.endedAtMs !== null;
  return subscription.status === status;
}

function existing(call: Call): SubscriptionDoc {
  const subscription = call.tx.get("subscriptions", idOf(call));
  if (subscription === undefined) throw noSuch("subscription", idOf(call));
  return subscription;
}

function live(call: Call): SubscriptionDoc {
  const subscription = existing(call);
  if (subscription.endedAtMs !== null) throw noSuch("subscription", subscription.id);
  return subscription;
}
