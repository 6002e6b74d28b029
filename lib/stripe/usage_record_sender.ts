import { z } from "zod";
import type Stripe from "stripe";
import {
  type MeterSummary,
  ProviderError,
  type SummaryQuery,
} from "@/lib/ports/billing_provider.ts";
import { attemptKey, type MeterSender, oneByOne } from "./meter_sender.ts";
import { LEGACY_API_VERSION, type ProviderContext, TAG } from "./provider_context.ts";

export interface UsageRecordSender extends MeterSender {
  summaries(query: SummaryQuery): Promise<readonly MeterSummary[]>;
}

const MAX_CACHED = 10_000;
const SUBSCRIPTIONS_MAX = 100;

const summaryPage = z.object({
  data: z.array(z.object({
    total_usage: z.number(),
    period: z.object({ start: z.number().nullable(), end: z.number().nullable() }),
  })),
});

/**
 * For accounts that still bill prices without a meter: usage records through the last API version
 * that has them. `set` at the entry's own timestamp makes a repeat harmless for ever.
 */
export function createUsageRecordSender({ client }: ProviderContext): UsageRecordSender {
  const items = new Map<string, string>();

  async function itemOf(stripeCustomerId: string, eventName: string): Promise<string> {
    const key = JSON.stringify([stripeCustomerId, eventName]);
    const cached = items.get(key);
    if (cached !== undefined) return cached;
    const item = await findItem(await client(), { stripeCustomerId, eventName });
    if (items.size >= MAX_CACHED) items.clear();
    items.set(key, item.id);
    return item.id;
  }

  const sender = oneByOne(async (event) => {
    const item = await itemOf(event.stripeCustomerId, event.eventName);
    const stripe = await client();
    await stripe.rawRequest("POST", `/v1/subscription_items/${item}/usage_records`, {
      quantity: Number(event.units),
      timestamp: Math.floor(event.timestampMs / 1_000),
      action: "set",
    }, {
      apiVersion: LEGACY_API_VERSION,
      idempotencyKey: attemptKey(event),
      maxNetworkRetries: 0,
    });
  });

  return {
    ...sender,
    async summaries({ eventName, stripeCustomerId, startMs, endMs, grouping }) {
      if (grouping !== undefined) throw notSupported("usage records have no hourly summaries");
      const item = await itemOf(stripeCustomerId, eventName);
      const stripe = await client();
      const reply = await stripe.rawRequest(
        "GET",
        `/v1/subscription_items/${item}/usage_record_summaries?limit=100`,
        undefined,
        { apiVersion: LEGACY_API_VERSION },
      );
      const { data } = summaryPage.parse(reply);
      const whole = data.filter(({ period }) =>
        (period.start ?? 0) * 1_000 >= startMs && (period.end ?? Infinity) * 1_000 <= endMs
      );
      if (whole.length === 0) throw notSupported("usage records are summed per period only");
      const units = whole.reduce((sum, { total_usage }) => sum + BigInt(total_usage), 0n);
      return [{ startMs, endMs, units }];
    },
  };
}

async function findItem(
  stripe: Stripe,
  { stripeCustomerId, eventName }: { stripeCustomerId: string; eventName: string },
): Promise<Stripe.SubscriptionItem> {
  let seen = 0;
  for await (const { id, items } of stripe.subscriptions.list({ customer: stripeCustomerId })) {
    const all = items.has_more
      ? await Array.fromAsync(stripe.subscriptionItems.list({ subscription: id, limit: 100 }))
      : items.data;
    const item = all.find((item) =>
      item.price.metadata[TAG.meter] === eventName || item.price.nickname === eventName
    );
    if (item !== undefined) return item;
    seen += 1;
    if (seen >= SUBSCRIPTIONS_MAX) break;
  }
  throw new ProviderError(
    "no_subscription_item",
    `Customer ${stripeCustomerId} has no subscription item for ${eventName}: its price needs ` +
      `the metadata ${TAG.meter}=${eventName}, or that nickname`,
  );
}

function notSupported(detail: string): ProviderError {
  return new ProviderError("not_supported", `Stripe can't answer this: ${detail}`);
}
