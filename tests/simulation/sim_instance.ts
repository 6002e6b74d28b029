import { periodAt } from "@/lib/domain/period.ts";
import { createOutboxStore } from "@/lib/kv/outbox_store.ts";
import { createKvPlanStore } from "@/lib/kv/plan_store.ts";
import { createQuotaStore } from "@/lib/kv/quota_store.ts";
import { createTimedKv } from "@/lib/kv/timed_kv.ts";
import { createKvTenantStore } from "@/lib/kv/tenant_store.ts";
import { createUsageLog } from "@/lib/kv/usage_log.ts";
import { createBillingTargets } from "@/lib/metering/billing_targets.ts";
import { MeteringEngine } from "@/lib/metering/engine.ts";
import { type OutboxActionDeps, retryHeld } from "@/lib/metering/outbox_actions.ts";
import { QuotaGate, type Reservation } from "@/lib/metering/quota.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import type { Ids } from "@/lib/ports/ids.ts";
import type { Logger } from "@/lib/ports/logger.ts";
import type { Scheduler } from "@/lib/ports/scheduler.ts";
import { StorageUnavailable } from "@/lib/ports/storage.ts";
import type { CallerConfig } from "@/lib/ports/tenancy.ts";
import type { RecordOutcome, RecordRequest } from "@/lib/ports/usage.ts";
import { type ConfigCache, createConfigCache } from "@/lib/tenancy/config_cache.ts";
import { FaultyKv } from "../support/faulty_kv.ts";
import { Actor } from "../support/virtual_scheduler.ts";
import type { Call, CallOutcome } from "./call.ts";
import { EVENT_NAME, METER } from "./tenants.ts";
import type { RefusalReport } from "./stripe_server.ts";
import type { World } from "./world.ts";

const DECISIONS_MAX = 4;
const REPLY_LIFE_MS = 40 * 24 * 3_600_000;
const DATABASE_EPOCH = "sim";

/** One process of the service: the real metering, over effects that can fail. */
export class SimInstance {
  readonly actor: Actor;
  readonly engine: MeteringEngine;
  readonly quotaGate: QuotaGate;
  readonly cache: ConfigCache;
  readonly clock: Clock;
  readonly #actions: OutboxActionDeps;

