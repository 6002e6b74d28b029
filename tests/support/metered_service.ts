import { decideStatus } from "@/lib/domain/decide.ts";
import { invariant } from "@/lib/domain/invariant.ts";
import { periodAt } from "@/lib/domain/period.ts";
import { createIdempotencyStore } from "@/lib/kv/idempotency_store.ts";
import type { KvLike } from "@/lib/kv/kv_like.ts";
import { createOutboxStore } from "@/lib/kv/outbox_store.ts";
import { createKvPlanStore } from "@/lib/kv/plan_store.ts";
import { createQuotaStore } from "@/lib/kv/quota_store.ts";
import { createKvTenantStore } from "@/lib/kv/tenant_store.ts";
import { createUsageLog } from "@/lib/kv/usage_log.ts";
import { createBillingTargets } from "@/lib/metering/billing_targets.ts";
import { MeteringEngine } from "@/lib/metering/engine.ts";
import { Idempotency } from "@/lib/metering/idempotency.ts";
import { ingestEvents } from "@/lib/metering/ingest_events.ts";
import { type OutboxActionDeps, retryHeld } from "@/lib/metering/outbox_actions.ts";
import { QuotaGate, type Reservation } from "@/lib/metering/quota.ts";
import type { BillingProvider } from "@/lib/ports/billing_provider.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import type { Ids } from "@/lib/ports/ids.ts";
import type { Logger } from "@/lib/ports/logger.ts";
import type { Scheduler } from "@/lib/ports/scheduler.ts";
import type { CallerConfig } from "@/lib/ports/tenancy.ts";
import type { RecordOutcome, RecordRequest, StoredReply } from "@/lib/ports/usage.ts";
import { type ConfigCache, createConfigCache } from "@/lib/tenancy/config_cache.ts";
import type { Call, CallOutcome } from "./call.ts";
import { EVENT_NAME, METER } from "./metered_tenants.ts";

const DECISIONS_MAX = 4;
const WINDOW_MS = 5_000;
/** Of every usage event in the simulation and the fault runs. */
export const EVENT_SOURCE = "sim";
const EVENT_OUTCOMES = {
  counted: "counted",
  duplicate: "counted",
  refused: "refused",
  config_changed: "config_changed",
  unavailable: "unavailable",
} as const;

export interface MeteredServiceParts {
  readonly kv: KvLike;
  readonly provider: Pick<BillingProvider, "sendMeterEvent" | "summaries">;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  readonly databaseEpoch: string;
  readonly ringSize: number;
}

/**
 * One instance of the service without HTTP and rating: the real metering, and around it what a route
 * does with a call. Its methods throw `StorageUnavailable`.
 */
export class MeteredService {
  readonly engine: MeteringEngine;
  readonly quotaGate: QuotaGate;
  readonly actions: OutboxActionDeps;
  readonly #cache: ConfigCache;
  readonly #idempotency: Idempotency;
  readonly #clock: Clock;

