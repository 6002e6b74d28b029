import type { OutboxEntry, OutboxState } from "../domain/outbox.ts";
import type { MeterName, PlanRevision, Units } from "../domain/plan.ts";
import type { UsageEntry } from "../domain/segment.ts";
import type { TenantId } from "../domain/tenant.ts";
import type { EventMark } from "./usage_log.ts";

export type { UsageEntry } from "../domain/segment.ts";
export type { OutboxEntry, OutboxState } from "../domain/outbox.ts";

/**
 * The version of all configuration (keys, tenants, plans) that a decision was made under: the
 * versionstamp of the config epoch key, `null` before the first configuration.
 */
export type ConfigEpoch = string | null;

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
  /** The version of the expired reply that `reply` replaces, from `IdempotencyStore.find`. */
  readonly replaces?: string | null;
  /** The usage event that the units stand for; it counts once. */
  readonly event?: EventMark;
}

export type RecordOutcome =
  /** Durable; `windowStartMs` is the usage window it counts in. */
  | { readonly kind: "committed"; readonly windowStartMs: number }
  /** Nothing was counted: the configuration changed, decide again under the new epoch. */
  | { readonly kind: "config_changed" }
  /** Nothing was counted: this idempotency key is already answered. */
  | { readonly kind: "replayed"; readonly reply: StoredReply }
  /** Nothing was counted: this usage event is counted already. */
  | { readonly kind: "duplicate_event" }
  /**
   * Nothing is known to be counted; answer 503. A retry with the same idempotency key or event id is
   * safe; without one, the units may prove to be counted after all.
   */
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
  /** One point for each key too. */
  readonly byKey?: boolean;
}

export interface UsagePoint {
  readonly startMs: number;
  readonly meter: MeterName;
  /** Set when asked for by key. */
  readonly keyId?: string;
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
  /** Folded and unfolded units of acknowledged calls and events. */
  readonly acknowledged: Units;
  /** Applied adjustments, signed. */
  readonly adjusted: Units;
  /** Negative units are among the adjustments, so that sums can hide what makes them up. */
  readonly corrected: boolean;
  readonly log: Units;
  readonly windows: Units;
  /** Sealed and not sent, or rejected and not sent again; includes what can't be billed yet. */
  readonly outbox: Units;
  /** Accepted by Stripe; never falls. */
  readonly sent: Units;
  /** Of `sent`: refused later, and back in the outbox or written off. */
  readonly rejected: Units;
  /** Of `sent`: seen in Stripe's own summaries. */
  readonly confirmed: Units;
  readonly writtenOff: Units;
  /**
   * acknowledged + adjusted − (log + windows + outbox + sent − rejected + writtenOff); anything but
   * 0n is a defect, unless `moving`.
   */
  readonly difference: Units;
  /** Units moved during every try to read this line: its figures are not of one moment. */
  readonly moving: boolean;
}

/** Two independent counts of everything ever acknowledged. */
export interface LedgerEvidence {
  /** As the segments counted themselves. */
  readonly segments: Units;
  /** As the folds counted them, over all lines of the books. */
  readonly ledger: Units;
  readonly difference: Units;
  readonly moving: boolean;
}

export interface ParkedTotal {
  readonly lines: number;
  readonly units: Units;
}

export interface PipelineStatus {
  readonly asOfMs: number;
  /** Units of everything ever acknowledged, folded or not, as the segments count themselves. */
  readonly acknowledgedUnits: Units;
  readonly unfoldedSegments: number;
  readonly openWindows: number;
  readonly outbox: Readonly<
    Record<OutboxState, { readonly entries: number; readonly units: Units }>
  >;
  /** Units that have no entry, in one sum per line: nobody decides about them. */
  readonly parked: {
    /** Until the tenant is a customer at Stripe, or the next flush. */
    readonly waiting: ParkedTotal;
    /** Of meters that their plan version does not bill by unit; never sent. */
    readonly unbilled: ParkedTotal;
  };
  /** Age of the oldest unit that Stripe has not accepted, `null` when there is none. */
  readonly oldestUnsentAgeMs: number | null;
  readonly lastFlushAtMs: number | null;
}

/** Read models; never on the metered path. */
export interface UsageReader {
  series(query: UsageQuery): Promise<readonly UsagePoint[]>;
  periodTotals(query: { tenantId: TenantId; periodId: string }): Promise<readonly PeriodTotal[]>;
  /**
   * Units to bill by line: acknowledged and adjusted, less written off, never below zero. Calls of the
   * window under way are not in it; the log is not read for a bill.
   */
  billableTotals(query: { tenantId: TenantId; periodId: string }): Promise<readonly PeriodTotal[]>;
  books(query?: { tenantId?: TenantId; periodId?: string }): Promise<readonly BookLine[]>;
  evidence(): Promise<LedgerEvidence>;
  pipeline(): Promise<PipelineStatus>;
  /**
   * Without a state: what still needs something done. States of one query are all through, or all
   * not. `sinceMs`: of those that are through, only entries of that minute and later; the others are
   * not looked at. A page may be short, or even empty, while it has a cursor.
   */
  outbox(
    query: {
      state?: OutboxState | readonly OutboxState[];
      tenantId?: TenantId;
      sinceMs?: number;
      cursor?: string;
      limit: number;
    },
  ): Promise<{ entries: readonly OutboxEntry[]; cursor: string | null }>;
}
