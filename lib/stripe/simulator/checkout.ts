import { z } from "zod";
import { liveCustomer } from "./customers.ts";
import type { CheckoutSessionDoc } from "./documents.ts";
import { type Call, type Endpoint, endpoint, idOf, type Reply, type Scene } from "./endpoint.ts";
import { emitSnapshot } from "./events.ts";
import { expand, integer, metadata, text } from "./params.ts";
import { existingPrice } from "./prices.ts";
import { invalid, noSuch } from "./refusal.ts";
import { openSubscription } from "./subscription_billing.ts";
import { anchorConfig, defaultBillingMode, MAX_ITEMS } from "./subscriptions.ts";
import { DAY_MS, nowOf, SECOND_MS, seconds } from "./time.ts";

export const checkoutEndpoints: readonly Endpoint[] = [
  endpoint(
    "POST /v1/checkout/sessions",
    z.strictObject({
      mode: z.literal("subscription"),
      customer: z.string(),
      client_reference_id: text(200).optional(),
      line_items: z.array(z.strictObject({
        price: z.string(),
        quantity: integer().optional(),
      })).min(1).max(MAX_ITEMS),
      success_url: text(5000),
      cancel_url: text(5000).optional(),
      subscription_data: z.strictObject({
        metadata: metadata().optional(),
        billing_mode: z.strictObject({ type: z.enum(["flexible", "classic"]) }).optional(),
        billing_cycle_anchor_config: anchorConfig.optional(),
        proration_behavior: z.enum(["create_prorations", "none"]).optional(),
      }).optional(),
      metadata: metadata().optional(),
      expand: expand(),
    }),
    (call, params) => {
      const { tx } = call;
      const customer = liveCustomer(tx, params.customer);
      params.line_items.forEach((item, at) => checkLineItem(call, item, at));
      const nowMs = nowOf(tx, customer.id);
      const session: CheckoutSessionDoc = {
        id: tx.nextId("cs_test"),
        created: seconds(nowMs),
        customer: customer.id,
        lineItems: params.line_items.map(({ price, quantity }) => ({
          price,
          quantity: quantity ?? null,
        })),
        successUrl: params.success_url,
        cancelUrl: params.cancel_url ?? null,
        status: "open",
        subscription: null,
        expiresMs: nowMs + DAY_MS,
        anchor: params.subscription_data?.billing_cycle_anchor_config ?? null,
        billingMode: params.subscription_data?.billing_mode?.type ??
          defaultBillingMode(call.apiVersion),
        metadata: params.metadata ?? {},
        subscriptionMetadata: params.subscription_data?.metadata ?? {},
        clientReferenceId: params.client_reference_id ?? null,
      };
      tx.put("checkout_sessions", session.id, session);
      return renderSession(call, session);
    },
  ),
  endpoint("GET /v1/checkout/sessions/:id", z.strictObject({ expand: expand() }), (call) => {
    const session = call.tx.get("checkout_sessions", idOf(call));
    if (session === undefined) throw noSuch("checkout.session", idOf(call));
    return renderSession(call, session);
  }),
  endpoint("POST /v1/checkout/sessions/:id/expire", z.strictObject({}), (call) => {
    const session = call.tx.get("checkout_sessions", idOf(call));
    if (session === undefined) throw noSuch("checkout.session", idOf(call));
    if (session.status !== "open") throw invalid("Only an open session can be expired.");
    const expired: CheckoutSessionDoc = { ...session, status: "expired" };
    call.tx.put("checkout_sessions", session.id, expired);
    emitSnapshot(call, "checkout.session.expired", renderSession(call, expired));
    return renderSession(call, expired);
  }),
];

/** The customer has paid on the page: keep the card, start the subscription, tell the world. */
export function completeCheckout(scene: Scene, session: CheckoutSessionDoc): CheckoutSessionDoc {
  const { tx } = scene;
  const customer = { ...liveCustomer(tx, session.customer), card: "pays" as const };
  tx.put("customers", customer.id, customer);
  const subscription = openSubscription(scene, customer, {
    items: session.lineItems.map(({ price, quantity }) => ({
      price,
      quantity: quantity ?? undefined,
    })),
    anchor: session.anchor,
    billingMode: session.billingMode,
    collectionMethod: "charge_automatically",
    daysUntilDue: null,
    startMs: Math.floor(nowOf(tx, customer.id) / SECOND_MS) * SECOND_MS,
    metadata: session.subscriptionMetadata,
    prorate: true,
    paymentBehavior: "allow_incomplete",
  });
  const complete: CheckoutSessionDoc = {
    ...session,
    status: "complete",
    subscription: subscription.id,
  };
  tx.put("checkout_sessions", session.id, complete);
  emitSnapshot(scene, "checkout.session.completed", renderSession(scene, complete));
  return complete;
}

function checkLineItem(
  { tx }: Call,
  item: { price: string; quantity?: number | undefined },
  at: number,
): void {
  const price = existingPrice(tx, item.price, `line_items[${at}][price]`);
  const metered = price.usageType === "metered";
  if (metered && item.quantity !== undefined) {
    throw invalid(
      `Quantity should not be specified where usage_type is metered. Remove quantity from ` +
        `\`line_items[${at}]\``,
      `line_items[${at}][quantity]`,
    );
  }
  if (!metered && item.quantity === undefined) {
    throw invalid(`Quantity is required for \`line_items[${at}]\`.`, `line_items[${at}][quantity]`);
  }
}

function renderSession({ host }: Scene, session: CheckoutSessionDoc): Reply {
  const open = session.status === "open";
  return {
    id: session.id,
    object: "checkout.session",
    cancel_url: session.cancelUrl,
    client_reference_id: session.clientReferenceId,
    created: session.created,
    customer: session.customer,
    expires_at: seconds(session.expiresMs),
    livemode: false,
    metadata: session.metadata,
    mode: "subscription",
    payment_status: session.status === "complete" ? "paid" : "unpaid",
    status: session.status,
    subscription: session.subscription,
    success_url: session.successUrl,
    url: open ? `${host.baseUrl()}/checkout/${session.id}?token=${host.token(session.id)}` : null,
  };
}
