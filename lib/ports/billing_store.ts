import type { Adjustment } from "../domain/adjustment.ts";
import type { Correction } from "../domain/correction.ts";
import type { CreditProposal } from "../domain/credit.ts";
import type { PlanRevision, Units } from "../domain/plan.ts";
import type { TenantId, TenantStatus } from "../domain/tenant.ts";
import type { AloneGuard, AloneReader } from "./alone_acts.ts";
import type { AuditDraft } from "./audit.ts";
import type { ProviderNotice } from "./billing_provider.ts";
import type { Page, Versioned, WriteOutcome } from "./tenancy.ts";

export type { Adjustment } from "../domain/adjustment.ts";
export type { CreditProposal } from "../domain/credit.ts";

/** Stripe sends a kind of event to an endpoint of its own. */
export type WebhookKind = "snapshot" | "thin";

/** Longer than Stripe's own 30 days of event retention, so no repeat is ever taken as new. */
export const NOTICES_KEPT_MS = 40 * 86_400_000;

export interface NoticeArrival {
  readonly atMs: number;
  /** `pull`: no webhook had brought it. */
  readonly via: WebhookKind | "pull";
}

/** A webhook's notice, durable before it is acknowledged. */
export interface StoredNotice {
  readonly notice: ProviderNotice;
  readonly via: NoticeArrival["via"];
  readonly receivedAtMs: number;
  readonly state: "waiting" | "applied" | "ignored" | "failed";
  readonly attempts: number;
  /** What came of it, or why it failed. */
  readonly detail: string | null;
  /** When it was last tried; `null` before. */
  readonly settledAtMs: number | null;
}

/** A webhook that was turned away. */
export interface WebhookRefusal {
  readonly atMs: number;
  readonly code: string;
  readonly detail: string;
}

export interface NoticeInbox {
  /** Resolves once durable. `known`: this event id came within `NOTICES_KEPT_MS`. */
  receive(notice: ProviderNotice, arrival: NoticeArrival): Promise<"new" | "known">;
  /** In order of arrival. */
  waiting(limit: number): Promise<readonly StoredNotice[]>;
  /** Keeps the row for deduplication; `waiting` puts it into the queue, all else takes it out. */
  settle(notice: StoredNotice): Promise<void>;
  notice(eventId: string): Promise<StoredNotice | null>;
  /** Newest first, received since. A page may hold fewer than `limit`; its cursor says if it ends. */
  notices(query: NewestQuery<StoredNotice["state"]>): Promise<Page<StoredNotice>>;
  lastArrival(
    kind: WebhookKind,
  ): Promise<{ readonly receivedAtMs: number | null; readonly refused: WebhookRefusal | null }>;
  /** Keeps the last one of each kind. */
  noteRefusal(kind: WebhookKind, refusal: WebhookRefusal): Promise<void>;
  /** Where the last pull of notices ended. */
  pulledUntilMs(): Promise<number | null>;
  setPulledUntilMs(atMs: number): Promise<void>;
}

export interface NewestQuery<State extends string> {
  readonly sinceMs: number;
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly state?: State | undefined;
}

/** What billing last made of a tenant's subscription; tells its own changes from an operator's. */
export interface BillingMirror {
  readonly tenantId: TenantId;
  readonly stripeStatus: string;
  readonly appliedStatus: TenantStatus;
  readonly atMs: number;
}

export interface PlanChangeRow {
  readonly tenantId: TenantId;
  readonly atMs: number;
  /** `null`: the first plan. */
  readonly from: PlanRevision | null;
  readonly to: PlanRevision;
  /** `started` until the provider has it too. */
  readonly state: "started" | "done";
  /** When the provider changed its prices, by its own clock: fees are split there. */
  readonly billedFromMs?: number;
}

/** A move to another plan version that the provider has yet to follow. */
export interface PlanMove {
  readonly tenantId: TenantId;
  readonly from: PlanRevision;
  readonly to: PlanRevision;
  readonly startedAtMs: number;
  readonly attempts: number;
  /** Not tried before this. */
  readonly nextAttemptAtMs: number;
  /** Why the last attempt did not end it; `null` before. */
  readonly detail: string | null;
}

/** What goes into one commit with the tenant that it concerns. */
export interface PlanStep {
  readonly change: PlanChangeRow | null;
  readonly move: PlanMove | null;
}

export interface SubscriptionLedger {
  tenantOf(stripeCustomerId: string): Promise<TenantId | null>;
  linkCustomer(link: { stripeCustomerId: string; tenantId: TenantId }): Promise<void>;
  mirror(tenantId: TenantId): Promise<BillingMirror | null>;
  putMirror(mirror: BillingMirror): Promise<void>;
  /** Oldest first. */
  planChanges(tenantId: TenantId): Promise<readonly PlanChangeRow[]>;
  putPlanChange(row: PlanChangeRow): Promise<void>;
  planMove(tenantId: TenantId): Promise<Versioned<PlanMove> | null>;
  /** By tenant id; few wait at any time. */
  planMoves(query: { limit: number }): Promise<readonly PlanMove[]>;
  /** `versionstamp: null` creates; does nothing when the stored one is another by now. */
  putPlanMove(move: PlanMove, versionstamp: string | null): Promise<WriteOutcome>;
  /** The provider has followed; does nothing when a later move stands there. */
  endPlanMove(tenantId: TenantId, versionstamp: string): Promise<void>;
}