  constructor(readonly world: World, name: string, skewMs: number) {
    this.actor = new Actor(name);
    const { scheduler, scenario } = world;
    this.clock = { nowMs: () => Math.max(0, scheduler.nowMs + skewMs) };
    const after: Scheduler = {
      after: (delayMs, run) => scheduler.after(delayMs, { owner: this.actor, label: "timer", run }),
    };
    const ids = this.#ids(name);
    const kv = createTimedKv(world.rewrite(this.#faultyKv()), { scheduler: after, ids });
    const common = { clock: this.clock, ids, scheduler: after, logger: this.#logger() };
    const [tenants, plans] = [createKvTenantStore(kv), createKvPlanStore(kv)];
    const targets = createBillingTargets({ tenants, plans, eventNameOf: () => EVENT_NAME });
    const outbox = createOutboxStore({ kv, databaseEpoch: DATABASE_EPOCH });
    const quotas = createQuotaStore({ kv });
    this.engine = new MeteringEngine({
      ...common,
      log: createUsageLog({ kv, ringSize: scenario.ringSize }),
      outbox,
      quotas,
      targets,
      provider: world.stripeFor(this.actor),
      windowMs: 5_000,
      durability: "commit",
      sending: true,
    });
    this.quotaGate = new QuotaGate({
      ...common,
      store: quotas,
      instanceId: () => this.engine.recorder.ring?.instanceId ?? null,
      open: async () => (await this.engine.recorder.open()).instanceId,
    });
    this.cache = createConfigCache({
      clock: this.clock,
      epoch: () => tenants.epoch(),
      load: (hash) => tenants.callerByKeyHash(hash),
    });
    this.#actions = { outbox, sealer: this.engine.sealer, targets, clock: this.clock };
  }

  /** Answers one metered call as a route does. */
  async serve(call: Call): Promise<CallOutcome> {
    try {
      for (let decision = 0; decision < DECISIONS_MAX; decision++) {
        const caller = await this.cache.caller(call.keyHash);
        if (caller === null || caller.key.revokedAtMs !== null) return "refused";
        const { periodId } = periodAt(this.clock.nowMs(), caller.plan.interval);
        const reservation = await this.#reserve(call, caller, periodId);
        if (reservation === "refused") return "refused";
        const outcome = await this.engine.recorder.record(
          this.#request(call, caller, { periodId, reservation }),
        );
        settle(reservation, outcome);
        if (outcome.kind === "unavailable") return "unavailable";
        if (outcome.kind !== "config_changed") return "counted";
        this.cache.invalidate(caller.epoch);
      }
      return "unavailable";
    } catch (error) {
      return this.unavailable(error);
    }
  }

  /** One window's work. */
  async tick(): Promise<void> {
    await this.#attempt(() => this.engine.tick());
  }

  /** All work that is due. */
  async flush(): Promise<void> {
    await this.#attempt(async () => {
      await this.quotaGate.returnIdle();
      await this.engine.flushDue();
    });
  }

  /** Stripe says that it will not bill an event that it had accepted. */
  async reject({ identifier, code, refusedAtMs }: RefusalReport): Promise<CallOutcome> {
    try {
      const refusal = { identifier, code, detail: "", refusedBeforeMs: refusedAtMs };
      return await this.engine.reject(refusal) === "rejected" ? "counted" : "refused";
    } catch (error) {
      return this.unavailable(error);
    }
  }

  /** An operator has looked at a held entry and sends it again. */
  async retry(entryId: string): Promise<void> {
    const request = { entryId, author: "operator", reason: "looked at" };
    await this.#attempt(() => retryHeld(request, this.#actions));
  }

  /** Ends in good order: answers what it took, folds its log, gives its leases back. */
  async stop(): Promise<void> {
    await this.#attempt(() => this.engine.drain());
    this.actor.kill();
  }

  async #reserve(
    { units }: Call,
    { tenant: { tenantId }, plan }: CallerConfig,
    periodId: string,
  ): Promise<Reservation | null | "refused"> {
    const quota = plan.meters.find(({ meter }) => meter === METER)?.quota ?? null;
    if (quota === null) return null;
    const demand = { tenantId, meter: METER, periodId, units, quota: quota.units };
    const verdict = await this.quotaGate.reserve(demand);
    return verdict.ok ? verdict.value : "refused";
  }

  #request(
    call: Call,
    { key, tenant, plan, epoch }: CallerConfig,
    { periodId, reservation }: {
      readonly periodId: string;
      readonly reservation: Reservation | null;
    },
  ): RecordRequest {
    const { tenantId } = tenant;
    const expiresAtMs = this.clock.nowMs() + REPLY_LIFE_MS;
    const entry = {
      tenantId,
      meter: METER,
      planRevision: plan.planRevision,
      periodId,
      keyId: key.keyId,
      units: call.units,
      ...reservation === null ? {} : { leasedBy: reservation.leasedBy },
    };
    const reply = {
      tenantId,
      idempotencyKey: call.callId,
      requestHash: call.callId,
      status: 200,
      headers: [],
      body: "{}",
      expiresAtMs,
    };
    return {
      epoch,
      entries: [entry],
      ...call.guard === "reply" ? { reply } : {},
      ...call.guard === "event"
        ? { event: { tenantId, source: "sim", id: call.callId, expiresAtMs } }
        : {},
    };
  }

  async #attempt(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.unavailable(error);
    }
  }

  /** A store that gives no answer is part of life; any other error is a defect. */
  unavailable(error: unknown): "unavailable" {
    if (!(error instanceof StorageUnavailable)) {
      this.world.defects.push(`${this.actor.name} threw ${error}`);
    }
    return "unavailable";
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

/** Units of an unknown outcome stay reserved: they may have been counted. */
function settle(reservation: Reservation | null, { kind }: RecordOutcome): void {
  if (kind === "committed" || kind === "unavailable") reservation?.commit();
  else reservation?.void();
}
