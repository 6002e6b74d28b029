/**
 * The composition root: the only module that sees every adapter. `main.ts` calls it once; tests call
 * it with an environment of their own.
 */
import { type Attempts, createAttempts } from "./auth/attempts.ts";
import { createAuthenticator, parseIssuerCredential } from "./auth/authenticate.ts";
import { createJwksSource } from "./auth/jwks_source.ts";
import { createMagicLinks } from "./auth/magic_link.ts";
import { createMemberOidc } from "./auth/member_oidc.ts";
import { createOidcSignIn, type OidcSignIn } from "./auth/oidc.ts";
import { createOperatorPasskeys } from "./auth/operator_passkeys.ts";
import { createOperatorSignIn } from "./auth/operator_sign_in.ts";
import { createPasskeys } from "./auth/passkeys.ts";
import { createCursors } from "./auth/cursors.ts";
import { createSessions } from "./auth/session.ts";
import { createAlertNotifier } from "./billing/alert_notifier.ts";
import { newSecret } from "./auth/secret.ts";
import type { BillingDeps } from "./billing/deps.ts";
import { WebhookRefusals } from "./billing/webhook_endpoints.ts";
import { CatchUp } from "./chores/catch_up.ts";
import { Chores } from "./chores/chores.ts";
import { composeProvider, type RunningProvider } from "./compose_provider.ts";
import { composeSecrets } from "./compose_secrets.ts";
import { meterEventName } from "./domain/meter.ts";
import { isLoopbackName, passkeyOrigin } from "./http/own_origin.ts";
import { createActClaimStore } from "./kv/act_claim_store.ts";
import { createApprovalQueue } from "./kv/approval_queue.ts";
import { createKvAuditLog } from "./kv/audit_store.ts";
import { createKvBillingStore } from "./kv/billing_store.ts";
import { createKvChoreStore } from "./kv/chore_store.ts";
import { createCorrectionStore } from "./kv/correction_store.ts";
import { databaseEpoch } from "./kv/database_epoch.ts";
import { createKvDryRunStore } from "./kv/dry_run_store.ts";
import { createKvFigureStore } from "./kv/figure_store.ts";
import { createIdempotencyStore } from "./kv/idempotency_store.ts";
import { createKvIssuerStore } from "./kv/issuer_store.ts";
import type { KvLike } from "./kv/kv_like.ts";
import { createKvListLoadStore } from "./kv/list_load_store.ts";
import { createKvMemberStore } from "./kv/member_store.ts";
import { openKv, type OpenKvOptions } from "./kv/open_kv.ts";
import { createOutboxStore } from "./kv/outbox_store.ts";
import { createKvPlanStore } from "./kv/plan_store.ts";
import { createQuotaStore } from "./kv/quota_store.ts";
import { createKvRatingStores } from "./kv/rating_stores.ts";
import {
  createKvAttemptStore,
  createKvOneTimeStore,
  createKvPasskeyStore,
  createKvSessionStore,
} from "./kv/session_store.ts";
import { createSubmissionStore } from "./kv/submission_store.ts";
import { createKvTenantStore } from "./kv/tenant_store.ts";
import { createTrafficStore } from "./kv/traffic_store.ts";
import { createUsageLog } from "./kv/usage_log.ts";
import { createUsageStore } from "./kv/usage_store.ts";
import { createBillingTargets } from "./metering/billing_targets.ts";
import { MeteringEngine } from "./metering/engine.ts";
import { Idempotency } from "./metering/idempotency.ts";
import { PeriodUsage } from "./metering/period_usage.ts";
import { QuotaGate } from "./metering/quota.ts";
import { RateLimiter } from "./metering/rate_limiter.ts";
import { TrafficLog } from "./metering/traffic_log.ts";
import { createCallMetrics } from "./platform/call_metrics.ts";
import type { Env } from "./platform/env.ts";
import { createIds } from "./platform/ids.ts";
import { createJsonLogger, writeToStderr } from "./platform/json_logger.ts";
import { Metrics } from "./platform/metrics.ts";
import { outboundHttp, systemResolver } from "./platform/outbound_http.ts";
import { createOutboxMailer } from "./platform/outbox_mailer.ts";
import { createPipelineFeed } from "./operator/pipeline_feed.ts";
import { createPipelineGauges } from "./platform/pipeline_gauges.ts";
import { ratingUpstream } from "./platform/rating_upstream.ts";
import { sha256Hex } from "./platform/sha256.ts";
import { createSmtpMailer } from "./platform/smtp_mailer.ts";
import { systemClock } from "./platform/system_clock.ts";
import { systemScheduler } from "./platform/system_scheduler.ts";
import { addRatingCacheMetrics } from "./platform/rating_cache_metrics.ts";
import { addUpstreamMetrics } from "./platform/upstream_metrics.ts";
import { OPERATOR_CHAIN } from "./ports/audit.ts";
import { createLiveFeed } from "./portal/live_feed.ts";
import { Submissions } from "./portal/submissions.ts";
import type { Clock } from "./ports/clock.ts";
import type { Logger } from "./ports/logger.ts";
import type { Mailer } from "./ports/mailer.ts";
import { ListCache } from "./rating/list_cache.ts";
import { ListLoads } from "./rating/list_loads.ts";
import { RatingCache } from "./rating/rating_cache.ts";
import {
  UPSTREAM_BYTES_MAX,
  UPSTREAM_TIMEOUT_MS,
  UPSTREAM_TTL_MS,
  UpstreamPrices,
} from "./rating/upstream_prices.ts";
import type { Services } from "./services.ts";
import { ActOnce } from "./tenancy/act_once.ts";
import { createConfigCache } from "./tenancy/config_cache.ts";

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
  /** For tests that stand between the service and its database. */
  readonly kv?: Pick<OpenKvOptions, "wrap">;
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
  const running = await composeProvider({ env, clock, logger, secrets });
  const cursors = createCursors(env.sessionSecret ?? secrets.session);
  const basics = { env, clock, ids, logger, metrics, kv };

  const stores = composeStores(kv, clock);
  const metering = await composeMetering({ ...basics, ...stores, running });
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
    mailer: options.mailer ?? mailerFor(env, clock),
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
    store: createKvBillingStore(kv),
  };
  const notifier = createAlertNotifier({
    ...billing,
    mailer: auth.mailer,
    outbound: outboundHttp,
    resolver: systemResolver,
  });
  const choreRuns = createKvChoreStore(kv);
  const chores = new Chores({
    ...metering,
    outbox: metering.outboxActions.outbox,
    billing,
    notifier,
    store: choreRuns,
  });
  const catchUp = new CatchUp({ chores, store: choreRuns, clock, logger });
  metrics.gauge({
    name: "clawmeter_overdue_chores",
    help:
      "Recurring work that cron has missed twice, as this instance last saw it; alarm from 1 on",
  }, () => catchUp.overdue);
  const services: Services = {
    env,
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
      magicLinks: auth.magicLinks,
      oidc: auth.memberOidc,
      mailer: auth.mailer,
      sessionStore: stores.sessionStore,
      submissions: new Submissions({ store: stores.submissions, clock }),
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
      stopLooking = repeat(CATCH_UP_EVERY_MS, () => catchUp.look().then(() => {}));
    },
    stop: async () => {
      stopTraffic();
      stopLooking();
      await listLoads.stop();
      await stop({ ...metering, running, kv });
    },
  };
}

