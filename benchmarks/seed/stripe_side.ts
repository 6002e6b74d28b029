import { meterEventName } from "@/lib/domain/meter.ts";
import { periodAt, shiftPeriod } from "@/lib/domain/period.ts";
import type { PlanVersion } from "@/lib/domain/plan.ts";
import { MINUTE_MS } from "@/lib/domain/window.ts";
import type {
  BillingProvider,
  MeterEvent,
  MeterSummary,
  SummaryQuery,
} from "@/lib/ports/billing_provider.ts";
import type { SimulatorChange, SimulatorDocument } from "@/lib/ports/simulator_store.ts";
import type { SimulatorStore } from "@/lib/ports/simulator_store.ts";
import { createMemorySimulatorStore } from "@/lib/stripe/simulator/memory_store.ts";
import { createStripeSimulator } from "@/lib/stripe/simulator/simulator.ts";
import { openState } from "@/lib/stripe/simulator/state.ts";
import { addUsage } from "@/lib/stripe/simulator/usage.ts";
import { createStripeProvider } from "@/lib/stripe/stripe_provider.ts";
import { FixedClock } from "@/tests/support/fixed_effects.ts";
import type { TenantShape } from "./shape.ts";

interface Account {
  readonly stripeCustomerId: string;
  readonly stripeSubscriptionId: string;
}

const KEY = "sk_test_only_for_the_seed_of_a_made_up_database";
const QUIET = { debug() {}, info() {}, warn() {}, error() {} };
const USAGE_PER_COMMIT = 5_000;
const DRAFT_AFTER_MS = 30 * MINUTE_MS;
/** Of the store that the state is written into. */
const CHANGES_MAX = 400;
const CHARACTERS_MAX = 300_000;

/**
 * Stripe's side of a made-up history, made by the simulator itself: plans, customers and
 * subscriptions, usage and invoices of the last complete period and the one under way. Nothing asks
 * Stripe about older ones.
 */
export class StripeSide {
  readonly #store: SimulatorStore = createMemorySimulatorStore();
  readonly #accounts = new Map<string, Account>();
  readonly #delivered: MeterEvent[] = [];
  /** What the provider answers for the summaries of one tenant's usage, by customer and meter. */
  #sums = new Map<string, Map<number, bigint>>();
  readonly #clock: FixedClock;

  constructor(private readonly untilMs: number) {
    this.#clock = new FixedClock(this.keptFromMs);
  }

  /** Start of the last complete period. */
  get keptFromMs(): number {
    return shiftPeriod(periodAt(this.untilMs, "month"), -1, "month").startMs;
  }

