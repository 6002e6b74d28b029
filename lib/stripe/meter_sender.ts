import type { MeterEvent, SendOutcome } from "@/lib/ports/billing_provider.ts";
import { outcomeOf } from "./failures.ts";
import type { ProviderContext } from "./provider_context.ts";

export interface MeterSender {
  send(event: MeterEvent): Promise<SendOutcome>;
  /** One outcome per event, same order. */
  sendAll(events: readonly MeterEvent[]): Promise<readonly SendOutcome[]>;
}

/** Calls under way at once; Stripe takes one per customer and meter. */
const MAX_PARALLEL = 10;

/** The Idempotency-Key of an attempt: Stripe would replay a stored 500 for 24 h. */
export function attemptKey(event: MeterEvent): string {
  return `${event.identifier}:${event.attempt}`;
}

/** One call per event to `/v1/billing/meter_events`. */
export function createV1Sender({ client }: ProviderContext): MeterSender {
  return oneByOne(async (event) => {
    const stripe = await client();
    await stripe.billing.meterEvents.create({
      event_name: event.eventName,
      identifier: event.identifier,
      timestamp: Math.floor(event.timestampMs / 1_000),
      payload: { stripe_customer_id: event.stripeCustomerId, value: event.units.toString() },
    }, { idempotencyKey: attemptKey(event), maxNetworkRetries: 0 });
  });
}

/**
 * A sender that makes one call per event: events of one customer and meter after each other,
 * the rest side by side. After an `unauthorized` nothing more is sent.
 */
export function oneByOne(call: (event: MeterEvent) => Promise<void>): MeterSender {
  async function send(event: MeterEvent): Promise<SendOutcome> {
    try {
      await call(event);
      return { kind: "delivered" };
    } catch (error) {
      return outcomeOf(error);
    }
  }

  return {
    send,
    async sendAll(events) {
      const outcomes = new Map<MeterEvent, SendOutcome>();
      const lanes = lanesOf(events);
      let stop: SendOutcome | null = null;
      const worker = async () => {
        for (let lane = lanes.pop(); lane !== undefined; lane = lanes.pop()) {
          for (const event of lane) {
            const outcome: SendOutcome = stop ?? await send(event);
            outcomes.set(event, outcome);
            if (outcome.kind === "unauthorized") stop = outcome;
          }
        }
      };
      await Promise.all(Array.from({ length: MAX_PARALLEL }, worker));
      return events.map((event) =>
        outcomes.get(event) ?? { kind: "unknown", detail: "The event was not sent" }
      );
    },
  };
}

/** Events that must not be under way together, in their order. */
function lanesOf(events: readonly MeterEvent[]): MeterEvent[][] {
  const lanes = new Map<string, MeterEvent[]>();
  for (const event of events) {
    const key = JSON.stringify([event.stripeCustomerId, event.eventName]);
    const lane = lanes.get(key);
    if (lane === undefined) lanes.set(key, [event]);
    else lane.push(event);
  }
  return [...lanes.values()].reverse();
}
