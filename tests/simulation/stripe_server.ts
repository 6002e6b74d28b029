import { periodAt } from "@/lib/domain/period.ts";
import {
  type MeterEvent,
  type MeterSummary,
  ProviderError,
  type ProviderSubscription,
  type SendOutcome,
  type SummaryQuery,
} from "@/lib/ports/billing_provider.ts";
import type { Units } from "@/lib/domain/plan.ts";
import { customerOf, subscriptionOf, TENANTS } from "../support/metered_tenants.ts";
import type { Random } from "../support/random.ts";
import type { Actor } from "../support/virtual_scheduler.ts";
import { type BilledUsage, StripeInvoices, type UsageClaim } from "./stripe_invoices.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** How long one request keeps a (customer, meter) busy: only one may be under way. */
const BUSY_MS = 4;

/** A meter event that Stripe took. */
export interface TakenEvent {
  readonly identifier: string;
  readonly eventName: string;
  readonly stripeCustomerId: string;
  readonly units: Units;
  readonly timestampMs: number;
  readonly takenAtMs: number;
  /** Summaries show it from then on. */
  readonly visibleAtMs: number;
  /** Why it will never be billed: refused after it had been accepted. */
  readonly refusedCode: string | null;
}

/** A subscription: one metered price at a time. */
interface Subscribed {
  planRevision: string;
  /** Its price bills minutes that start then or later. */
  sinceMs: number;
  /** When the price was put in place. */
  changedAtMs: number;
  /** What prices before it billed, until they were changed. */
  readonly before: BilledUsage[];
}

/** Probabilities per call, on the server's side. */
export interface StripeFaultRates {
  readonly throttled: number;
  readonly error500: number;
  readonly refused: number;
  readonly asyncRefusal: number;
}

export interface RefusalReport {
  readonly identifier: string;
  readonly code: string;
  readonly refusedAtMs: number;
}

/**
 * What Stripe remembers and promises about meter events: an identifier is unique for 24 hours and
 * no longer, a 500 is replayed for its Idempotency-Key, one request at a time per customer and
 * meter, events are refused later, and summaries lag.
 */
