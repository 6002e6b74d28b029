import type {
  BillingProvider,
  MeterEvent,
  MeterSummary,
  SendOutcome,
  SummaryQuery,
} from "@/lib/ports/billing_provider.ts";
import type { Actor, Label, VirtualScheduler } from "../support/virtual_scheduler.ts";
import type { Random } from "../support/random.ts";
import type { StripeFaultRates, StripeServer } from "./stripe_server.ts";

/** Probabilities per call, on the way. */
export interface StripeWireRates extends StripeFaultRates {
  /** The request never arrives. */
  readonly lostRequest: number;
  /** It arrives and its reply is lost. */
  readonly lostReply: number;
  /** The client gives up waiting; the request arrives afterwards. */
  readonly late: number;
}

/** What metering needs of the provider. */
export type UsageProvider = Pick<BillingProvider, "sendMeterEvent" | "summaries">;

export interface Outage {
  readonly startMs: number;
  readonly endMs: number;
}

/** A request cut off by an outage may still have arrived, in its first minutes. */
const OUTAGE_EDGE_MS = 5 * 60_000;

/** One instance's connection to the simulated Stripe: the usage half of the provider port. */
export class StripeClient implements UsageProvider {
  constructor(
    readonly parts: {
      readonly server: StripeServer;
      readonly scheduler: VirtualScheduler;
      readonly owner: Actor;
      readonly random: Random;
      readonly rates: () => StripeWireRates;
      readonly outages: readonly Outage[];
    },
  ) {}

  async sendMeterEvent(event: MeterEvent): Promise<SendOutcome> {
    const { server, scheduler, random, rates } = this.parts;
    const receive = () => server.receive(event, scheduler.nowMs, rates());
    const edge = this.#outage();
    if (edge !== null) {
      const arrives = edge < OUTAGE_EDGE_MS && random.chance(0.5);
      return await this.#carry("stripe outage", () => {
        if (arrives) receive();
        return unknown("outage");
      });
    }
    if (random.chance(rates().lostRequest)) {
      return await this.#carry("stripe request lost", () => unknown("request lost"));
    }
    if (random.chance(rates().late)) {
      scheduler.after(random.between(1_000, 600_000), {
        owner: null,
        label: () => `stripe ${event.identifier} arrives late`,
        run: () => void receive(),
      });
      return await this.#carry("stripe timeout", () => unknown("timeout"));
    }
    const lost = random.chance(rates().lostReply);
    return await this.#carry(() => `stripe event ${event.identifier}`, () => {
      const outcome = receive();
      return lost ? unknown("reply lost") : outcome;
    });
  }

  async summaries(query: SummaryQuery): Promise<readonly MeterSummary[]> {
    const { server, scheduler, random, rates } = this.parts;
    const broken = this.#outage() !== null || random.chance(rates().lostRequest);
    return await this.#carry("stripe summary", () => {
      if (broken) throw new Error("error sending request for url");
      const units = server.summary(query, scheduler.nowMs);
      return units === 0n ? [] : [{ startMs: query.startMs, endMs: query.endMs, units }];
    });
  }

  /** Milliseconds since the present outage began, `null` when there is none. */
  #outage(): number | null {
    const { nowMs } = this.parts.scheduler;
    const outage = this.parts.outages.find(({ startMs, endMs }) =>
      nowMs >= startMs && nowMs < endMs
    );
    return outage === undefined ? null : nowMs - outage.startMs;
  }

  #carry<T>(label: Label, effect: () => T): Promise<T> {
    const { scheduler, owner, random } = this.parts;
    const latency = { thereMs: random.below(60), backMs: random.below(60) };
    return scheduler.carry(owner, {
      label,
      latency,
      effect: () => new Promise((resolve) => resolve(effect())),
    });
  }
}

function unknown(detail: string): SendOutcome {
  return { kind: "unknown", detail };
}
