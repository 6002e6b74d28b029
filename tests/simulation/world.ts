import type { BillingProvider } from "@/lib/ports/billing_provider.ts";
import type { KvLike } from "@/lib/kv/kv_like.ts";
import { type KvFaultRates, newKvFaultCounts, NO_KV_FAULTS } from "../support/faulty_kv.ts";
import { MemoryKv } from "../support/memory_kv.ts";
import { MemoryStore } from "../support/memory_store.ts";
import { Random } from "../support/random.ts";
import { Actor, ConnectionLost, VirtualScheduler } from "../support/virtual_scheduler.ts";
import type { Ablation } from "./ablations.ts";
import { Auditor } from "./auditor.ts";
import { MIDNIGHT_MS, NO_STRIPE_FAULTS, type Scenario } from "./scenario.ts";
import { SimInstance } from "./sim_instance.ts";
import { createStripeClient, type StripeWireRates } from "./stripe_client.ts";
import type { SimOffice } from "./sim_office.ts";
import { StripeServer } from "./stripe_server.ts";
import { LIMITED_TENANT } from "../support/metered_tenants.ts";

/** Shorter than the time that the sender waits before it believes an absence. */
const SUMMARY_LAG_MS = 45 * 60_000;
const CLIENT_TO_INSTANCE_MS = 6;
const CLOCKS_IN_STEP_MS = 3_000;

/** `true`: done. */
export type Duty = (office: SimOffice) => Promise<boolean>;

/** One simulated deployment: a store, a Stripe, and whatever instances are alive. */
export class World {
  readonly scheduler: VirtualScheduler;
  /** Draws faults and latencies. */
  readonly random: Random;
  readonly store: MemoryStore;
  readonly kv: MemoryKv;
  readonly kvCounts = newKvFaultCounts();
  readonly stripe: StripeServer;
  readonly auditor: Auditor;
  /** The simulation's own hand: clients' network, the operator, the calm at the end. */
  readonly director = new Actor("director");
  /** Errors that no fault explains. */
  readonly defects: string[] = [];
  readonly lines: string[] = [];
  readonly living: SimInstance[] = [];
  /** What operators have begun and repeat until it is done. */
  readonly duties = new Set<Duty>();
  kills = 0;
  calm = false;
  /** Nothing is left to do: background actors stop. */
  ended = false;
  #callsBegun = 0;
  readonly #callWatchers: { readonly count: number; readonly wake: () => void }[] = [];
  #born = 0;

  constructor(
    readonly scenario: Scenario,
    readonly ablation: Ablation | null,
    readonly verbose: boolean,
  ) {
    const { seed, startMs, quota } = scenario;
    this.scheduler = new VirtualScheduler({ seed, startMs, keepRecent: verbose });
    this.random = new Random(seed, 3);
    this.store = new MemoryStore(() => this.scheduler.nowMs);
    this.kv = new MemoryKv(this.store);
    this.stripe = new StripeServer(new Random(seed, 4), SUMMARY_LAG_MS);
    this.auditor = new Auditor(this.store, {
      quotaOf: (tenantId) => tenantId === LIMITED_TENANT ? quota : null,
      trace: (word) => this.scheduler.mix(word),
    });
  }

  get kvRates(): KvFaultRates {
    return this.calm ? NO_KV_FAULTS : this.scenario.kvFaults;
  }

  get stripeRates(): StripeWireRates {
    return this.calm ? NO_STRIPE_FAULTS : this.scenario.stripeFaults;
  }

  /** The end of a month lies in this schedule. */
  get crossesMonth(): boolean {
    return this.scenario.startMs < MIDNIGHT_MS;
  }

  rewrite(kv: KvLike): KvLike {
    return this.ablation?.kv?.(kv, this) ?? kv;
  }

  stripeFor(owner: Actor): BillingProvider {
    const { stripe: server, scheduler, random, scenario: { outages, skewsMs } } = this;
    const rates = () => this.stripeRates;
    // Lanes rest on leases, and leases on clocks: one request at a time is no promise without them.
    const inStep = Math.max(...skewsMs.map(Math.abs)) <= CLOCKS_IN_STEP_MS;
    const onOverlap = (line: string) => {
      if (inStep) this.defects.push(`two requests of ${line} are under way at once`);
    };
    const client = createStripeClient({
      server,
      scheduler,
      owner,
      random,
      rates,
      outages,
      onOverlap,
    });
    return this.ablation?.stripe?.(client) ?? client;
  }

  start(): SimInstance {
    const number = this.#born++;
    const skewMs = this.scenario.skewsMs[number % this.scenario.skewsMs.length] ?? 0;
    const instance = new SimInstance(this, `i${number}`, skewMs);
    this.living.push(instance);
    return instance;
  }

  /** Ends an instance at once, wherever it is. */
  kill(instance: SimInstance): void {
    this.kills++;
    this.forget(instance);
    instance.actor.kill();
  }

  forget(instance: SimInstance): void {
    const at = this.living.indexOf(instance);
    if (at !== -1) this.living.splice(at, 1);
  }

  /** Resolves when clients have begun so many attempts, or will begin no more. */
  callsBegun(count: number): Promise<void> {
    if (this.#callsBegun >= count) return Promise.resolve();
    return new Promise((wake) => {
      this.#callWatchers.push({ count, wake });
    });
  }

  noteCall(begun = 1): void {
    this.#callsBegun += begun;
    for (const { count, wake } of this.#callWatchers) if (count <= this.#callsBegun) wake();
  }

  /** Asks an instance on behalf of the simulation; that it may die meanwhile is fine. */
  async tell<T>(
    instance: SimInstance,
    work: () => Promise<T | "unavailable">,
  ): Promise<T | "unavailable"> {
    try {
      return await this.ask(this.director, instance, work);
    } catch (error) {
      if (!(error instanceof ConnectionLost)) throw error;
      return "unavailable";
    }
  }

  async doDuties(instance: SimInstance): Promise<void> {
    for (const duty of [...this.duties]) {
      if (await this.tell(instance, () => instance.work(duty)) === true) this.duties.delete(duty);
    }
  }

  /** Asks an instance over the network, as `from`. */
  ask<T>(from: Actor, instance: SimInstance, work: () => Promise<T>): Promise<T> {
    const latency = {
      thereMs: this.random.below(CLIENT_TO_INSTANCE_MS),
      backMs: this.random.below(CLIENT_TO_INSTANCE_MS),
    };
    const to = instance.actor;
    return this.scheduler.ask({ from, to, label: `ask ${to.name}`, latency, work });
  }
}