type Basics = Pick<Services, "env" | "clock" | "ids" | "logger" | "metrics"> & {
  readonly kv: KvLike;
};

function composeStores(kv: KvLike, clock: Clock) {
  return {
    tenants: createKvTenantStore(kv),
    plans: createKvPlanStore(kv),
    issuers: createKvIssuerStore(kv),
    members: createKvMemberStore(kv),
    audit: createKvAuditLog(kv),
    sessionStore: createKvSessionStore(kv),
    oneTime: createKvOneTimeStore(kv, clock.nowMs),
    attempts: createKvAttemptStore(kv),
    passkeys: createKvPasskeyStore(kv),
    submissions: createSubmissionStore(kv),
  };
}

type Stores = ReturnType<typeof composeStores>;

async function composeMetering(
  deps: Basics & Stores & { readonly running: RunningProvider },
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
    sending: env.stripe.pushAllowed,
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

function composeRating({ env, clock, ids, kv, metrics }: Basics) {
  const { instruments, prices, lists, upstreamCache } = createKvRatingStores(kv);
  const listCache = new ListCache(lists, clock);
  const hash = sha256Hex;
  const cache = new RatingCache({ instruments, prices, lists: listCache, clock, hash });
  const upstream = env.ratingUpstreamUrl === null ? null : new UpstreamPrices({
    url: env.ratingUpstreamUrl,
    hosts: new Set([new URL(env.ratingUpstreamUrl).host]),
    name: new URL(env.ratingUpstreamUrl).hostname,
    timeoutMs: UPSTREAM_TIMEOUT_MS,
    bytesMax: UPSTREAM_BYTES_MAX,
    ttlMs: UPSTREAM_TTL_MS,
  }, { upstream: ratingUpstream, cache: upstreamCache, clock, hash });
  addUpstreamMetrics(metrics, upstream);
  addRatingCacheMetrics(metrics, cache);
  return {
    rating: { cache, lists: listCache, upstream, clock, ids, hash },
    market: { instruments, prices, lists: listCache, cache, clock },
    lists: { lists, listCache, instruments, cache, clock },
  };
}

function composeAuth(
  deps: Basics & Stores & { readonly mailer: Mailer; readonly operatorToken: string },
) {
  const { env, clock, ids, logger, mailer, operatorToken } = deps;
  const { epoch } = deps.tenants;
  const callers = createConfigCache({ clock, epoch, load: deps.tenants.callerByKeyHash });
  const issuers = createConfigCache({
    clock,
    epoch,
    load: (credential) => deps.issuers.callerByIssuer(parseIssuerCredential(credential)),
  });
  const keys = createJwksSource({ clock, resolver: systemResolver, outbound: outboundHttp });
  const sessions = createSessions({ store: deps.sessionStore, clock, ids });
  const attempts = createAttempts({ store: deps.attempts, clock });
  const origin = passkeyOrigin({ baseUrl: env.baseUrl, isSandbox: env.mode === "sandbox" });
  const passkeys = createPasskeys({ store: deps.passkeys, oneTime: deps.oneTime, clock, origin });
  const oidc = composeOidc({ ...deps, attempts });
  return {
    callers,
    authenticator: createAuthenticator({
      callers,
      issuers,
      keys,
      clock,
      mode: env.mode === "live" ? "live" : "test",
    }),
    sessions,
    mailer,
    operatorToken,
    operatorSignIn: createOperatorSignIn({
      sessions,
      passkeys,
      oneTime: deps.oneTime,
      attempts,
      audit: deps.audit,
      clock,
      ids,
      operatorToken,
      operatorEmails: env.operatorEmails,
    }),
    operatorPasskeys: createOperatorPasskeys({
      passkeys,
      store: deps.passkeys,
      attempts,
      audit: deps.audit,
      clock,
      origin,
    }),
    operatorOidc: oidc?.("/operator/sign-in/oidc/callback") ?? null,
    memberOidc: oidc === null ? null : createMemberOidc({
      oidc: oidc("/portal/sign-in/oidc/callback"),
      members: deps.members,
      tenants: deps.tenants,
      oneTime: deps.oneTime,
      sessions,
      clock,
      ids,
    }),
    magicLinks: createMagicLinks({
      members: deps.members,
      tenants: deps.tenants,
      oneTime: deps.oneTime,
      sessions,
      attempts,
      mailer,
      clock,
      ids,
      logger,
      linkFor: (secret) => `${env.baseUrl}/portal/sign-in/confirm?code=${secret}`,
    }),
  };
}

/** Signing in through the configured provider, for a callback of ours; `null` without a provider. */
function composeOidc(
  { env, clock, logger, oneTime, attempts }: Basics & Pick<Stores, "oneTime"> & {
    readonly attempts: Attempts;
  },
): ((callbackPath: string) => OidcSignIn) | null {
  const { oidc } = env;
  if (oidc === null) return null;
  const allowHttp = env.mode === "sandbox" && isLoopbackName(new URL(oidc.issuer).hostname);
  return (callbackPath) =>
    createOidcSignIn({
      ...oidc,
      redirectUri: env.baseUrl + callbackPath,
      oneTime,
      attempts,
      clock,
      logger,
      allowHttp,
    });
}

function mailerFor(env: Env, clock: Clock): Mailer {
  if (env.smtpUrl !== null) return createSmtpMailer({ url: env.smtpUrl, from: env.mailFrom });
  return createOutboxMailer({
    clock,
    show: ({ to, subject, text }) => writeToStderr(`\nMail to ${to}: ${subject}\n${text}\n`),
  });
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
