import type { TenantId } from "../domain/tenant.ts";
import type { AuditDraft } from "./audit.ts";
import type { NewestQuery } from "./newest_query.ts";
import type { Page, Versioned, WriteOutcome } from "./tenancy.ts";

/** An hour of usage far from what its past leads one to expect. */
export interface UsageAnomaly {
  readonly tenantId: TenantId;
  readonly meter: string;
  readonly hourStartMs: number;
  readonly kind: "spike" | "drop";
  readonly units: number;
  readonly expected: number;
  readonly score: number;
  readonly foundAtMs: number;
}

export interface AlertSettings {
  readonly tenantId: TenantId;
  readonly emails: readonly string[];
  readonly webhookUrl: string | null;
  /** Shared with the receiver to check signatures. */
  readonly webhookSecret: string | null;
}

export interface Alert {
  readonly alertId: string;
  readonly tenantId: TenantId;
  readonly periodId: string;
  /** A meter's quota, or the tenant's budget. */
  readonly subject: { readonly kind: "quota"; readonly meter: string } | {
    readonly kind: "budget";
  };
  /** 50, 75, 90 or 100. */
  readonly percent: number;
  /** Units of the meter, or amount in whole minor units. */
  readonly used: bigint;
  readonly limit: bigint;
  readonly createdAtMs: number;
  readonly delivery: {
    readonly state: "waiting" | "delivered" | "failed";
    readonly attempts: number;
    readonly detail: string | null;
    /** Channels that have it: `webhook`, or an e-mail address. */
    readonly channels: readonly string[];
    /** When it was last tried; `null` before. */
    readonly triedAtMs: number | null;
  };
}

export const ALERTS_KEPT_MS = 400 * 86_400_000;

/** The highest threshold told for a subject in a period; lowered again when usage falls below. */
export interface AlertState {
  readonly tenantId: TenantId;
  readonly periodId: string;
  readonly subject: Alert["subject"];
  readonly firedPercent: number;
}

export interface WatchStore {
  /** False when this hour was reported already. */
  putAnomaly(anomaly: UsageAnomaly): Promise<boolean>;
  /** Newest first. */
  anomalies(query: { tenantId?: TenantId; limit: number }): Promise<readonly UsageAnomaly[]>;
  alertSettings(tenantId: TenantId): Promise<Versioned<AlertSettings> | null>;
  putAlertSettings(
    settings: AlertSettings,
    versionstamp: string | null,
    audit?: AuditDraft,
  ): Promise<WriteOutcome>;
  alertState(
    key: Pick<AlertState, "tenantId" | "periodId" | "subject">,
  ): Promise<Versioned<AlertState> | null>;
  /** Writes the state and, when given, the alert, in one commit. */
  putAlertState(
    state: AlertState,
    versionstamp: string | null,
    alert: Alert | null,
  ): Promise<WriteOutcome>;
  /** Newest first. */
  alerts(tenantId: TenantId, limit: number): Promise<readonly Alert[]>;
  alert(tenantId: TenantId, alertId: string): Promise<Alert | null>;
  /** Of all tenants, newest first. A page may hold fewer than `limit`; its cursor says if it ends. */
  recentAlerts(query: NewestQuery<Alert["delivery"]["state"]>): Promise<Page<Alert>>;
  waitingAlerts(limit: number): Promise<readonly Alert[]>;
  /** `waiting` puts it into the queue, all else takes it out. */
  settleAlert(alert: Alert): Promise<void>;
}