  /** Customers and subscriptions, through the provider, as provisioning makes them. */
  async open(
    accounts: readonly {
      readonly shape: TenantShape;
      readonly plan: PlanVersion;
      readonly email: string;
    }[],
    onOpened: (done: number) => void = () => {},
  ): Promise<void> {
    const provider = await this.providerAt();
    const plans = new Map<string, Awaited<ReturnType<BillingProvider["ensurePlan"]>>>();
    for (const { shape: { tenantId, name }, plan, email } of accounts) {
      const { stripeCustomerId } = await provider.ensureCustomer({ tenantId, name, email });
      const provisioned = plans.get(plan.planRevision) ?? await provider.ensurePlan(plan);
      plans.set(plan.planRevision, provisioned);
      const { stripeSubscriptionId } = await provider.ensureSubscription({
        tenantId,
        stripeCustomerId,
        plan: provisioned,
        startMs: this.keptFromMs,
        collection: { kind: "invoice", daysUntilDue: 30 },
      });
      this.#accounts.set(tenantId, { stripeCustomerId, stripeSubscriptionId });
      onOpened(this.#accounts.size);
    }
  }

  account(tenantId: string): Account | undefined {
    return this.#accounts.get(tenantId);
  }

  /** Takes an event that was delivered. */
  take(event: MeterEvent): void {
    const key = JSON.stringify([event.stripeCustomerId, event.eventName]);
    let sums = this.#sums.get(key);
    if (sums === undefined) this.#sums.set(key, sums = new Map());
    sums.set(event.timestampMs, (sums.get(event.timestampMs) ?? 0n) + event.units);
    if (event.timestampMs >= this.keptFromMs) this.#delivered.push(event);
  }

  summaries({ stripeCustomerId, eventName, ...range }: SummaryQuery): readonly MeterSummary[] {
    const sums = this.#sums.get(JSON.stringify([stripeCustomerId, eventName])) ?? new Map();
    const step = range.grouping === "hour" ? 60 * MINUTE_MS : range.endMs - range.startMs;
    const found = new Map<number, bigint>();
    for (const [atMs, units] of sums) {
      if (atMs < range.startMs || atMs >= range.endMs) continue;
      const startMs = range.startMs + Math.floor((atMs - range.startMs) / step) * step;
      found.set(startMs, (found.get(startMs) ?? 0n) + units);
    }
    return [...found].map(([startMs, units]) => ({ startMs, endMs: startMs + step, units }));
  }

  /** No more summaries are asked about what came before. */
  forget(): void {
    this.#sums = new Map();
  }

  /**
   * Lets Stripe count what it was sent, and time pass: it drafts the invoices of the last complete
   * period and finalizes them, except those of the tenants named, which stay held as drafts.
   */
  async bill(heldTenantIds: ReadonlySet<string>): Promise<ReadonlyMap<string, string>> {
    await this.#count();
    const invoices = new Map<string, string>();
    const tenants = new Map(
      [...this.#accounts].map(([tenantId, { stripeCustomerId }]) => [stripeCustomerId, tenantId]),
    );
    const provider = await this.providerAt(
      periodAt(this.untilMs, "month").startMs + DRAFT_AFTER_MS,
    );
    for await (const { value } of this.#documents("invoices")) {
      const { id, customer, periodEndMs } = value as Record<string, unknown>;
      const tenantId = tenants.get(String(customer));
      if (tenantId === undefined || periodEndMs !== periodAt(this.untilMs, "month").startMs) {
        continue;
      }
      invoices.set(tenantId, String(id));
      if (heldTenantIds.has(tenantId)) await provider.holdInvoice(String(id));
    }
    await this.providerAt(this.untilMs);
    return invoices;
  }

  /** Writes the whole state where a simulator of that store goes on from. */
  async writeTo(target: Pick<SimulatorStore, "commit">): Promise<number> {
    let changes: SimulatorChange[] = [];
    let characters = 0;
    let written = 0;
    for await (const document of this.#store.load()) {
      const size = JSON.stringify(document.value).length;
      if (changes.length >= CHANGES_MAX || characters + size > CHARACTERS_MAX) {
        await target.commit(changes);
        [changes, characters] = [[], 0];
      }
      changes.push({ kind: "put", ...document });
      characters += size;
      written += 1;
    }
    if (changes.length > 0) await target.commit(changes);
    return written;
  }

  async *#documents(collection: string): AsyncGenerator<SimulatorDocument> {
    for await (const document of this.#store.load()) {
      if (document.collection === collection) yield document;
    }
  }

  /** Usage as the simulator itself adds it when an event arrives. */
  async #count(): Promise<void> {
    const meters = new Map<string, string>();
    for await (const { value } of this.#documents("meters")) {
      const { id, eventName } = value as Record<string, unknown>;
      meters.set(String(eventName), String(id));
    }
    const state = await openState(this.#store, "S");
    for (let at = 0; at < this.#delivered.length; at += USAGE_PER_COMMIT) {
      const tx = state.begin(this.#clock.nowMs());
      for (const event of this.#delivered.slice(at, at + USAGE_PER_COMMIT)) {
        addUsage(tx, {
          customer: event.stripeCustomerId,
          meter: meters.get(event.eventName) ?? "",
          value: String(event.units),
          timestampMs: event.timestampMs,
          count: 1,
        });
      }
      await tx.commit();
    }
  }

  /** A new simulator over the same state: only its own clock tells it the time. */
  async providerAt(atMs = this.#clock.atMs): Promise<BillingProvider> {
    this.#clock.atMs = atMs;
    const simulator = await createStripeSimulator({
      store: this.#store,
      clock: this.#clock,
      secretKey: KEY,
    });
    await simulator.tick();
    return createStripeProvider({
      apiKey: KEY,
      apiBase: "http://127.0.0.1",
      meterMode: "v1",
      clock: this.#clock,
      logger: QUIET,
      simulated: true,
      fetch: (input, init) => simulator.fetch(input, init),
    });
  }
}

/** What sealing, sending and confirming ask a provider during the history. */
export function historyProvider(stripe: StripeSide) {
  return {
    sendMeterEvent: (event: MeterEvent) => {
      stripe.take(event);
      return Promise.resolve({ kind: "delivered" as const });
    },
    summaries: (query: SummaryQuery) => Promise.resolve(stripe.summaries(query)),
  };
}

/** What provisioning and plan changes of the history ask: everything is there already. */
export function knownProvider(
  stripe: StripeSide,
): Pick<
  BillingProvider,
  | "checkPlan"
  | "ensureCustomer"
  | "ensurePlan"
  | "ensureSubscription"
  | "changePlan"
  | "ensureCredit"
> {
  const subscription = (account: Account, planRevision: string) => ({
    ...account,
    status: "active",
    currentPeriodStartMs: 0,
    currentPeriodEndMs: 0,
    planRevision,
    pricesSinceMs: 0,
  });
  const accountOf = (tenantId: string): Account => {
    const account = stripe.account(tenantId);
    if (account === undefined) throw new Error(`No account of ${tenantId}`);
    return account;
  };
  return {
    checkPlan: (plan) => ({ ok: true, value: plan }),
    ensureCustomer: ({ tenantId }) => {
      const { stripeCustomerId } = accountOf(tenantId);
      return Promise.resolve({ stripeCustomerId });
    },
    ensurePlan: ({ planRevision, planId, interval, meters }) =>
      Promise.resolve({
        planRevision,
        productId: planId,
        interval,
        prices: meters.map(({ meter }) => ({ meter, priceId: meterEventName(meter) })),
      }),
    ensureSubscription: ({ tenantId, plan }) =>
      Promise.resolve(subscription(accountOf(tenantId), plan.planRevision)),
    changePlan: ({ stripeSubscriptionId, plan }) =>
      Promise.resolve(
        subscription({ stripeCustomerId: "", stripeSubscriptionId }, plan.planRevision),
      ),
    ensureCredit: ({ key }) => Promise.resolve({ creditGrantId: `credgr_${key}` }),
  };
}
