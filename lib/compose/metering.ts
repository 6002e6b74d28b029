import { meterEventName } from "@/lib/domain/meter.ts";
import { createApprovalQueue } from "@/lib/kv/approval_queue.ts";
import { createCorrectionStore } from "@/lib/kv/correction_store.ts";
import { databaseEpoch } from "@/lib/kv/database_epoch.ts";
import { createIdempotencyStore } from "@/lib/kv/idempotency_store.ts";
import { createOutboxStore } from "@/lib/kv/outbox_store.ts";
import { createQuotaStore } from "@/lib/kv/quota_store.ts";
import { createTrafficStore } from "@/lib/kv/traffic_store.ts";
import { createUsageLog } from "@/lib/kv/usage_log.ts";
import { createUsageStore } from "@/lib/kv/usage_store.ts";
import { createBillingTargets } from "@/lib/metering/billing_targets.ts";
import { MeteringEngine } from "@/lib/metering/engine.ts";
import { Idempotency } from "@/lib/metering/idempotency.ts";
import { PeriodUsage } from "@/lib/metering/period_usage.ts";
import { QuotaGate } from "@/lib/metering/quota.ts";
import { RateLimiter } from "@/lib/metering/rate_limiter.ts";
import { TrafficLog } from "@/lib/metering/traffic_log.ts";
import { createPipelineFeed } from "@/lib/operator/pipeline_feed.ts";
import { createCallMetrics } from "@/lib/platform/call_metrics.ts";
import type { Env } from "@/lib/platform/env.ts";
import { createPipelineGauges } from "@/lib/platform/pipeline_gauges.ts";
import { systemScheduler } from "@/lib/platform/system_scheduler.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import type { RunningProvider } from "./provider.ts";
import type { Basics, Stores } from "./stores.ts";

export async function composeMetering(
  deps: Basics & Stores & { readonly running: RunningProvider; readonly acts: boolean },
) {
  const { env, clock, ids, logger, kv } = deps;
  const log = createUsageLog({ kv, guardsMax: guardsOf(env) });
  const epoch = await databaseEpoch(kv, ids.next("db"));
  const usage = createUsageStore({ kv, log, clock });
  const traffic = createTrafficStore({ kv, instanceId: ids.next("trf") });
  const quotas = createQuotaStore({ kv });
  const outbox = createOutboxStore({ kv, databaseEpoch: epoch });
  const targets = createBillingTargets({ ...deps, eventNameOf: meterEventName });
  const engineAt = (at: Clock) => new MeteringEngine({ ...engineDeps, clock: at });
  const engineDeps = {
    log,
    outbox,
    quotas,
    targets,
    provider: deps.running.provider,
    clock,
    ids,
    scheduler: systemScheduler,
    logger,
    windowMs: env.metering.windowMs,
    durability: env.metering.durability,
    sending: deps.acts,
  };
  const engine = engineAt(clock);
  const { sealer } = engine;
  return {
    engine,
    engineAt,
    outboxActions: { outbox, sealer, targets, clock },
    approvals: createApprovalQueue({ kv }),
    corrections: { corrections: createCorrectionStore({ kv }), sealer, targets, clock, ids },
    rateLimiter: new RateLimiter(clock),
    quotaGate: new QuotaGate({
      store: quotas,
      clock,
      logger,
      instanceId: () => engine.recorder.ring?.instanceId ?? null,
      open: async () => (await engine.recorder.open()).instanceId,
    }),
    idempotency: new Idempotency({ store: createIdempotencyStore({ kv }), clock }),
    callMetrics: createCallMetrics(deps.metrics),
    pipelineGauges: createPipelineGauges(deps.metrics, () => usage.pipeline()),
    pipelineFeed: createPipelineFeed({ clock, scheduler: systemScheduler, ids, usage }),
    usage,
    traffic,
    trafficLog: new TrafficLog({ store: traffic, clock, logger }),
    periodUsage: new PeriodUsage({ usage, clock, maxAgeMs: env.metering.windowMs }),
  };
}

/** A self-hosted KV Connect server takes ten checks a commit; every other Deno KV takes a hundred. */
function guardsOf({ kv: { url } }: Env): number {
  return url !== null && /^https?:/.test(url) ? 6 : 60;
}