  constructor(parts: MeteredServiceParts) {
    const { kv, clock, databaseEpoch, ringSize } = parts;
    const [tenants, plans] = [createKvTenantStore(kv), createKvPlanStore(kv)];
    const targets = createBillingTargets({ tenants, plans, eventNameOf: () => EVENT_NAME });
    const outbox = createOutboxStore({ kv, databaseEpoch });
    const quotas = createQuotaStore({ kv });
    this.engine = new MeteringEngine({
      ...parts,
      log: createUsageLog({ kv, ringSize }),
      outbox,
      quotas,
      targets,
      windowMs: WINDOW_MS,
      durability: "commit",
      sending: true,
    });
    this.quotaGate = new QuotaGate({
      ...parts,
      store: quotas,
      instanceId: () => this.engine.recorder.ring?.instanceId ?? null,
      open: async () => (await this.engine.recorder.open()).instanceId,
    });
    this.#cache = createConfigCache({
      clock,
      epoch: () => tenants.epoch(),
      load: (hash) => tenants.callerByKeyHash(hash),
    });
    this.actions = { outbox, sealer: this.engine.sealer, targets, clock };
    this.#idempotency = new Idempotency({ store: createIdempotencyStore({ kv }), clock });
    this.#clock = clock;
  }

  /** Answers one metered call as a route does. */
  serve(call: Call): Promise<CallOutcome> {
    switch (call.guard) {
      case "event":
        return this.#decide(call, (caller) => this.#ingest(call, caller));
      case "reply":
        return this.#serveOnce(call);
      case null:
        return this.#decide(call, (caller) => this.#run(call, caller));
    }
  }

  /** All work that is due. */
  async flush(): Promise<void> {
    await this.quotaGate.returnIdle();
    const { stuckRings } = await this.engine.flushDue();
    invariant(stuckRings === 0, "The logs of all gone instances can be taken over");
  }

  /** An operator has looked at a held entry and sends it again. */
  async retry(entryId: string): Promise<void> {
    await retryHeld({ entryId, author: "operator", reason: "looked at" }, this.actions);
  }

  /** Decides about the caller, and again whenever the configuration has moved meanwhile. */
  async #decide(
    call: Call,
    run: (caller: CallerConfig) => Promise<CallOutcome | "config_changed">,
  ): Promise<CallOutcome> {
    for (let decision = 0; decision < DECISIONS_MAX; decision++) {
      const caller = await this.#cache.caller(call.keyHash);
      if (caller === null || caller.key.revokedAtMs !== null) return "refused";
      if (!decideStatus(caller.tenant, this.#clock.nowMs()).ok) return "refused";
      const outcome = await run(caller);
      if (outcome !== "config_changed") return outcome;
      this.#cache.invalidate(caller.epoch);
    }
    return "unavailable";
  }

  /** Once per idempotency key, whoever else is at it. */
  async #serveOnce(call: Call): Promise<CallOutcome> {
    const { tenantId, callId } = call;
    const request = { tenantId, idempotencyKey: callId, requestHash: callId };
    const begun = await this.#idempotency.begin(request);
    if (!begun.ok) return "refused";
    if (begun.value.kind === "replay") return "counted";
    const { expiresAtMs, replaces, finish } = begun.value;
    const reply = { ...request, status: 200, headers: [], body: "{}", expiresAtMs };
    let kept: StoredReply | null = null;
    try {
      const outcome = await this.#decide(
        call,
        (caller) => this.#run(call, caller, { reply, replaces }),
      );
      if (outcome === "counted") kept = reply;
      return outcome;
    } finally {
      finish(kept);
    }
  }

  async #ingest(
    { callId, units, atMs }: Call,
    caller: CallerConfig,
  ): Promise<CallOutcome | "config_changed"> {
    const event = {
      specversion: "1.0",
      id: callId,
      source: EVENT_SOURCE,
      type: "usage",
      ...atMs === undefined ? {} : { time: new Date(atMs).toISOString() },
      data: { meter: METER, units: Number(units) },
    };
    const { recorder } = this.engine;
    const [result] = await ingestEvents(
      { caller, events: [event] },
      { recorder, clock: this.#clock },
    );
    return result === undefined ? "refused" : EVENT_OUTCOMES[result.status];
  }

  async #run(
    call: Call,
    { key, tenant, plan, epoch }: CallerConfig,
    kept: Pick<RecordRequest, "reply" | "replaces"> = {},
  ): Promise<CallOutcome | "config_changed"> {
    const { periodId } = periodAt(this.#clock.nowMs(), plan.interval);
    const line = { tenantId: tenant.tenantId, meter: METER, periodId };
    const { units } = call;
    const quota = plan.meters.find(({ meter }) => meter === METER)?.quota ?? null;
    let reservation: Reservation | null = null;
    if (quota !== null) {
      const verdict = await this.quotaGate.reserve({ ...line, units, quota: quota.units });
      if (!verdict.ok) return "refused";
      reservation = verdict.value;
    }
    const leased = reservation === null ? {} : { leasedBy: reservation.leasedBy };
    const { planRevision } = plan;
    const outcome = await this.engine.recorder.record({
      epoch,
      entries: [{ ...line, planRevision, keyId: key.keyId, units, ...leased }],
      ...kept,
    });
    settle(reservation, outcome);
    if (outcome.kind === "unavailable" || outcome.kind === "config_changed") return outcome.kind;
    return "counted";
  }
}

/** Units of an unknown outcome stay reserved: they may have been counted. */
function settle(reservation: Reservation | null, { kind }: RecordOutcome): void {
  if (kind === "committed" || kind === "unavailable") reservation?.commit();
  else reservation?.void();
}