/** Prepaid or promotional money; `draws` are what closed periods took from it. */
export interface Credit {
  readonly creditId: string;
  readonly tenantId: TenantId;
  readonly name: string;
  readonly category: "paid" | "promotional";
  readonly currency: string;
  readonly amountMinor: bigint;
  readonly priority: number;
  readonly expiresAtMs: number | null;
  readonly createdAtMs: number;
  readonly creditGrantId: string | null;
  readonly draws: readonly { readonly periodId: string; readonly amountMinor: bigint }[];
}

/** A granted credit that Stripe has yet to be given. */
export interface CreditToMirror {
  readonly tenantId: TenantId;
  readonly creditId: string;
  readonly attempts: number;
  /** Not tried before this. */
  readonly nextAttemptAtMs: number;
  /** Why the last attempt failed; `null` before. */
  readonly detail: string | null;
}

export type CloseState =
  /** The period is over; Stripe has made no draft yet, or late events may still come. */
  | "waiting"
  /** The draft is held: ledger and Stripe differ, `reasons` say how. */
  | "held"
  | "finalized";

/** How far the close of a tenant's billing period has come. */
export interface PeriodClose {
  readonly tenantId: TenantId;
  readonly periodId: string;
  readonly state: CloseState;
  readonly invoiceId: string | null;
  readonly reasons: readonly { readonly code: string; readonly detail: string }[];
  readonly attempts: number;
  readonly updatedAtMs: number;
  /** Since when an attempt is under way; until it ends, nothing joins the period. */
  readonly closingSinceMs: number | null;
  /**
   * When Stripe was asked to make the invoice final and no answer is known: nothing joins the period
   * until an attempt has seen that it is a draft still.
   */
  readonly finalAskedAtMs?: number | null;
  /** Since when it is held without a break; absent and `null`: it is not, or nobody noted it. */
  readonly heldSinceMs?: number | null;
  /** Attempts in a row that ended as this one did, this one not counted. */
  readonly triesAlike?: number;
}

/** An invoice that is held for longer than this is an alarm: a person should have decided by then. */
export const HOLD_ALARM_MS = 24 * 3_600_000;

export function isHeldTooLong(
  { state, heldSinceMs = null }: Pick<PeriodClose, "state" | "heldSinceMs">,
  nowMs: number,
): boolean {
  return state === "held" && heldSinceMs !== null && nowMs - heldSinceMs >= HOLD_ALARM_MS;
}

/** Nothing may join the period now: a close is under way, or its invoice may be final. */
export function isClosing({ closingSinceMs, finalAskedAtMs = null }: PeriodClose): boolean {
  return closingSinceMs !== null || finalAskedAtMs !== null;
}

export interface MoneyLedger extends AloneReader {
  /** In every state, oldest first. */
  adjustments(tenantId: TenantId, periodId: string): Promise<readonly Adjustment[]>;
  adjustment(tenantId: TenantId, adjustmentId: string): Promise<Versioned<Adjustment> | null>;
  /**
   * `versionstamp: null` creates; an id is used once per tenant. `closeVersion` is that of the
   * period's close: when the close has moved on, nothing is written. `alone` is written with it.
   */
  putAdjustment(
    adjustment: Adjustment,
    versionstamp: string | null,
    options: {
      readonly closeVersion?: string | null;
      readonly audit?: AuditDraft;
      readonly alone?: AloneGuard;
    },
  ): Promise<WriteOutcome>;
  /** Corrections of the period that are neither applied nor refused, oldest first. */
  waitingCorrections(tenantId: TenantId, periodId: string): Promise<readonly Correction[]>;
  credits(tenantId: TenantId): Promise<readonly Versioned<Credit>[]>;
  putCredit(
    credit: Credit,
    versionstamp: string | null,
    audit?: AuditDraft,
    alone?: AloneGuard,
  ): Promise<WriteOutcome>;
  /** By tenant; all of them without a limit. A credit that Stripe has by now is none of them. */
  creditsToMirror(
    query: { readonly tenantId?: TenantId; readonly limit?: number },
  ): Promise<readonly Versioned<CreditToMirror>[]>;
  /** Does nothing when the stored one is another by now, or gone. */
  putCreditToMirror(wait: CreditToMirror, versionstamp: string): Promise<WriteOutcome>;
  /** Nothing is left to be given; does nothing when the stored one is another by now. */
  endCreditToMirror(
    wait: Pick<CreditToMirror, "tenantId" | "creditId">,
    versionstamp: string,
  ): Promise<void>;
  creditProposal(tenantId: TenantId, creditId: string): Promise<Versioned<CreditProposal> | null>;
  /** In every state, oldest first. */
  creditProposals(tenantId: TenantId): Promise<readonly CreditProposal[]>;
  /** `credit`: what becomes of it when it is granted, in the same commit. */
  putCreditProposal(
    proposal: CreditProposal,
    versionstamp: string | null,
    options: { readonly credit?: Credit; readonly audit?: AuditDraft },
  ): Promise<WriteOutcome>;
  periodClose(tenantId: TenantId, periodId: string): Promise<Versioned<PeriodClose> | null>;
  putPeriodClose(
    close: PeriodClose,
    versionstamp: string | null,
    audit?: AuditDraft,
  ): Promise<WriteOutcome>;
  /** From the last tenant id back, each one's newest first. A page may be short, or even empty. */
  periodCloses(
    query: { tenantId?: TenantId; state?: CloseState; cursor?: string; limit: number },
  ): Promise<Page<PeriodClose>>;
}

