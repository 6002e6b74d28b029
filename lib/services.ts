import type { Authenticator } from "./auth/authenticate.ts";
import type { Cursors } from "./auth/cursors.ts";
import type { MagicLinks } from "./auth/magic_link.ts";
import type { MemberOidc } from "./auth/member_oidc.ts";
import type { OidcSignIn } from "./auth/oidc.ts";
import type { OperatorPasskeys } from "./auth/operator_passkeys.ts";
import type { OperatorSignIn } from "./auth/operator_sign_in.ts";
import type { Sessions } from "./auth/session.ts";
import type { BillingDeps } from "./billing/deps.ts";
import type { WebhookRefusals } from "./billing/webhook_endpoints.ts";
import type { CatalogDeps } from "./catalog/deps.ts";
import type { CorrectionDeps } from "./metering/corrections.ts";
import type { MeteringEngine } from "./metering/engine.ts";
import type { OutboxActionDeps } from "./metering/outbox_actions.ts";
import type { Chores } from "./chores/chores.ts";
import type { PipelineFeed } from "./operator/pipeline_feed.ts";
import type { PipelineGauges } from "./platform/pipeline_gauges.ts";
import type { ChoreStore } from "./ports/chores.ts";
import type { CallMetrics } from "./platform/call_metrics.ts";
import type { Idempotency } from "./metering/idempotency.ts";
import type { QuotaGate } from "./metering/quota.ts";
import type { RateLimiter } from "./metering/rate_limiter.ts";
import type { PeriodUsage } from "./metering/period_usage.ts";
import type { TrafficLog } from "./metering/traffic_log.ts";
import type { CloseGauges } from "./platform/close_gauges.ts";
import type { Env } from "./platform/env.ts";
import type { Metrics } from "./platform/metrics.ts";
import type { PortalServices } from "./portal/services.ts";
import type { ApprovalQueue } from "./ports/approval_queue.ts";
import type { AuditLog } from "./ports/audit.ts";
import type { Clock } from "./ports/clock.ts";
import type { FigureStore } from "./ports/figures.ts";
import type { Ids } from "./ports/ids.ts";
import type { Logger } from "./ports/logger.ts";
import type { Mailer } from "./ports/mailer.ts";
import type { MemberStore } from "./ports/members.ts";
import type { NameResolver } from "./ports/outbound.ts";
import type { IssuerStore, PlanStore, TenantStore } from "./ports/tenancy.ts";
import type { TrafficStore } from "./ports/traffic.ts";
import type { UsageReader, UsageRecorder } from "./ports/usage.ts";
import type { InstrumentDeps } from "./rating/instruments.ts";
import type { ListLoads } from "./rating/list_loads.ts";
import type { ListDeps } from "./rating/lists.ts";
import type { PriceDeps } from "./rating/prices.ts";
import type { RatingDeps } from "./rating/rate_one.ts";
import type { WebhookVerifier } from "./stripe/webhooks.ts";
import type { ActOnce } from "./tenancy/act_once.ts";
import type { ConfigCache } from "./tenancy/config_cache.ts";

/** Everything that routes may ask for. `lib/compose.ts` makes it; nothing else does. */
export interface Services {
  readonly env: Env;
  /** It acts on Stripe, people and periods; otherwise it is a preview, which only looks. */
  readonly acts: boolean;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly metrics: Metrics;

  readonly tenants: TenantStore;
  readonly plans: PlanStore;
  readonly issuers: IssuerStore;
  readonly members: MemberStore;
  readonly audit: AuditLog;

  /** Page cursors of every list that goes out. */
  readonly cursors: Cursors;
  readonly callers: ConfigCache;
  readonly authenticator: Authenticator;
  /** Judges the hosts of URLs that others wrote. */
  readonly resolver: NameResolver;
  readonly sessions: Sessions;
  readonly magicLinks: MagicLinks;
  /** Bearer token of the operator API. */
  readonly operatorToken: string;
  readonly operatorSignIn: OperatorSignIn;
  readonly operatorPasskeys: OperatorPasskeys;
  /** `null` where no provider is configured. */
  readonly operatorOidc: OidcSignIn | null;
  readonly memberOidc: MemberOidc | null;
  readonly mailer: Mailer;

  readonly engine: MeteringEngine;
  readonly recorder: UsageRecorder;
  /** What a person decides about held and doubtful entries works with. */
  readonly outboxActions: OutboxActionDeps;
  readonly corrections: CorrectionDeps;
  /** Adjustments and corrections that wait for a second person. */
  readonly approvals: ApprovalQueue;
  readonly rateLimiter: RateLimiter;
  readonly quotaGate: QuotaGate;
  readonly idempotency: Idempotency;
  /** The same for acts of operators. */
  readonly actOnce: ActOnce;
  readonly callMetrics: CallMetrics;
  readonly pipelineGauges: PipelineGauges;
  readonly closeGauges: CloseGauges;
  /** The pipeline as the operator's Home follows it. */
  readonly pipelineFeed: PipelineFeed;
  readonly usage: UsageReader;
  readonly periodUsage: PeriodUsage;
  readonly traffic: TrafficStore;
  readonly trafficLog: TrafficLog;

  readonly rating: RatingDeps;
  readonly market: InstrumentDeps & PriceDeps;
  readonly lists: ListDeps;
  readonly listLoads: ListLoads;

  readonly catalog: CatalogDeps;
  readonly billing: BillingDeps;
  readonly webhooks: WebhookVerifier;
  readonly webhookRefusals: WebhookRefusals;
  readonly chores: Chores;
  readonly choreRuns: ChoreStore;
  readonly figures: FigureStore;
  /** Address of the sandbox's Stripe simulator. */
  readonly simulatorUrl: string | null;

  readonly portal: PortalServices["portal"];
}
