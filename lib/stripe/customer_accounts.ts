import type Stripe from "stripe";
import type {
  BillingProvider,
  ProviderSubscription,
  ProvisionedPlan,
  SubscriptionSpec,
} from "@/lib/ports/billing_provider.ts";
import { ProviderError } from "@/lib/ports/billing_provider.ts";
import { createOnce } from "./create_once.ts";
import { isMissing } from "./failures.ts";
import {
  findInPages,
  idOfRef,
  LEGACY_API_VERSION,
  type ProviderContext,
  TAG,
} from "./provider_context.ts";

export type CustomerAccounts = Pick<
  BillingProvider,
  | "ensureCustomer"
  | "ensureSubscription"
  | "changePlan"
  | "cancelSubscription"
  | "subscription"
  | "checkoutUrl"
  | "portalUrl"
>;

const PAGE = 100;
/** Customers of one tenant that may be deleted within 24 h. */
const DELETED_MAX = 10;
/** Meter events are stamped with the start of their minute, so subscriptions start on one too. */
const MINUTE_MS = 60_000;

/** Customers, their subscriptions, and the pages where they pay. */
export function createCustomerAccounts(context: ProviderContext): CustomerAccounts {
  const { client, clock } = context;

  return {
    async ensureCustomer({ tenantId, name, email }) {
      const stripe = await client();
      const customer = await createOnce({
        key: `clawmeter:customer:${tenantId}`,
        find: ({ thorough }) => findCustomer(stripe, { tenantId, email, thorough }),
        create: (idempotencyKey) =>
          createLiveCustomer(stripe, {
            name,
            ...(email === null ? {} : { email }),
            metadata: { [TAG.tenant]: tenantId },
          }, idempotencyKey),
      });
      return { stripeCustomerId: customer.id };
    },

    async ensureSubscription(spec) {
      const stripe = await client();
      const listed = await listSubscriptions(stripe, spec.stripeCustomerId);
      const ended = listed.filter((subscription) => isOver(subscription)).length;
      const subscription = await createOnce({
        // The number of ended ones: a key of 24 h must not bring an ended one back.
        key: `clawmeter:subscription:${spec.stripeCustomerId}:${ended}`,
        find: async () => {
          const present = await listSubscriptions(stripe, spec.stripeCustomerId);
          return present.find((candidate) =>
            !isOver(candidate) && candidate.metadata[TAG.tenant] === spec.tenantId
          ) ?? null;
        },
        create: async (idempotencyKey) => {
          const params = subscriptionParams(context, spec, clock.nowMs());
          const legacy = context.meterMode === "usage_records";
          const created = await stripe.subscriptions.create(params, {
            idempotencyKey,
            ...(legacy ? { apiVersion: LEGACY_API_VERSION } : {}),
          });
          // The old version has its periods elsewhere.
          return legacy ? await stripe.subscriptions.retrieve(created.id) : created;
        },
      });
      return readSubscription(subscription);
    },

    async changePlan({ stripeSubscriptionId, plan }) {
      const stripe = await client();
      const before = await stripe.subscriptions.retrieve(stripeSubscriptionId);
      const items = itemChanges(await itemsOf(stripe, before), plan);
      const tagged = before.metadata[TAG.plan] === plan.planRevision;
      if (items.length === 0 && tagged) return readSubscription(before);
      const after = await stripe.subscriptions.update(stripeSubscriptionId, {
        ...(items.length === 0 ? {} : { items }),
        proration_behavior: "create_prorations",
        metadata: { [TAG.plan]: plan.planRevision },
      });
      return readSubscription(after);
    },

    async cancelSubscription(stripeSubscriptionId) {
      const stripe = await client();
      const before = await stripe.subscriptions.retrieve(stripeSubscriptionId);
      if (isOver(before)) return readSubscription(before);
      // Without `invoice_now` Stripe forgets the usage since the last invoice.
      const after = await stripe.subscriptions.cancel(stripeSubscriptionId, {
        invoice_now: true,
        prorate: true,
      });
      return readSubscription(after);
    },

    async subscription(stripeSubscriptionId) {
      const stripe = await client();
      try {
        return readSubscription(await stripe.subscriptions.retrieve(stripeSubscriptionId));
      } catch (error) {
        if (isMissing(error)) return null;
        throw error;
      }
    },

    async checkoutUrl({ stripeCustomerId, plan, successUrl, cancelUrl }) {
      const stripe = await client();
      const customer = await stripe.customers.retrieve(stripeCustomerId);
      const tenant = customer.deleted ? undefined : customer.metadata[TAG.tenant];
      const session = await stripe.checkout.sessions.create({
        mode: "subscription",
        customer: stripeCustomerId,
        line_items: plan.prices.map(({ meter, priceId }) =>
          meter === null ? { price: priceId, quantity: 1 } : { price: priceId }
        ),
        success_url: successUrl,
        cancel_url: cancelUrl,
        subscription_data: {
          ...(context.meterMode === "usage_records" ? {} : {
            billing_mode: { type: "flexible" },
          }),
          billing_cycle_anchor_config: anchorOf(plan),
          metadata: {
            [TAG.plan]: plan.planRevision,
            ...(tenant === undefined ? {} : { [TAG.tenant]: tenant }),
          },
        },
      }, context.meterMode === "usage_records" ? { apiVersion: LEGACY_API_VERSION } : {});
      return urlOf(session.url);
    },

    async portalUrl({ stripeCustomerId, returnUrl }) {
      const stripe = await client();
      const session = await stripe.billingPortal.sessions.create({
        customer: stripeCustomerId,
        return_url: returnUrl,
      });
      return urlOf(session.url);
    },
  };
}

