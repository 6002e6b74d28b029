import { z } from "zod";
import type { SubscriptionDoc, SubscriptionItemDoc, UsageClaimDoc } from "./documents.ts";
import { type Call, type Endpoint, endpoint, idOf } from "./endpoint.ts";
import { nestedList } from "./list.ts";
import { integer, page, unixTime } from "./params.ts";
import { existingPrice } from "./prices.ts";
import { invalid, noSuch, StripeRefusal } from "./refusal.ts";
import type { Transaction } from "./state.ts";
import { nowOf, SECOND_MS, seconds } from "./time.ts";

/** The first API version without usage records. */
const GONE_SINCE = "2025-03-31";

export const usageRecordEndpoints: readonly Endpoint[] = [
  endpoint(
    "POST /v1/subscription_items/:id/usage_records",
    z.strictObject({
      quantity: integer(),
      timestamp: z.union([z.literal("now"), unixTime()]).optional(),
      action: z.enum(["set", "increment"]).optional(),
    }),
    (call, params) => {
      const { subscription, item } = legacyItem(call);
      const nowMs = nowOf(call.tx, subscription.customer);
      const at = typeof params.timestamp === "number" ? params.timestamp : seconds(nowMs);
      const atMs = at * SECOND_MS;
      if (atMs < subscription.periodStartMs || atMs >= subscription.periodEndMs || atMs > nowMs) {
        throw invalid(
          "Cannot create the usage record with this timestamp because timestamps must be after " +
            "the subscription's last invoice period (or current period start time).",
          "timestamp",
        );
      }
      if (params.quantity < 0) throw invalid("quantity must not be negative.", "quantity");
      const records = call.tx.get("usage_records", item.id)?.records ?? {};
      const before = params.action === "set" ? 0n : BigInt(records[String(at)] ?? "0");
      const quantity = before + BigInt(params.quantity);
      call.tx.put("usage_records", item.id, {
        item: item.id,
        records: { ...records, [String(at)]: quantity.toString() },
      });
      return {
        id: call.tx.nextId("mbur"),
        object: "usage_record",
        livemode: false,
        quantity: Number(quantity),
        subscription_item: item.id,
        timestamp: at,
      };
    },
  ),
  endpoint(
    "GET /v1/subscription_items/:id/usage_record_summaries",
    z.strictObject(page),
    (call) => {
      const { subscription, item } = legacyItem(call);
      const { periodStartMs: fromMs, periodEndMs: toMs } = subscription;
      const claim = { item: item.id, price: item.price, fromMs, toMs };
      const url = `/v1/subscription_items/${item.id}/usage_record_summaries`;
      return nestedList([claim], url, () => ({
        id: `sis_${item.id.slice(3)}`,
        object: "usage_record_summary",
        invoice: null,
        livemode: false,
        period: { start: seconds(fromMs), end: seconds(toMs) },
        subscription_item: item.id,
        total_usage: Number(recordedUnits(call.tx, claim)),
      }));
    },
  ),
];

/** What was recorded for an item in `[fromMs, toMs)`. */
export function recordedUnits(tx: Transaction, claim: UsageClaimDoc): bigint {
  let sum = 0n;
  for (const [at, quantity] of Object.entries(tx.get("usage_records", claim.item)?.records ?? {})) {
    const atMs = Number(at) * SECOND_MS;
    if (atMs >= claim.fromMs && atMs < claim.toMs) sum += BigInt(quantity);
  }
  return sum;
}

function legacyItem(call: Call): { subscription: SubscriptionDoc; item: SubscriptionItemDoc } {
  if (call.apiVersion >= GONE_SINCE) {
    throw new StripeRefusal(
      `Unrecognized request URL. Usage records left the API in ${GONE_SINCE}.`,
      {
        status: 404,
      },
    );
  }
  for (const subscription of call.tx.all("subscriptions")) {
    const item = subscription.items.find(({ id }) => id === idOf(call));
    if (item === undefined) continue;
    if (existingPrice(call.tx, item.price).meter !== null) {
      throw invalid(
        `Cannot create a usage record for ${item.id} because it is not on the legacy metered ` +
          "billing system. Call /v1/billing/meter_events instead.",
      );
    }
    return { subscription, item };
  }
  throw noSuch("subscription_item", idOf(call));
}
