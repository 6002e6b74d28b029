import { periodAt } from "@/lib/domain/period.ts";
import type { KvLike } from "@/lib/kv/kv_like.ts";
import { createOutboxStore } from "@/lib/kv/outbox_store.ts";
import { createKvPlanStore } from "@/lib/kv/plan_store.ts";
import { createQuotaStore } from "@/lib/kv/quota_store.ts";
import { createKvTenantStore } from "@/lib/kv/tenant_store.ts";
import { createUsageLog } from "@/lib/kv/usage_log.ts";
import { createBillingTargets } from "@/lib/metering/billing_targets.ts";
import { MeteringEngine } from "@/lib/metering/engine.ts";
import { type OutboxActionDeps, retryHeld } from "@/lib/metering/outbox_actions.ts";
import { QuotaGate, type Reservation } from "@/lib/metering/quota.ts";
import type { BillingProvider } from "@/lib/ports/billing_provider.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import type { Ids } from "@/lib/ports/ids.ts";
import type { Logger } from "@/lib/ports/logger.ts";
import type { Scheduler } from "@/lib/ports/scheduler.ts";
import type { CallerConfig } from "@/lib/ports/tenancy.ts";
import type { RecordOutcome, RecordRequest } from "@/lib/ports/usage.ts";
import { type ConfigCache, createConfigCache } from "@/lib/tenancy/config_cache.ts";
import type { Call, CallOutcome } from "./call.ts";
import { EVENT_NAME, METER } from "./metered_tenants.ts";

const DECISIONS_MAX = 4;
const WINDOW_MS = 5_000;
const REPLY_LIFE_MS = 40 * 24 * 3_600_000;

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
  readonly #cache: ConfigCache;
  readonly #actions: OutboxActionDeps;
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
    this.#actions = { outbox, sealer: this.engine.sealer, targets, clock };
    this.#clock = clock;
  }

  /** Answers one metered call as a route does. */
  async serve(call: Call): Promise<CallOutcome> {
    for (let decision = 0; decision < DECISIONS_MAX; decision++) {
      const caller = await this.#cache.caller(call.keyHash);
      if (caller === null || caller.key.revokedAtMs !== null) return "refused";
      const { periodId } = periodAt(this.#clock.nowMs(), caller.plan.interval);
      const reservation = await this.#reserve(call, caller, periodId);
      if (reservation === "refused") return "refused";
      const outcome = await this.engine.recorder.record(
        this.#request(call, caller, { periodId, reservation }),
      );
      settle(reservation, outcome);
      if (outcome.kind === "unavailable") return "unavailable";
      if (outcome.kind !== "config_changed") return "counted";
      this.#cache.invalidate(caller.epoch);
    }
    return "unavailable";
  }

  /** All work that is due. */
  async flush(): Promise<void> {
    await this.quotaGate.returnIdle();
    await this.engine.flushDue();
  }

  /** An operator has looked at a held entry and sends it again. */
  async retry(entryId: string): Promise<void> {
    await retryHeld({ entryId, author: "operator", reason: "looked at" }, this.#actions);
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
    const { callId, guard, units } = call;
    const expiresAtMs = this.#clock.nowMs() + REPLY_LIFE_MS;
    const entry = {
      tenantId,
      meter: METER,
      planRevision: plan.planRevision,
      periodId,
      keyId: key.keyId,
      units,
      ...reservation === null ? {} : { leasedBy: reservation.leasedBy },
    };
    const reply = { status: 200, headers: [], body: "{}", requestHash: callId, expiresAtMs };
    return {
      epoch,
      entries: [entry],
      ...guard === "reply" ? { reply: { tenantId, idempotencyKey: callId, ...reply } } : {},
      ...guard === "event" ? { event: { tenantId, source: "sim", id: callId, expiresAtMs } } : {},
    };
  }
}

/** Units of an unknown outcome stay reserved: they may have been counted. */
function settle(reservation: Reservation | null, { kind }: RecordOutcome): void {
  if (kind === "committed" || kind === "unavailable") reservation?.commit();
  else reservation?.void();
}
