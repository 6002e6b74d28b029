import { accept } from "@/lib/domain/result.ts";
import {
  type BillingProvider,
  type MeterEvent,
  ProviderError,
  type SendOutcome,
} from "@/lib/ports/billing_provider.ts";
import type { Actor, Label, VirtualScheduler } from "../support/virtual_scheduler.ts";
import { customerOf } from "../support/metered_tenants.ts";
import type { Random } from "../support/random.ts";
import { type StripeFaultRates, type StripeServer, tenantOf } from "./stripe_server.ts";

/** Probabilities per call, on the way. */
export interface StripeWireRates extends StripeFaultRates {
  /** The request never arrives. */
  readonly lostRequest: number;
  /** It arrives and its reply is lost. */
  readonly lostReply: number;
  /** The client gives up waiting; the request arrives afterwards. */
  readonly late: number;
}

export interface Outage {
  readonly startMs: number;
  readonly endMs: number;
}

/** A request cut off by an outage may still have arrived, in its first minutes. */
const OUTAGE_EDGE_MS = 5 * 60_000;

export interface StripeClientParts {
  readonly server: StripeServer;
  readonly scheduler: VirtualScheduler;
  readonly owner: Actor;
  readonly random: Random;
  readonly rates: () => StripeWireRates;
  readonly outages: readonly Outage[];
  /** Two requests of one customer and meter are under way. */
  readonly onOverlap: (line: string) => void;
}

/** One instance's connection to the simulated Stripe. */
export function createStripeClient(parts: StripeClientParts): BillingProvider {
  const { server, scheduler } = parts;
  const { invoices } = server;
  /** A request whose outcome is told, or not: then it may have taken effect all the same. */
  const ask = <T>(label: string, effect: () => T) => askOver(parts, label, effect);
  return {
    mode: "simulator",
    sendMeterEvent: (event) => send(parts, event),
    summaries: (query) => ask("summary", () => server.summaries(query, scheduler.nowMs)),
    checkPlan: accept,
    ensureCustomer: ({ tenantId }) =>
      ask("customer", () => ({ stripeCustomerId: customerOf(tenantId) })),
    ensurePlan: ({ planRevision }) =>
      ask("plan", () => ({ planRevision, productId: planRevision, prices: [] })),
    ensureSubscription: ({ tenantId, plan, startMs }) =>
      ask("subscription", () => {
        if (startMs > scheduler.nowMs) {
          throw new ProviderError("parameter_invalid", "Not begun yet");
        }
        server.subscribe(tenantId, plan.planRevision, startMs);
        return server.subscription(tenantId);
      }),
    changePlan: ({ stripeSubscriptionId, plan }) =>
      ask(
        "change plan",
        () => server.changePlan(stripeSubscriptionId, plan.planRevision, scheduler.nowMs),
      ),
    subscription: (stripeSubscriptionId) =>
      ask("subscription", () => server.subscription(tenantOf(stripeSubscriptionId))),
    ensureInvoiceItem: (spec) =>
      ask("invoice item", () => ({
        invoiceItemId: invoices.addItem(spec, scheduler.nowMs),
      })),
    cancelSubscription: (stripeSubscriptionId) =>
      ask("cancel", () => server.cancel(stripeSubscriptionId, scheduler.nowMs)),
    invoices: ({ stripeCustomerId }) =>
      ask("invoices", () => invoices.list(stripeCustomerId, scheduler.nowMs)),
    invoice: (invoiceId) => ask("invoice", () => invoices.find(invoiceId, scheduler.nowMs)),
    holdInvoice: (invoiceId) => ask("hold", () => invoices.hold(invoiceId, scheduler.nowMs)),
    finalizeInvoice: (invoiceId) =>
      ask("finalize", () => invoices.finalize(invoiceId, scheduler.nowMs)),
    previewInvoice: unplayed,
    sendMeterEvents: unplayed,
    meterErrors: unplayed,
    ensureMeter: unplayed,
    ensureCredit: unplayed,
    checkoutUrl: unplayed,
    portalUrl: unplayed,
    noticesSince: unplayed,
    probe: unplayed,
  };
}

async function send(parts: StripeClientParts, event: MeterEvent): Promise<SendOutcome> {
  const { server, scheduler, random, rates } = parts;
  const receive = () => server.receive(event, scheduler.nowMs, rates());
  const edge = outageAge(parts);
  if (edge !== null) {
    const arrives = edge < OUTAGE_EDGE_MS && random.chance(0.5);
    return await carry(parts, "stripe outage", () => {
      if (arrives) receive();
      return unknown("outage");
    });
  }
  if (random.chance(rates().lostRequest)) {
    return await carry(parts, "stripe request lost", () => unknown("request lost"));
  }
  if (random.chance(rates().late)) {
    scheduler.after(random.between(1_000, 600_000), {
      owner: null,
      label: () => `stripe ${event.identifier} arrives late`,
      run: () => void receive(),
    });
    return await carry(parts, "stripe timeout", () => unknown("timeout"));
  }
  const lost = random.chance(rates().lostReply);
  let leave = () => {};
  const outcome = await carry(parts, () => `stripe event ${event.identifier}`, () => {
    leave = enterLane(parts, event);
    const told = receive();
    return lost ? unknown("reply lost") : told;
  });
  leave();
  return outcome;
}

/** Notes the request until its reply has come; returns how to leave. */
function enterLane({ server, owner, onOverlap }: StripeClientParts, event: MeterEvent): () => void {
  const line = `${event.stripeCustomerId} ${event.eventName}`;
  const before = server.underWay.get(line);
  if (before?.alive === true) onOverlap(line);
  server.underWay.set(line, owner);
  return () => {
    if (server.underWay.get(line) === owner) server.underWay.delete(line);
  };
}

async function askOver<T>(
  parts: StripeClientParts,
  label: string,
  effect: () => T,
): Promise<T> {
  const { random, rates } = parts;
  const broken = outageAge(parts) !== null || random.chance(rates().lostRequest);
  const lost = !broken && random.chance(rates().lostReply);
  return await carry(parts, `stripe ${label}`, () => {
    const reply = broken ? null : { value: effect() };
    if (reply === null || lost) throw new ProviderError("network", "no answer from Stripe");
    return reply.value;
  });
}

/** Milliseconds since the present outage began, `null` when there is none. */
function outageAge({ scheduler: { nowMs }, outages }: StripeClientParts): number | null {
  const outage = outages.find(({ startMs, endMs }) => nowMs >= startMs && nowMs < endMs);
  return outage === undefined ? null : nowMs - outage.startMs;
}

function carry<T>(
  { scheduler, owner, random }: StripeClientParts,
  label: Label,
  effect: () => T,
): Promise<T> {
  const latency = { thereMs: random.below(60), backMs: random.below(60) };
  return scheduler.carry(owner, {
    label,
    latency,
    effect: () => new Promise((resolve) => resolve(effect())),
  });
}

function unplayed(): Promise<never> {
  return Promise.reject(new TypeError("The simulation does not play this part of Stripe"));
}

function unknown(detail: string): SendOutcome {
  return { kind: "unknown", detail };
}
