import type {
  BillingProvider,
  MeterEvent,
  MeterSummary,
  SendOutcome,
  SummaryQuery,
} from "@/lib/ports/billing_provider.ts";
import type { Clock } from "@/lib/ports/clock.ts";

const HOUR = 3_600_000;
/** Stripe promises to know an identifier for "at least 24 hours". */
const IDENTIFIER_LIFE = 24 * HOUR;

/** What happens to one send: it takes effect or not, and the caller hears something. */
export interface ScriptedSend {
  readonly effect: boolean;
  readonly outcome: SendOutcome;
}

export const LOST_REPLY: ScriptedSend = {
  effect: true,
  outcome: { kind: "unknown", detail: "the reply was lost" },
};
export const NEVER_ARRIVED: ScriptedSend = {
  effect: false,
  outcome: { kind: "unknown", detail: "the request was lost" },
};

/**
 * A provider that forgets identifiers after 24 hours, as Stripe may: a blind resend after that bills
 * twice. Sends follow the script of their customer, and pass after it.
 */
export class ScriptedProvider implements Pick<BillingProvider, "sendMeterEvent" | "summaries"> {
  /** Everything that counts for invoices. */
  readonly accepted: MeterEvent[] = [];
  readonly attempts: MeterEvent[] = [];
  readonly #seen = new Map<string, number>();
  readonly #scripts = new Map<string, ScriptedSend[]>();
  summariesFail = false;
  /** Called after each effect; throws to simulate the end of the process. */
  afterEffect: () => void | Promise<void> = () => {};

  constructor(private readonly clock: Clock) {}

  script(stripeCustomerId: string, ...sends: readonly ScriptedSend[]): void {
    this.#scripts.set(stripeCustomerId, [...this.#scripts.get(stripeCustomerId) ?? [], ...sends]);
  }

  async sendMeterEvent(event: MeterEvent): Promise<SendOutcome> {
    this.attempts.push(event);
    const scripted = this.#scripts.get(event.stripeCustomerId)?.shift();
    if (scripted !== undefined && !scripted.effect) return scripted.outcome;
    const real = this.#accept(event);
    await this.afterEffect();
    return scripted?.outcome ?? real;
  }

  summaries(query: SummaryQuery): Promise<readonly MeterSummary[]> {
    if (this.summariesFail) return Promise.reject(new Error("summaries are down"));
    const { startMs, endMs, grouping } = query;
    const within = this.accepted.filter(({ stripeCustomerId, eventName, timestampMs }) =>
      stripeCustomerId === query.stripeCustomerId && eventName === query.eventName &&
      timestampMs >= startMs && timestampMs < endMs
    );
    const sizeMs = grouping === "hour" ? HOUR : endMs - startMs;
    const spans = Map.groupBy(
      within,
      ({ timestampMs }) => startMs + Math.floor((timestampMs - startMs) / sizeMs) * sizeMs,
    );
    return Promise.resolve([...spans].map(([spanMs, events]) => ({
      startMs: spanMs,
      endMs: spanMs + sizeMs,
      units: events.reduce((sum, { units }) => sum + units, 0n),
    })));
  }

  /** Refuses afterwards what it had accepted. */
  dropAccepted(identifier: string): void {
    const index = this.accepted.findIndex((event) => event.identifier === identifier);
    if (index >= 0) this.accepted.splice(index, 1);
  }

  #accept(event: MeterEvent): SendOutcome {
    const nowMs = this.clock.nowMs();
    const seenMs = this.#seen.get(event.identifier);
    if (seenMs !== undefined && nowMs - seenMs < IDENTIFIER_LIFE) return { kind: "already_exists" };
    this.#seen.set(event.identifier, nowMs);
    this.accepted.push(event);
    return { kind: "delivered" };
  }
}
