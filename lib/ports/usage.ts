import type { MeterName, PlanRevision, Units } from "../domain/plan.ts";
import type { TenantId } from "../domain/tenant.ts";

/**
 * The version of all configuration (keys, tenants, plans) that a decision was made under: the
 * versionstamp of the config epoch key, `null` before the first configuration.
 */
export type ConfigEpoch = string | null;

/** Units of one meter, attributed to the tenant, plan version, billing period and API key. */
export interface UsageEntry {
  readonly tenantId: TenantId;
  readonly meter: MeterName;
  readonly planRevision: PlanRevision;
  readonly periodId: string;
  readonly keyId: string;
  readonly units: Units;
}

/** A reply kept for replay, written in the same commit as its units. */
export interface StoredReply {
  readonly tenantId: TenantId;
  readonly idempotencyKey: string;
  /** Hex SHA-256 over method, path and body. */
  readonly requestHash: string;
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
  readonly expiresAtMs: number;
}

export interface RecordRequest {
  readonly entries: readonly UsageEntry[];
  readonly epoch: ConfigEpoch;
  readonly reply?: StoredReply;
}

export type RecordOutcome =
  /** Durable; `windowStartMs` is the usage window it counts in. */
  | { readonly kind: "committed"; readonly windowStartMs: number }
  /** Nothing was counted: the configuration changed, decide again under the new epoch. */
  | { readonly kind: "config_changed" }
  /** Nothing was counted: this idempotency key is already answered. */
  | { readonly kind: "replayed"; readonly reply: StoredReply }
  /** Nothing is known to be counted; answer 503. A retry with the same idempotency key is safe. */
  | { readonly kind: "unavailable"; readonly retryAfterMs: number };

/** Makes units durable. `record` resolves only after the commit. */
export interface UsageRecorder {
  record(request: RecordRequest): Promise<RecordOutcome>;
}

export type Granularity = "window" | "minute" | "hour" | "day";

export interface UsageQuery {
  readonly tenantId: TenantId;
  readonly fromMs: number;
  readonly toMs: number;
  readonly granularity: Granularity;
  readonly meter?: MeterName;
  readonly keyId?: string;
}

export interface UsagePoint {
  readonly startMs: number;
  readonly meter: MeterName;
  readonly units: Units;
}

export interface PeriodTotal {
  readonly meter: MeterName;
  readonly planRevision: PlanRevision;
  readonly units: Units;
}

/** The books of one (tenant, meter, planRevision, period), all in units. */
export interface BookLine {
  readonly tenantId: TenantId;
  readonly meter: MeterName;
  readonly planRevision: PlanRevision;
  readonly periodId: string;
  readonly acknowledged: Units;
  readonly log: Units;
  readonly windows: Units;
  readonly outbox: Units;
  readonly sent: Units;
  readonly rejected: Units;
  readonly writtenOff: Units;
  /** acknowledged − (log + windows + outbox + sent + writtenOff); anything but 0n is a defect. */
  readonly difference: Units;
}

export interface PipelineStatus {
  readonly asOfMs: number;
  readonly unfoldedSegments: number;
  readonly openWindows: number;
  readonly outbox: Readonly<
    Record<OutboxState, { readonly entries: number; readonly units: Units }>
  >;
  /** Age of the oldest unit that Stripe has not accepted, `null` when there is none. */
  readonly oldestUnsentAgeMs: number | null;
  readonly lastFlushAtMs: number | null;
}

export type OutboxState =
  | "ready"
  | "in_flight"
  | "sent"
  | "confirmed"
  | "rejected"
  | "held"
  | "doubtful"
  | "written_off";

/** One frozen meter event on its way to Stripe; payload fields never change after the seal. */
export interface OutboxEntry {
  readonly entryId: string;
  readonly tenantId: TenantId;
  readonly meter: MeterName;
  readonly planRevision: PlanRevision;
  readonly periodId: string;
  /** ≤ 100 characters, unique for ever. */
  readonly identifier: string;
  readonly eventName: string;
  readonly stripeCustomerId: string;
  readonly units: Units;
  /** Start of a minute that no other entry of this customer and meter owns. */
  readonly timestampMs: number;
  readonly sealedAtMs: number;
  readonly firstAttemptAtMs: number | null;
  readonly attempts: number;
  readonly nextAttemptAtMs: number;
  readonly state: OutboxState;
  readonly reason: string | null;
}

/** Read models; never on the metered path. */
export interface UsageReader {
  series(query: UsageQuery): Promise<readonly UsagePoint[]>;
  periodTotals(query: { tenantId: TenantId; periodId: string }): Promise<readonly PeriodTotal[]>;
  books(query?: { tenantId?: TenantId; periodId?: string }): Promise<readonly BookLine[]>;
  pipeline(): Promise<PipelineStatus>;
  outbox(
    query: { state?: OutboxState; tenantId?: TenantId; cursor?: string; limit: number },
  ): Promise<{ entries: readonly OutboxEntry[]; cursor: string | null }>;
}
