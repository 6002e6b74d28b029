/**
 * The composition root: the only module that sees every adapter. `main.ts` calls it once; tests call
 * it with an environment of their own.
 */
import { createCursors } from "./auth/cursors.ts";
import { newSecret } from "./auth/secret.ts";
import { createAlertNotifier } from "./billing/alert_notifier.ts";
import type { BillingDeps } from "./billing/deps.ts";
import { WebhookRefusals } from "./billing/webhook_endpoints.ts";
import { CatchUp } from "./chores/catch_up.ts";
import { Chores } from "./chores/chores.ts";
import { composeAuth, mailerFor } from "./compose/auth.ts";
import {
  LOOKING_OUTBOUND,
  lookingMailer,
  lookingProvider,
  lookingStore,
  mayAct,
} from "./compose/acting.ts";
import { composeMetering } from "./compose/metering.ts";
import { composeProvider, type RunningProvider } from "./compose/provider.ts";
import { composeRating } from "./compose/rating.ts";
import { composeSecrets } from "./compose/secrets.ts";
import { composeStores } from "./compose/stores.ts";
import { createActClaimStore } from "./kv/act_claim_store.ts";
import { createKvBillingStore } from "./kv/billing_store.ts";
import { createKvChoreStore } from "./kv/chore_store.ts";
import { createKvDryRunStore } from "./kv/dry_run_store.ts";
import { createKvFigureStore } from "./kv/figure_store.ts";
import type { KvLike } from "./kv/kv_like.ts";
import { createKvRollupStore } from "./kv/rollup_store.ts";
import { createKvListLoadStore } from "./kv/list_load_store.ts";
import { openKv, type OpenKvOptions } from "./kv/open_kv.ts";
import { MeteringEngine } from "./metering/engine.ts";
import { TrafficLog } from "./metering/traffic_log.ts";
import { createCloseGauges } from "./platform/close_gauges.ts";
import type { Env } from "./platform/env.ts";
import { createIds } from "./platform/ids.ts";
import { createJsonLogger, writeToStderr } from "./platform/json_logger.ts";
import { Metrics } from "./platform/metrics.ts";
import { outboundHttp, systemResolver } from "./platform/outbound_http.ts";
import { systemClock } from "./platform/system_clock.ts";
import { systemScheduler } from "./platform/system_scheduler.ts";
import { createLiveFeed } from "./portal/live_feed.ts";
import { Submissions } from "./portal/submissions.ts";
import { OPERATOR_CHAIN } from "./ports/audit.ts";
import type { Clock } from "./ports/clock.ts";
import type { Logger } from "./ports/logger.ts";
import type { Mailer } from "./ports/mailer.ts";
import { ListLoads } from "./rating/list_loads.ts";
import type { Services } from "./services.ts";
import { ActOnce } from "./tenancy/act_once.ts";

export interface Runtime {
  readonly services: Services;
  /** Metering at another time, over the same stores: for the sandbox's history. */
  readonly engineAt: (clock: Clock) => MeteringEngine;
  /** Folds every window from now on. */
  start(): void;
  /** Answers what is under way, makes it durable, and lets go of everything; within 5 s. */
  stop(): Promise<void>;
}

export interface ComposeOptions {
  readonly clock?: Clock;
  readonly logger?: Logger;
  readonly mailer?: Mailer;
  /** For tests that stand between the service and its database, or wait for it longer. */
  readonly kv?: Pick<OpenKvOptions, "wrap" | "timeoutMs">;
  /** The sandbox's own, kept from start to start. */
  readonly operatorToken?: string;
}

/** How often an instance looks whether cron does the recurring work. */
const CATCH_UP_EVERY_MS = 30_000;

