import type { MeterEvent, SendOutcome } from "@/lib/ports/billing_provider.ts";
import { outcomeOf, readFailure } from "./failures.ts";
import type { MeterSender } from "./meter_sender.ts";
import type { ProviderContext } from "./provider_context.ts";

const MAX_EVENTS_PER_REQUEST = 100;
/** A session is renewed this long before it ends, so that no request meets its end. */
const RENEW_BEFORE_MS = 60_000;

interface Session {
  readonly token: string;
  readonly expiresMs: number;
}

/**
 * Meter event stream: up to 100 events a request. Stripe checks them later, so `delivered` here
 * says that they arrived; refusals come as error reports, and duplicates vanish in silence.
 */
export function createStreamSender({ client, clock, logger }: ProviderContext): MeterSender {
  let session: Session | null = null;

  async function currentSession(): Promise<Session> {
    if (session !== null && session.expiresMs - RENEW_BEFORE_MS > clock.nowMs()) return session;
    const stripe = await client();
    const opened = await stripe.v2.billing.meterEventSession.create({}, { maxNetworkRetries: 0 });
    session = {
      token: opened.authentication_token,
      expiresMs: new Date(opened.expires_at).getTime(),
    };
    return session;
  }

  async function post(events: readonly MeterEvent[]): Promise<void> {
    const { token } = await currentSession();
    const stripe = await client();
    await stripe.v2.billing.meterEventStream.create({
      events: events.map((event) => ({
        event_name: event.eventName,
        identifier: event.identifier,
        // The SDK would write a Date as unix seconds.
        timestamp: new Date(event.timestampMs).toISOString(),
        payload: { stripe_customer_id: event.stripeCustomerId, value: event.units.toString() },
      })),
    }, { apiKey: token, maxNetworkRetries: 0 });
  }

  async function sendBatch(events: readonly MeterEvent[]): Promise<SendOutcome[]> {
    const outcome = await attempt(events);
    // One malformed event refuses its whole request: find it, so that the others arrive.
    if (outcome.kind !== "refused" || events.length === 1) return events.map(() => outcome);
    logger.warn("stripe_stream_batch_refused", { events: events.length, code: outcome.code });
    const outcomes: SendOutcome[] = [];
    for (const event of events) outcomes.push(await attempt([event]));
    return outcomes;
  }

  async function attempt(events: readonly MeterEvent[]): Promise<SendOutcome> {
    try {
      try {
        await post(events);
      } catch (error) {
        if (readFailure(error)?.type !== "TemporarySessionExpiredError") throw error;
        session = null;
        await post(events);
      }
      return { kind: "delivered" };
    } catch (error) {
      return outcomeOf(error);
    }
  }

  return {
    async send(event) {
      return await attempt([event]);
    },
    async sendAll(events) {
      const outcomes: SendOutcome[] = [];
      for (let at = 0; at < events.length; at += MAX_EVENTS_PER_REQUEST) {
        outcomes.push(...await sendBatch(events.slice(at, at + MAX_EVENTS_PER_REQUEST)));
      }
      return outcomes;
    },
  };
}
