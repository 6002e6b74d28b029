import type Stripe from "stripe";
import { invariant } from "@/lib/domain/invariant.ts";
import {
  type MeterSummary,
  ProviderError,
  type SummaryQuery,
} from "@/lib/ports/billing_provider.ts";
import { createOnce } from "./create_once.ts";
import { findInPages, type ProviderContext } from "./provider_context.ts";

export interface MeterCatalog {
  ensureMeter(spec: { eventName: string; displayName: string }): Promise<{ stripeMeterId: string }>;
  summaries(query: SummaryQuery): Promise<readonly MeterSummary[]>;
}

const MAX_CACHED = 1_000;
const PAGE = 100;

/** Stripe's meters, one per event name; a meter's formula and keys can never be changed. */
export function createMeterCatalog({ client }: ProviderContext): MeterCatalog {
  const known = new Map<string, string>();

  function remember(meter: Stripe.Billing.Meter): string {
    if (known.size >= MAX_CACHED) known.clear();
    known.set(meter.event_name, meter.id);
    return meter.id;
  }

  async function find(eventName: string): Promise<Stripe.Billing.Meter | null> {
    const stripe = await client();
    const meters = stripe.billing.meters.list({ limit: PAGE });
    return await findInPages(meters, (meter) => meter.event_name === eventName);
  }

  async function meterId(eventName: string): Promise<string> {
    const cached = known.get(eventName);
    if (cached !== undefined) return cached;
    const meter = await find(eventName);
    if (meter === null) throw new ProviderError("no_meter", `Stripe has no meter ${eventName}`);
    return remember(meter);
  }

  return {
    async ensureMeter({ eventName, displayName }) {
      const cached = known.get(eventName);
      if (cached !== undefined) return { stripeMeterId: cached };
      const stripe = await client();
      const meter = await createOnce({
        key: `clawmeter:meter:${eventName}`,
        find: () => find(eventName),
        create: (idempotencyKey) =>
          stripe.billing.meters.create({
            event_name: eventName,
            display_name: displayName,
            default_aggregation: { formula: "sum" },
            customer_mapping: { event_payload_key: "stripe_customer_id", type: "by_id" },
            value_settings: { event_payload_key: "value" },
          }, { idempotencyKey }),
      });
      checkMeter(meter);
      return { stripeMeterId: remember(meter) };
    },

    async summaries({ eventName, stripeCustomerId, startMs, endMs, grouping }) {
      const id = await meterId(eventName);
      const stripe = await client();
      const found: MeterSummary[] = [];
      const pages = stripe.billing.meters.listEventSummaries(id, {
        customer: stripeCustomerId,
        start_time: startMs / 1_000,
        end_time: endMs / 1_000,
        limit: PAGE,
        ...(grouping === undefined ? {} : { value_grouping_window: grouping }),
      });
      for await (const summary of pages) found.push(readSummary(summary));
      return found.sort((a, b) => a.startMs - b.startMs);
    },
  };
}

/** An existing meter must count what we send; Stripe can't change it, so a person has to. */
function checkMeter(meter: Stripe.Billing.Meter): void {
  if (!meterFits(meter)) {
    throw new ProviderError(
      "meter_differs",
      `Stripe's meter ${meter.event_name} (${meter.id}) does not sum "value" by ` +
        `"stripe_customer_id" over raw events, and Stripe can't change a meter: ` +
        "choose another meter name for the plan",
    );
  }
  if (meter.status !== "active") {
    throw new ProviderError(
      "meter_inactive",
      `Stripe's meter ${meter.event_name} (${meter.id}) is deactivated: reactivate it in Stripe`,
    );
  }
}

/** Sums the raw values of what we send, customer by customer. */
export function meterFits(meter: Stripe.Billing.Meter): boolean {
  return meter.default_aggregation.formula === "sum" && meter.event_time_window === null &&
    meter.customer_mapping.event_payload_key === "stripe_customer_id" &&
    meter.value_settings.event_payload_key === "value";
}

/** Sums come as floating point numbers; what such a number can't hold exactly is not believed. */
function readSummary(summary: Stripe.Billing.MeterEventSummary): MeterSummary {
  const { aggregated_value: value } = summary;
  if (!Number.isSafeInteger(value)) {
    throw new ProviderError("inexact_summary", `Stripe's summary ${value} is not a safe integer`);
  }
  invariant(summary.end_time > summary.start_time, "A summary's range is empty");
  return {
    startMs: summary.start_time * 1_000,
    endMs: summary.end_time * 1_000,
    units: BigInt(value),
  };
}