/** By email first; the thorough way looks at every customer, for when the email has changed. */
async function findCustomer(
  stripe: Stripe,
  { tenantId, email, thorough }: { tenantId: string; email: string | null; thorough: boolean },
): Promise<Stripe.Customer | null> {
  const fits = (customer: Stripe.Customer) => customer.metadata[TAG.tenant] === tenantId;
  if (email !== null) {
    const found = await findInPages(stripe.customers.list({ email, limit: PAGE }), fits);
    if (found !== null || !thorough) return found;
  }
  return await findInPages(stripe.customers.list({ limit: PAGE }), fits);
}

/** For 24 h a key brings back its first reply, also that of a customer who was deleted since. */
async function createLiveCustomer(
  stripe: Stripe,
  params: Stripe.CustomerCreateParams,
  key: string,
): Promise<Stripe.Customer> {
  for (let deleted = 0; deleted < DELETED_MAX; deleted += 1) {
    const idempotencyKey = deleted === 0 ? key : `${key}:${deleted}`;
    const created = await stripe.customers.create(params, { idempotencyKey });
    const present = await stripe.customers.retrieve(created.id);
    if (!present.deleted) return present;
  }
  throw new ProviderError(
    "customer_deleted",
    "The tenant's customers were deleted too often today",
  );
}

async function listSubscriptions(
  stripe: Stripe,
  stripeCustomerId: string,
): Promise<Stripe.Subscription[]> {
  const found: Stripe.Subscription[] = [];
  const pages = stripe.subscriptions.list({
    customer: stripeCustomerId,
    status: "all",
    limit: PAGE,
  });
  await findInPages(pages, (subscription) => {
    found.push(subscription);
    return false;
  });
  return found;
}

function isOver(subscription: Stripe.Subscription): boolean {
  return subscription.status === "canceled" || subscription.status === "incomplete_expired";
}

function subscriptionParams(
  { meterMode }: ProviderContext,
  spec: SubscriptionSpec,
  nowMs: number,
): Stripe.SubscriptionCreateParams {
  const { plan, collection = { kind: "charge" } } = spec;
  const startMs = Math.floor(Math.min(spec.startMs, nowMs) / MINUTE_MS) * MINUTE_MS;
  return {
    customer: spec.stripeCustomerId,
    items: plan.prices.map(({ meter, priceId }) =>
      meter === null ? { price: priceId, quantity: 1 } : { price: priceId }
    ),
    // Classic billing would drop usage when a price is swapped; old accounts have nothing else.
    ...(meterMode === "usage_records" ? {} : { billing_mode: { type: "flexible" } }),
    billing_cycle_anchor_config: anchorOf(plan),
    ...(startMs < nowMs ? { backdate_start_date: startMs / 1_000 } : {}),
    ...(collection.kind === "invoice"
      ? { collection_method: "send_invoice", days_until_due: collection.daysUntilDue }
      : {}),
    metadata: { [TAG.tenant]: spec.tenantId, [TAG.plan]: plan.planRevision },
  };
}

/** Billing periods start on the first, at midnight UTC, as ours do. */
function anchorOf(plan: ProvisionedPlan) {
  const midnight = { day_of_month: 1, hour: 0, minute: 0, second: 0 };
  return plan.interval === "year" ? { ...midnight, month: 1 } : midnight;
}

/** A subscription carries its first ten items only. */
async function itemsOf(
  stripe: Stripe,
  subscription: Stripe.Subscription,
): Promise<Stripe.SubscriptionItem[]> {
  if (!subscription.items.has_more) return subscription.items.data;
  return await Array.fromAsync(
    stripe.subscriptionItems.list({ subscription: subscription.id, limit: PAGE }),
  );
}

function itemChanges(
  items: readonly Stripe.SubscriptionItem[],
  plan: ProvisionedPlan,
): Stripe.SubscriptionUpdateParams.Item[] {
  const wanted = new Map(plan.prices.map((price) => [price.priceId, price]));
  const present = new Set(items.map((item) => item.price.id));
  const removed = items.filter((item) => !wanted.has(item.price.id))
    .map((item) => ({ id: item.id, deleted: true }));
  const added = plan.prices.filter(({ priceId }) => !present.has(priceId))
    .map(({ meter, priceId }) =>
      meter === null ? { price: priceId, quantity: 1 } : { price: priceId }
    );
  return [...removed, ...added];
}

function readSubscription(subscription: Stripe.Subscription): ProviderSubscription {
  const starts = subscription.items.data.map((item) => item.current_period_start);
  const ends = subscription.items.data.map((item) => item.current_period_end);
  return {
    stripeSubscriptionId: subscription.id,
    stripeCustomerId: idOfRef(subscription.customer) ?? "",
    status: subscription.status,
    currentPeriodStartMs: Math.min(...starts) * 1_000,
    currentPeriodEndMs: Math.min(...ends) * 1_000,
    planRevision: subscription.metadata[TAG.plan] ?? null,
    pricesSinceMs: Math.max(...subscription.items.data.map((item) => item.created)) * 1_000,
  };
}

function urlOf(url: string | null): string {
  if (url === null) throw new ProviderError("no_url", "Stripe answered without a link");
  return url;
}