/** Ledger and Stripe of one (tenant, meter, billing period), all in units. */
export interface ReconcileRow {
  readonly tenantId: TenantId;
  readonly meter: string;
  readonly periodId: string;
  /** Acknowledged to callers and adjusted, less what was written off. */
  readonly ledger: Units;
  /** Stripe's own summary. */
  readonly stripe: Units;
  /** Units that Stripe's invoice preview shows; `null` when it was not asked. */
  readonly invoiced: Units | null;
  /** Not sent yet: in the log, in windows, in the outbox. */
  readonly pending: Units;
  /** Sent a short while ago; summaries lag. */
  readonly late: Units;
  /** Refused by Stripe and held for a person. */
  readonly refused: Units;
  /** Sent without a known outcome. */
  readonly doubtful: Units;
  /** `ledger - stripe` that none of these explain; anything but 0n is a defect. */
  readonly unexplained: Units;
  /** Outbox entries behind late, refused and doubtful units; samples. */
  readonly evidence: readonly {
    readonly identifier: string;
    readonly state: string;
    readonly units: Units;
    readonly reason: string | null;
  }[];
}

export interface ReconcileReport {
  readonly reportId: string;
  readonly startedAtMs: number;
  readonly finishedAtMs: number;
  readonly rows: number;
  /** Rows whose units are not explained, or whose invoice shows other units than the summary. */
  readonly differences: number;
  readonly pending: Units;
  readonly late: Units;
  readonly refused: Units;
  readonly doubtful: Units;
  readonly unexplained: Units;
  /** Tenants that could not be checked, with the reason. */
  readonly failures: readonly { readonly tenantId: TenantId; readonly detail: string }[];
}

/** A comparison that a person started, and how far it is. There is one at a time, on one instance. */
export interface ReconcileRun {
  /** Also the id of its report. */
  readonly runId: string;
  /** `null`: all tenants. */
  readonly tenantId: TenantId | null;
  readonly startedBy: string;
  readonly startedAtMs: number;
  /** The last sign of life. */
  readonly updatedAtMs: number;
  readonly state: "running" | "done" | "failed";
  /** Of these many tenants, so many are through. */
  readonly total: number;
  readonly checked: number;
  /** Why it failed. */
  readonly detail: string | null;
  /** Where its starter came from. */
  readonly startedFrom?: { readonly ip: string | null; readonly requestId: string };
  /** Until then the instance at work has it to itself; absent: none has. */
  readonly leaseEndsAtMs?: number;
  /** The page of tenants that it is on, and the last of its tenants that is through. */
  readonly place?: { readonly cursor: string | null; readonly tenantId: string };
}

/** What one tenant adds to the report of a run. */
export interface ReconcilePart {
  readonly rows: readonly ReconcileRow[];
  /** Why the tenant could not be checked; `null`: it could. */
  readonly failure: ReconcileReport["failures"][number] | null;
}

export interface ReportStore {
  putReport(report: ReconcileReport, rows: readonly ReconcileRow[]): Promise<void>;
  report(reportId: string): Promise<ReconcileReport | null>;
  /** Newest first; those before the report `before`, when it is given. */
  reports(limit: number, before?: string): Promise<readonly ReconcileReport[]>;
  reportRows(
    query: { reportId: string; tenantId?: TenantId },
  ): Promise<readonly ReconcileRow[]>;
  /**
   * Rows `from` on, by their number in the report, but none from `until` on. `next` is where the next
   * page begins; a page for one tenant may be short, or even empty, while there is one.
   */
  reportPage(
    query: {
      reportId: string;
      tenantId?: TenantId;
      from: number;
      until?: number;
      limit: number;
    },
  ): Promise<{ readonly rows: readonly ReconcileRow[]; readonly next: number | null }>;
  reconcileRun(): Promise<Versioned<ReconcileRun> | null>;
  putReconcileRun(
    run: ReconcileRun,
    versionstamp: string | null,
    audit?: AuditDraft,
  ): Promise<WriteOutcome>;
  /** How far the run is now, and what its last tenant adds, in one commit. */
  putReconcileStep(
    run: ReconcileRun,
    versionstamp: string,
    part: ReconcilePart,
  ): Promise<WriteOutcome>;
  /** What the tenants that are through add, in the order in which they were. */
  reconcileParts(runId: string): Promise<readonly ReconcilePart[]>;
}

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

export interface BillingStore
  extends NoticeInbox, SubscriptionLedger, MoneyLedger, ReportStore, WatchStore {}