export async function compose(env: Env, options: ComposeOptions = {}): Promise<Runtime> {
  const clock = options.clock ?? systemClock;
  const logger = options.logger ??
    createJsonLogger({ level: env.logLevel, clock, write: writeToStderr });
  const ids = createIds(clock);
  const metrics = new Metrics();
  const kv = await openKv(env.kv, { scheduler: systemScheduler, ids, ...options.kv });
  const secrets = await composeSecrets(env, ids);
  const acts = await mayAct(env, kv);
  if (!acts) logger.warn("preview_instance", { mode: env.mode, timeline: env.timeline });
  const provided = await composeProvider({
    env,
    clock,
    logger,
    secrets,
    kvTimeoutMs: options.kv?.timeoutMs,
  });
  const running = acts ? provided : { ...provided, provider: lookingProvider(provided.provider) };
  const cursors = createCursors(env.sessionSecret ?? secrets.session);
  const basics = { env, clock, ids, logger, metrics, kv };

  const stores = composeStores(kv, clock);
  const metering = await composeMetering({ ...basics, ...stores, running, acts });
  const rating = composeRating(basics);
  const listLoads = new ListLoads({
    ...rating.lists,
    loads: createKvListLoadStore(kv),
    tenants: stores.tenants,
    audit: stores.audit,
    logger,
  });
  const auth = composeAuth({
    ...basics,
    ...stores,
    mailer: acts ? options.mailer ?? mailerFor(env, clock) : lookingMailer(logger),
    operatorToken: options.operatorToken ?? env.operatorToken ?? newSecret(ids),
  });
  const billing: BillingDeps = {
    clock,
    ids,
    logger,
    tenants: stores.tenants,
    plans: stores.plans,
    usage: metering.usage,
    metering: metering.engine,
    provider: running.provider,
    store: acts ? createKvBillingStore(kv) : lookingStore(createKvBillingStore(kv)),
  };
  const notifier = createAlertNotifier({
    ...billing,
    mailer: auth.mailer,
    outbound: acts ? outboundHttp : LOOKING_OUTBOUND,
    resolver: systemResolver,
  });
  const choreRuns = createKvChoreStore(kv);
  const chores = new Chores({
    ...metering,
    outbox: metering.outboxActions.outbox,
    billing,
    notifier,
    store: choreRuns,
    impersonations: { sessions: auth.sessions, sessionStore: stores.sessionStore, clock },
    rollups: createKvRollupStore(kv),
    listLoads,
    acts,
  });
  const catchUp = new CatchUp({ chores, store: choreRuns, clock, logger });
  metrics.gauge({
    name: "clawmeter_overdue_chores",
    help:
      "Recurring work that cron has missed twice, as this instance last saw it; alarm from 1 on",
  }, () => catchUp.overdue);
  const services: Services = {
    env,
    acts,
    clock,
    ids,
    logger,
    metrics,
    ...stores,
    ...auth,
    cursors,
    resolver: systemResolver,
    ...metering,
    ...rating,
    recorder: metering.engine.recorder,
    actOnce: new ActOnce({
      idempotency: metering.idempotency,
      claims: createActClaimStore({ kv, owner: OPERATOR_CHAIN }),
      clock,
      ids,
      scheduler: systemScheduler,
      logger,
      operatorToken: auth.operatorToken,
    }),
    listLoads,
    webhooks: running.webhooks,
    webhookRefusals: new WebhookRefusals({ store: billing.store, clock }),
    chores,
    choreRuns,
    figures: createKvFigureStore(kv),
    closeGauges: createCloseGauges(metrics, billing),
    simulatorUrl: running.simulatorUrl,
    billing,
    catalog: {
      clock,
      ids,
      plans: stores.plans,
      dryRuns: createKvDryRunStore(kv),
      tenants: stores.tenants,
      usage: metering.usage,
      provider: running.provider,
    },
    portal: {
      ...billing,
      tenants: stores.tenants,
      plans: stores.plans,
      traffic: metering.traffic,
      audit: stores.audit,
      cursors,
      members: stores.members,
      sessions: auth.sessions,
      attempts: auth.attempts,
      magicLinks: auth.magicLinks,
      oidc: auth.memberOidc,
      mailer: auth.mailer,
      sessionStore: stores.sessionStore,
      submissions: new Submissions({
        store: stores.submissions,
        clock,
        scheduler: systemScheduler,
      }),
      notifier,
      scheduler: systemScheduler,
      live: createLiveFeed({
        ...metering,
        clock,
        scheduler: systemScheduler,
        windowMs: env.metering.windowMs,
      }),
      secureCookies: env.secureCookies,
      baseUrl: env.baseUrl,
      mode: running.provider.mode,
    },
  };
  let stopTraffic = () => {};
  let stopLooking = () => {};
  return {
    services,
    engineAt: metering.engineAt,
    start: () => {
      metering.engine.start();
      stopTraffic = repeat(env.metering.windowMs, () => metering.trafficLog.flush());
      if (acts) stopLooking = repeat(CATCH_UP_EVERY_MS, () => catchUp.look().then(() => {}));
    },
    stop: async () => {
      stopTraffic();
      stopLooking();
      await listLoads.stop();
      await stop({ ...metering, running, kv });
    },
  };
}

/** Runs `task` again and again, `everyMs` after its last run ended; the result stops it. */
function repeat(everyMs: number, task: () => Promise<void>): () => void {
  let cancel = systemScheduler.after(everyMs, run);
  let stopped = false;
  function run() {
    task().finally(() => {
      if (!stopped) cancel = systemScheduler.after(everyMs, run);
    });
  }
  return () => {
    stopped = true;
    cancel();
  };
}

async function stop(
  { engine, trafficLog, running, kv }: {
    readonly engine: MeteringEngine;
    readonly trafficLog: TrafficLog;
    readonly running: RunningProvider;
    readonly kv: KvLike;
  },
): Promise<void> {
  await engine.drain();
  await trafficLog.flush();
  await running.close();
  kv.close();
}
