import { createTimedKv } from "@/lib/kv/timed_kv.ts";
import { ProviderError } from "@/lib/ports/billing_provider.ts";
import type { Ids } from "@/lib/ports/ids.ts";
import type { Logger } from "@/lib/ports/logger.ts";
import type { Scheduler } from "@/lib/ports/scheduler.ts";
import { StorageUnavailable } from "@/lib/ports/storage.ts";
import type { Call, CallOutcome } from "../support/call.ts";
import { FaultyKv } from "../support/faulty_kv.ts";
import { MeteredService } from "../support/metered_service.ts";
import { Actor } from "../support/virtual_scheduler.ts";
import type { RefusalReport } from "./stripe_server.ts";
import { SimOffice } from "./sim_office.ts";
import type { World } from "./world.ts";

const DATABASE_EPOCH = "sim";

/** One process of the service: the real metering, over effects that can fail. */
export class SimInstance {
  readonly actor: Actor;
  readonly #service: MeteredService;
  readonly #office: SimOffice;

  constructor(readonly world: World, name: string, skewMs: number) {
    this.actor = new Actor(name);
    const scheduler: Scheduler = {
      after: (delayMs, run) =>
        world.scheduler.after(delayMs, { owner: this.actor, label: "timer", run }),
    };
    const ids = this.#ids();
    const parts = {
      kv: createTimedKv(world.rewrite(this.#faultyKv()), { scheduler, ids }),
      provider: world.stripeFor(this.actor),
      clock: { nowMs: () => Math.max(0, world.scheduler.nowMs + skewMs) },
      ids,
      scheduler,
      logger: this.#logger(),
      databaseEpoch: DATABASE_EPOCH,
      ringSize: world.scenario.ringSize,
    };
    this.#service = new MeteredService(parts);
    const aheadMs = world.ablation?.officeAheadMs ?? 0;
    const clock = { nowMs: () => parts.clock.nowMs() + aheadMs };
    this.#office = new SimOffice(this.#service, { ...parts, clock });
  }

  serve(call: Call): Promise<CallOutcome> {
    return this.#guarded(() => this.#service.serve(call));
  }

  /** One window's work. */
  async tick(): Promise<void> {
    await this.#guarded(() => this.#service.engine.tick());
  }

  /** All work that is due. */
  async flush(): Promise<void> {
    await this.#guarded(() => this.#service.flush());
  }

  /** Something that an operator or a chore of billing does. */
  work<T>(act: (office: SimOffice) => Promise<T>): Promise<T | "unavailable"> {
    return this.#guarded(() => act(this.#office));
  }

  /** Stripe says that it will not bill an event that it had accepted. */
  async reject({ identifier, code, refusedAtMs }: RefusalReport): Promise<"taken" | "unavailable"> {
    const meant = { identifier, code, detail: "", refusedBeforeMs: refusedAtMs };
    const refusal = this.world.ablation?.refusal?.(meant) ?? meant;
    const outcome = await this.#guarded(() => this.#service.engine.reject(refusal));
    return outcome === "unavailable" ? outcome : "taken";
  }

  /** Ends in good order: answers what it took, folds its log, gives its leases back. */
  async stop(): Promise<void> {
    await this.#guarded(() => this.#service.engine.drain());
    this.actor.kill();
  }

  /** A store or a Stripe that gives no answer is part of life; any other error is a defect. */
  async #guarded<T>(work: () => Promise<T>): Promise<T | "unavailable"> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof StorageUnavailable || error instanceof ProviderError)) {
        this.world.defects.push(`${this.actor.name} threw ${error}`);
      }
      return "unavailable";
    }
  }

  #faultyKv(): FaultyKv {
    const { scheduler, kv, kvCounts, random, scenario: { kvLatencyMs } } = this.world;
    const latency = () => ({
      thereMs: random.below(kvLatencyMs),
      backMs: random.below(kvLatencyMs),
    });
    return new FaultyKv(kv, {
      random,
      counts: kvCounts,
      rates: () => this.world.kvRates,
      wire: {
        carry: (label, effect) =>
          scheduler.carry(this.actor, { label, latency: latency(), effect }),
        later: (label, effect) =>
          scheduler.after(random.between(2_000, 60_000), {
            owner: null,
            label,
            run: () => void effect().catch(() => {}),
          }),
      },
    });
  }

  #ids(): Ids {
    let count = 0;
    const { random } = this.world;
    return {
      next: (prefix) => `${prefix}_${this.actor.name}_${++count}`,
      bytes: (length) => random.bytes(length),
    };
  }

  #logger(): Logger {
    const note = (level: string) => (event: string, fields?: Record<string, unknown>) => {
      if (this.world.verbose) {
        this.world.lines.push(`${this.actor.name} ${level} ${event} ${Deno.inspect(fields)}`);
      }
    };
    return { debug: note("debug"), info: note("info"), warn: note("warn"), error: note("error") };
  }
}