export class StripeServer {
  readonly taken: TakenEvent[] = [];
  readonly reports: RefusalReport[] = [];
  readonly invoices = new StripeInvoices((stripeCustomerId, startMs, endMs) =>
    sum(this.#standing({ stripeCustomerId, startMs, endMs }))
  );
  readonly #subscribed = new Map<string, Subscribed>();
  /** Who waits for the reply of a request, by customer and meter. */
  readonly underWay = new Map<string, Actor>();
  readonly counts = { calls: 0, repeats: 0, savedReplays: 0, throttled: 0, error500: 0 };
  readonly #lastByIdentifier = new Map<string, TakenEvent>();
  readonly #saved = new Map<string, { readonly outcome: SendOutcome; readonly untilMs: number }>();
  readonly #busyUntilMs = new Map<string, number>();

  constructor(
    readonly random: Random,
    /** Longest delay until a summary shows an event. */
    readonly summaryLagMs: number,
  ) {}

  receive(event: MeterEvent, nowMs: number, rates: StripeFaultRates): SendOutcome {
    this.counts.calls++;
    const idempotencyKey = JSON.stringify([event.identifier, event.attempt]);
    const saved = this.#saved.get(idempotencyKey);
    if (saved !== undefined && nowMs < saved.untilMs) {
      this.counts.savedReplays++;
      return saved.outcome;
    }
    const line = JSON.stringify([event.stripeCustomerId, event.eventName]);
    if (nowMs < (this.#busyUntilMs.get(line) ?? 0) || this.random.chance(rates.throttled)) {
      this.counts.throttled++;
      return { kind: "throttled", retryAfterMs: this.random.between(1, 4000) };
    }
    this.#busyUntilMs.set(line, nowMs + BUSY_MS);
    const outcome = this.#process(event, nowMs, rates);
    this.#saved.set(idempotencyKey, { outcome, untilMs: nowMs + DAY_MS });
    return outcome;
  }

  summaries(query: SummaryQuery, nowMs: number): readonly MeterSummary[] {
    const seen = this.#standing(query).filter((event) =>
      event.eventName === query.eventName && event.visibleAtMs <= nowMs
    );
    const hour = ({ timestampMs }: TakenEvent) => timestampMs - timestampMs % HOUR_MS;
    const groups = query.grouping === "hour" ? Map.groupBy(seen, hour) : new Map([[0, seen]]);
    return [...groups].sort(([a], [b]) => a - b).flatMap(([startMs, events]) => {
      const units = sum(events);
      const range = query.grouping === "hour"
        ? { startMs, endMs: startMs + HOUR_MS }
        : { startMs: query.startMs, endMs: query.endMs };
      return units === 0n ? [] : [{ ...range, units }];
    });
  }

  /** What the customer will pay for. */
  billed(stripeCustomerId: string, eventName: string): Units {
    const all = this.#standing({ stripeCustomerId, startMs: -Infinity, endMs: Infinity });
    return sum(all.filter((event) => event.eventName === eventName));
  }

  subscribe(tenantId: string, planRevision: string, sinceMs: number): void {
    if (this.#subscribed.has(tenantId)) return;
    this.#subscribed.set(tenantId, { planRevision, sinceMs, changedAtMs: sinceMs, before: [] });
  }

  /** Counts what was used so far at the old price, for good, and starts the new one. */
  changePlan(stripeSubscriptionId: string, planRevision: string, nowMs: number) {
    const tenantId = tenantOf(stripeSubscriptionId);
    const subscribed = this.#subscribed.get(tenantId);
    if (subscribed === undefined || this.invoices.ended.has(stripeSubscriptionId)) {
      throw new ProviderError("resource_missing", `No subscription ${stripeSubscriptionId}`);
    }
    if (subscribed.planRevision !== planRevision) {
      const changedAtMs = nowMs - nowMs % SECOND_MS;
      const claim = claimOf(subscribed, { ...periodAt(nowMs, "month"), endMs: changedAtMs });
      subscribed.before.push(this.invoices.count(customerOf(tenantId), claim));
      Object.assign(subscribed, { planRevision, sinceMs: changedAtMs, changedAtMs });
    }
    return this.subscription(tenantId);
  }

  subscription(tenantId: string): ProviderSubscription {
    const { planRevision = null, changedAtMs = 0 } = this.#subscribed.get(tenantId) ?? {};
    return {
      pricesSinceMs: changedAtMs,
      stripeSubscriptionId: subscriptionOf(tenantId),
      stripeCustomerId: customerOf(tenantId),
      status: this.invoices.ended.has(subscriptionOf(tenantId)) ? "canceled" : "active",
      currentPeriodStartMs: 0,
      currentPeriodEndMs: 0,
      planRevision,
    };
  }

  cancel(stripeSubscriptionId: string, nowMs: number): ProviderSubscription {
    const tenantId = tenantOf(stripeSubscriptionId);
    const { stripeCustomerId } = this.subscription(tenantId);
    const { startMs, endMs } = periodAt(nowMs, "month");
    const subject = { stripeCustomerId, stripeSubscriptionId, startMs, endMs: nowMs };
    this.invoices.end({ ...subject, ...this.#usageOf(tenantId, { startMs, endMs }) }, nowMs);
    return this.subscription(tenantId);
  }

  /** What an invoice of the period bills: the prices of its end, and those before. */
  #usageOf(tenantId: string, period: { readonly startMs: number; readonly endMs: number }) {
    const subscribed = this.#subscribed.get(tenantId);
    if (subscribed === undefined) throw new Error(`No subscription of ${tenantId}`);
    const isOfPeriod = ({ startMs }: BilledUsage) =>
      startMs >= period.startMs && startMs < period.endMs;
    return {
      claim: claimOf(subscribed, period),
      before: subscribed.before.filter(isOfPeriod),
    };
  }

  /** The period ends: a draft for every subscription. */
  endPeriod(endMs: number, aliveFromMs: number): void {
    for (const tenantId of this.#subscribed.keys()) {
      const { stripeCustomerId, stripeSubscriptionId } = this.subscription(tenantId);
      const { startMs } = periodAt(endMs - 1, "month");
      const period = { startMs, endMs };
      const usage = this.#usageOf(tenantId, period);
      const subject = { stripeCustomerId, stripeSubscriptionId, ...period, ...usage };
      this.invoices.draft({ ...subject, nowMs: endMs, aliveFromMs });
    }
  }

  #standing(
    { stripeCustomerId, startMs, endMs }: Pick<
      SummaryQuery,
      "stripeCustomerId" | "startMs" | "endMs"
    >,
  ): TakenEvent[] {
    return this.taken.filter((event) =>
      event.stripeCustomerId === stripeCustomerId && event.refusedCode === null &&
      event.timestampMs >= startMs && event.timestampMs < endMs
    );
  }

  #process(event: MeterEvent, nowMs: number, rates: StripeFaultRates): SendOutcome {
    const broken = this.random.chance(rates.error500);
    if (broken) this.counts.error500++;
    if (broken && this.random.chance(0.5)) return { kind: "unknown", detail: "500 before effect" };
    if (this.random.chance(rates.refused)) {
      return { kind: "refused", code: "parameter_invalid", detail: "for a while" };
    }
    const known = this.#lastByIdentifier.get(event.identifier);
    const isKnown = known !== undefined && nowMs - known.takenAtMs < DAY_MS;
    if (isKnown) this.counts.repeats++;
    else this.#take(event, nowMs, rates);
    if (broken) return { kind: "unknown", detail: "500 after effect" };
    return { kind: isKnown ? "already_exists" : "delivered" };
  }

  #take(event: MeterEvent, nowMs: number, rates: StripeFaultRates): void {
    const code = refusalOf(event, nowMs) ??
      (this.random.chance(rates.asyncRefusal) ? "meter_event_customer_not_found" : null);
    const { attempt: _, ...rest } = event;
    const taken: TakenEvent = {
      ...rest,
      takenAtMs: nowMs,
      visibleAtMs: nowMs + this.random.below(this.summaryLagMs),
      refusedCode: code,
    };
    this.taken.push(taken);
    this.#lastByIdentifier.set(event.identifier, taken);
    if (code !== null) {
      this.reports.push({ identifier: event.identifier, code, refusedAtMs: nowMs });
    }
  }
}

/** Whose subscription it is. */
export function tenantOf(stripeSubscriptionId: string): string {
  const tenantId = TENANTS.find((id) => subscriptionOf(id) === stripeSubscriptionId);
  if (tenantId === undefined) throw new Error(`No subscription ${stripeSubscriptionId}`);
  return tenantId;
}

/** What the present price bills of a period. */
function claimOf(
  { planRevision, sinceMs }: Subscribed,
  { startMs, endMs }: { readonly startMs: number; readonly endMs: number },
): UsageClaim {
  return { planRevision, startMs: Math.max(startMs, Math.min(sinceMs, endMs)), endMs };
}

function refusalOf(event: MeterEvent, nowMs: number): string | null {
  if (event.timestampMs < nowMs - 35 * DAY_MS) return "timestamp_too_far_in_past";
  if (event.timestampMs > nowMs + 5 * MINUTE_MS) return "timestamp_in_future";
  return null;
}

function sum(events: readonly TakenEvent[]): Units {
  return events.reduce((total, { units }) => total + units, 0n);
}
