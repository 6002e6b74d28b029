import { periodAt } from "@/lib/domain/period.ts";
import { createTimedKv } from "@/lib/kv/timed_kv.ts";
import { createKvTenantStore } from "@/lib/kv/tenant_store.ts";
import { createUsageLog } from "@/lib/kv/usage_log.ts";
import { Folder } from "@/lib/metering/fold.ts";
import { Recorder } from "@/lib/metering/recorder.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import type { Ids } from "@/lib/ports/ids.ts";
import type { Logger } from "@/lib/ports/logger.ts";
import type { Scheduler } from "@/lib/ports/scheduler.ts";
import { StorageUnavailable } from "@/lib/ports/storage.ts";
import type { CallerConfig } from "@/lib/ports/tenancy.ts";
import type { RecordRequest } from "@/lib/ports/usage.ts";
import { type ConfigCache, createConfigCache } from "@/lib/tenancy/config_cache.ts";
import { FaultyKv } from "../support/faulty_kv.ts";
import { Actor } from "../support/virtual_scheduler.ts";
import type { Call, CallOutcome } from "./call.ts";
import { METER } from "./tenants.ts";
import type { World } from "./world.ts";

const DECISIONS_MAX = 4;
const REPLY_LIFE_MS = 40 * 24 * 3_600_000;

/** One process of the service: the real recorder, folder and sender, over effects that can fail. */
export class SimInstance {
  readonly actor: Actor;
  readonly recorder: Recorder;
  readonly folder: Folder;
  readonly cache: ConfigCache;
  readonly clock: Clock;
  stopping = false;

  constructor(readonly world: World, name: string, skewMs: number) {
    this.actor = new Actor(name);
    const { scheduler, scenario } = world;
    this.clock = { nowMs: () => Math.max(0, scheduler.nowMs + skewMs) };
    const after: Scheduler = {
      after: (delayMs, run) => scheduler.after(delayMs, { owner: this.actor, label: "timer", run }),
    };
    const ids = this.#ids(name);
    const wire = this.#faultyKv();
    const kv = createTimedKv(world.rewrite(wire), { scheduler: after, ids });
    const log = createUsageLog({ kv, ringSize: scenario.ringSize });
    const logger = this.#logger();
    const common = { log, clock: this.clock, ids, scheduler: after, logger };
    this.recorder = new Recorder({ ...common, windowMs: 5_000, durability: "commit" });
    this.folder = new Folder({ ...common, recorder: this.recorder, onRetired: async () => {} });
    const tenants = createKvTenantStore(kv);
    this.cache = createConfigCache({
      clock: this.clock,
      epoch: () => tenants.epoch(),
      load: (hash) => tenants.callerByKeyHash(hash),
    });
  }

  /** Answers one metered call as a route does. */
  async serve(call: Call): Promise<CallOutcome> {
    try {
      for (let decision = 0; decision < DECISIONS_MAX; decision++) {
        const caller = await this.cache.caller(call.keyHash);
        if (caller === null || caller.key.revokedAtMs !== null) return "refused";
        const outcome = await this.recorder.record(this.#request(call, caller));
        if (outcome.kind === "unavailable") return "unavailable";
        if (outcome.kind !== "config_changed") return "counted";
        this.cache.invalidate(caller.epoch);
      }
      return "unavailable";
    } catch (error) {
      return this.#unavailable(error);
    }
  }

  /** Everything that is done from time to time. */
  async tend(): Promise<void> {
    try {
      await this.folder.renewLease();
      await this.folder.foldOwn();
      await this.folder.foldStale();
    } catch (error) {
      this.#unavailable(error);
    }
  }

  /** Ends in good order: answers what it took, folds its log, gives its leases back. */
  async stop(): Promise<void> {
    try {
      await this.recorder.close();
      await this.folder.retireOwn();
    } catch (error) {
      this.#unavailable(error);
    }
    this.actor.kill();
  }

  #request(call: Call, { key, tenant, plan, epoch }: CallerConfig): RecordRequest {
    const { tenantId } = tenant;
    const expiresAtMs = this.clock.nowMs() + REPLY_LIFE_MS;
    return {
      epoch,
      entries: [{
        tenantId,
        meter: METER,
        planRevision: plan.planRevision,
        periodId: periodAt(this.clock.nowMs(), plan.interval).periodId,
        keyId: key.keyId,
        units: call.units,
      }],
      ...call.guard === "reply" && {
        reply: {
          tenantId,
          idempotencyKey: call.callId,
          requestHash: call.callId,
          status: 200,
          headers: [],
          body: "{}",
          expiresAtMs,
        },
      },
      ...call.guard === "event" && {
        event: { tenantId, source: "sim", id: call.callId, expiresAtMs },
      },
    };
  }

  /** A store that gives no answer is part of life; any other error is a defect. */
  #unavailable(error: unknown): "unavailable" {
    if (!(error instanceof StorageUnavailable)) {
      this.world.defects.push(`${this.actor.name} threw ${error}`);
    }
    return "unavailable";
  }

  #faultyKv(): FaultyKv {
    const { scheduler, scenario, kv, kvCounts, random } = this.world;
    const latency = () => ({ thereMs: random.below(12), backMs: random.below(12) });
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
    void scenario;
  }

  #ids(name: string): Ids {
    let count = 0;
    const { random } = this.world;
    return {
      next: (prefix) => `${prefix}_${name}_${++count}`,
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
