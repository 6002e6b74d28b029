import type { LineId } from "@/lib/domain/segment.ts";
import type { QuotaLineId } from "@/lib/ports/quota.ts";

/**
 * Every Deno KV key of Clawmeter, built here and nowhere else. Key parts are separate elements,
 * never joined text, so no value can reach into another's place. Tenant-owned keys carry the tenant
 * id, which callers take from the credential only.
 */

// Configuration
export const configEpochKey = (): Deno.KvKey => ["config_epoch"];
export const tenantKey = (tenantId: string): Deno.KvKey => ["tenant", tenantId];
export const tenantsPrefix = (): Deno.KvKey => ["tenant"];
export const apiKeyKey = (
  tenantId: string,
  keyId: string,
): Deno.KvKey => ["api_key", tenantId, keyId];
export const apiKeysPrefix = (tenantId: string): Deno.KvKey => ["api_key", tenantId];
/** Value: `[tenantId, keyId]`; a pointer, so that one copy of the key record exists. */
export const apiKeyByHashKey = (hash: string): Deno.KvKey => ["api_key_by_hash", hash];
export const planKey = (planId: string, revision: number): Deno.KvKey => ["plan", planId, revision];
export const plansPrefix = (planId?: string): Deno.KvKey =>
  planId === undefined ? ["plan"] : ["plan", planId];

// Metering
/** Alive while the instance may append; deleting it fences the instance off. */
export const ringKey = (instanceId: string): Deno.KvKey => ["ring", instanceId];
export const ringCursorKey = (instanceId: string): Deno.KvKey => ["ring_cursor", instanceId];
export const ringCursorsPrefix = (): Deno.KvKey => ["ring_cursor"];
export const ringLeaseKey = (instanceId: string): Deno.KvKey => ["ring_lease", instanceId];
export const segmentKey = (
  instanceId: string,
  slot: number,
): Deno.KvKey => ["log", instanceId, slot];
export const segmentsPrefix = (instanceId: string): Deno.KvKey => ["log", instanceId];
/** Units of rings that no longer exist, as their own segments counted them. */
export const retiredUnitsKey = (): Deno.KvKey => ["retired_units"];
/** Minute first: the sealer reads closed minutes of all tenants in order. */
export const minuteSlotKey = (minuteMs: number, line: LineId): Deno.KvKey => [
  "minute",
  minuteMs,
  line.tenantId,
  line.meter,
  line.planRevision,
  line.periodId,
];
export const minuteSlotsPrefix = (): Deno.KvKey => ["minute"];
export const usageWindowKey = (
  { tenantId, windowStartMs, instanceId, fromSeq, part }: {
    readonly tenantId: string;
    readonly windowStartMs: number;
    readonly instanceId: string;
    readonly fromSeq: number;
    readonly part: number;
  },
): Deno.KvKey => ["window", tenantId, windowStartMs, instanceId, fromSeq, part];
export const usageWindowsPrefix = (tenantId: string): Deno.KvKey => ["window", tenantId];
export const usageSpanKey = (
  span: "hour" | "day",
  { tenantId, startMs, meter, keyId }: {
    readonly tenantId: string;
    readonly startMs: number;
    readonly meter: string;
    readonly keyId: string;
  },
): Deno.KvKey => ["usage", span, tenantId, startMs, meter, keyId];
export const usageSpansPrefix = (span: "hour" | "day", tenantId: string): Deno.KvKey => [
  "usage",
  span,
  tenantId,
];
/** All keys together, by UTC day: what a chart of a year reads must not grow with the keys in use. */
export const usageDayKey = (
  { tenantId, startMs, meter }: {
    readonly tenantId: string;
    readonly startMs: number;
    readonly meter: string;
  },
): Deno.KvKey => ["usage_day", tenantId, startMs, meter];
export const usageDaysPrefix = (tenantId: string): Deno.KvKey => ["usage_day", tenantId];
/** One rising counter of a line of the books; see `LedgerStage`. */
export const ledgerKey = (line: LineId, stage: string): Deno.KvKey => [
  "ledger",
  line.tenantId,
  line.periodId,
  line.meter,
  line.planRevision,
  stage,
];
export const ledgerPrefix = (tenantId?: string, periodId?: string): Deno.KvKey => [
  "ledger",
  ...(tenantId === undefined ? [] : [tenantId]),
  ...(tenantId === undefined || periodId === undefined ? [] : [periodId]),
];
/** Units of lines that can't be billed yet. */
export const parkedKey = (line: LineId): Deno.KvKey => [
  "parked",
  line.tenantId,
  line.periodId,
  line.meter,
  line.planRevision,
];
export const parkedPrefix = (tenantId?: string): Deno.KvKey =>
  tenantId === undefined ? ["parked"] : ["parked", tenantId];
export const parkedLine = ([, tenantId, periodId, meter, planRevision]: Deno.KvKey): LineId => ({
  tenantId: String(tenantId),
  periodId: String(periodId),
  meter: String(meter),
  planRevision: String(planRevision),
});
/** Outbox entries that still need something done. */
export const outboxKey = (line: LineId, entryId: string): Deno.KvKey => [
  "outbox",
  line.tenantId,
  line.periodId,
  line.meter,
  line.planRevision,
  entryId,
];
export const outboxPrefix = (tenantId?: string): Deno.KvKey =>
  tenantId === undefined ? ["outbox"] : ["outbox", tenantId];
/** Outbox entries that are through: sent, confirmed or written off. */
export const outboxDoneKey = (
  { tenantId, meter, timestampMs, entryId }: {
    readonly tenantId: string;
    readonly meter: string;
    readonly timestampMs: number;
    readonly entryId: string;
  },
): Deno.KvKey => ["outbox_done", tenantId, meter, timestampMs, entryId];
export const outboxDonePrefix = (tenantId?: string, meter?: string): Deno.KvKey => [
  "outbox_done",
  ...(tenantId === undefined ? [] : [tenantId]),
  ...(tenantId === undefined || meter === undefined ? [] : [meter]),
];
/** Value: where the entry was sealed to, for finding it by its identifier alone. */
export const outboxIndexKey = (entryId: string): Deno.KvKey => ["outbox_index", entryId];
/** Which entry's units Stripe's summary of this minute shows. */
export const minuteOwnerKey = (
  stripeCustomerId: string,
  eventName: string,
  minuteMs: number,
): Deno.KvKey => ["minute_owner", stripeCustomerId, eventName, minuteMs];
/** Which attempt is under way for a customer and meter; saves work, guards nothing. */
export const laneKey = (
  stripeCustomerId: string,
  eventName: string,
): Deno.KvKey => ["lane", stripeCustomerId, eventName];
/** Units that Stripe should show for an hour, by meter event timestamp; one counter per stage. */
export const deliveredHourKey = (
  stage: string,
  hourMs: number,
  { stripeCustomerId, eventName, tenantId, meter }: {
    readonly stripeCustomerId: string;
    readonly eventName: string;
    readonly tenantId: string;
    readonly meter: string;
  },
): Deno.KvKey => ["delivered", hourMs, stripeCustomerId, eventName, tenantId, meter, stage];
export const deliveredHoursPrefix = (): Deno.KvKey => ["delivered"];
/** Entries and units that ever reached a state of the outbox. */
export const tallyKey = (state: string, what: "entries" | "units"): Deno.KvKey => [
  "tally",
  state,
  what,
];
export const quotaPoolKey = (
  { tenantId, meter, periodId }: QuotaLineId,
): Deno.KvKey => ["quota", tenantId, meter, periodId];
export const quotaLeaseKey = (
  { tenantId, meter, periodId }: QuotaLineId,
  instanceId: string,
): Deno.KvKey => ["quota_lease", instanceId, tenantId, meter, periodId];
export const quotaLeasesPrefix = (
  instanceId: string,
): Deno.KvKey => ["quota_lease", instanceId];
export const quotaUsedKey = (
  { tenantId, meter, periodId }: QuotaLineId,
  instanceId: string,
): Deno.KvKey => ["quota_used", instanceId, tenantId, meter, periodId];
export const replyKey = (
  tenantId: string,
  idempotencyKey: string,
): Deno.KvKey => ["reply", tenantId, idempotencyKey];
export const replyPartKey = (
  tenantId: string,
  idempotencyKey: string,
  part: number,
): Deno.KvKey => ["reply_part", tenantId, idempotencyKey, part];
/** An act of an operator under way; `address` stands for its Idempotency-Key. */
export const actClaimKey = (address: string): Deno.KvKey => ["act_claim", address];
export const correctionKey = (
  tenantId: string,
  correctionId: string,
): Deno.KvKey => ["correction", tenantId, correctionId];
export const correctionsPrefix = (tenantId: string): Deno.KvKey => ["correction", tenantId];
/** Marks a correction as applied. */
export const correctionSealedKey = (
  tenantId: string,
  correctionId: string,
): Deno.KvKey => ["correction_sealed", tenantId, correctionId];
export const usageEventKey = (
  tenantId: string,
  source: string,
  id: string,
): Deno.KvKey => ["usage_event", tenantId, source, id];
export const lastFlushKey = (): Deno.KvKey => ["last_flush"];
/** A random word of this database, part of every identifier; changed after a restore. */
export const databaseEpochKey = (): Deno.KvKey => ["database_epoch"];
/** Stands once an instance with a live key has worked on this database. */
export const liveDatabaseKey = (): Deno.KvKey => ["live_database"];
/** Stands while a restored database is made ready; no instance starts meanwhile. */
export const restoreKey = (): Deno.KvKey => ["restore"];

// Instruments, prices and lists
export const instrumentKey = (
  tenantId: string,
  instrumentId: string,
): Deno.KvKey => ["instrument", tenantId, instrumentId];
export const instrumentsPrefix = (tenantId: string): Deno.KvKey => ["instrument", tenantId];
export const screeningKey = (
  tenantId: string,
  instrumentId: string,
): Deno.KvKey => ["screening", tenantId, instrumentId];
export const quoteKey = (
  tenantId: string,
  instrumentId: string,
): Deno.KvKey => ["quote", tenantId, instrumentId];
export const quoteAtKey = (
  tenantId: string,
  instrumentId: string,
  timestampMs: number,
): Deno.KvKey => ["quote_at", tenantId, instrumentId, timestampMs];
export const historyKey = (
  tenantId: string,
  instrumentId: string,
): Deno.KvKey => ["history", tenantId, instrumentId];
export const historyPartKey = (
  tenantId: string,
  instrumentId: string,
  part: number,
): Deno.KvKey => ["history_part", tenantId, instrumentId, part];
export const screeningListKey = (
  tenantId: string,
  listId: string,
): Deno.KvKey => ["screening_list", tenantId, listId];
export const screeningListsPrefix = (tenantId: string): Deno.KvKey => ["screening_list", tenantId];
export const screeningListPartsPrefix = (
  tenantId: string,
  listId: string,
  generation: string,
): Deno.KvKey => ["screening_list_part", tenantId, listId, generation];
/** The operator's own lists: every tenant is screened against them. */
export const sharedListKey = (listId: string): Deno.KvKey => ["shared_list", listId];
export const sharedListsPrefix = (): Deno.KvKey => ["shared_list"];
export const sharedListPartsPrefix = (
  listId: string,
  generation: string,
): Deno.KvKey => ["shared_list_part", listId, generation];
/** Ids of loads rise with time. */
export const listLoadKey = (loadId: string): Deno.KvKey => ["list_load", loadId];
export const listLoadsPrefix = (): Deno.KvKey => ["list_load"];
export const upstreamAnswerKey = (hash: string): Deno.KvKey => ["upstream_answer", hash];

// Billing
export const dryRunKey = (dryRunId: string): Deno.KvKey => ["dry_run", dryRunId];
export const dryRunsPrefix = (): Deno.KvKey => ["dry_run"];
export const dryRunRowsKey = (dryRunId: string, chunk: number): Deno.KvKey => [
  "dry_run_rows",
  dryRunId,
  chunk,
];
export const noticeKey = (eventId: string): Deno.KvKey => ["notice", eventId];
/** Notices that wait for their turn, in order of arrival. */
export const noticeQueueKey = (receivedAtMs: number, eventId: string): Deno.KvKey => [
  "notice_queue",
  receivedAtMs,
  eventId,
];
export const noticeQueuePrefix = (): Deno.KvKey => ["notice_queue"];
/** Value: the notice's key; all notices in order of arrival. */
export const noticeByTimeKey = (receivedAtMs: number, eventId: string): Deno.KvKey => [
  "notice_by_time",
  receivedAtMs,
  eventId,
];
export const noticesByTimePrefix = (): Deno.KvKey => ["notice_by_time"];
/** When an endpoint last had a webhook that it believed, and the last one that it did not. */
export const webhookArrivalKey = (kind: string): Deno.KvKey => ["webhook_arrival", kind];
export const webhookRefusalKey = (kind: string): Deno.KvKey => ["webhook_refusal", kind];
export const noticesPulledKey = (): Deno.KvKey => ["notices_pulled"];
/** Value: the tenant id; the way from a webhook back to its tenant. */
export const tenantByCustomerKey = (stripeCustomerId: string): Deno.KvKey => [
  "tenant_by_customer",
  stripeCustomerId,
];
export const billingMirrorKey = (tenantId: string): Deno.KvKey => ["billing_mirror", tenantId];
export const planChangeKey = (tenantId: string, atMs: number): Deno.KvKey => [
  "plan_change",
  tenantId,
  atMs,
];
export const planChangesPrefix = (tenantId: string): Deno.KvKey => ["plan_change", tenantId];
/** There only while Stripe has yet to follow a move. */
export const planMoveKey = (tenantId: string): Deno.KvKey => ["plan_move", tenantId];
export const planMovesPrefix = (): Deno.KvKey => ["plan_move"];
export const periodCloseKey = (tenantId: string, periodId: string): Deno.KvKey => [
  "period_close",
  tenantId,
  periodId,
];
/** The same close again while it is not finalized: few are, and they need somebody. */
export const openCloseKey = (tenantId: string, periodId: string): Deno.KvKey => [
  "open_close",
  tenantId,
  periodId,
];
export const openClosesPrefix = (tenantId?: string): Deno.KvKey =>
  tenantId === undefined ? ["open_close"] : ["open_close", tenantId];
export const periodClosesPrefix = (tenantId?: string): Deno.KvKey =>
  tenantId === undefined ? ["period_close"] : ["period_close", tenantId];
export const adjustmentKey = (
  tenantId: string,
  periodId: string,
  adjustmentId: string,
): Deno.KvKey => ["adjustment", tenantId, periodId, adjustmentId];
export const adjustmentsPrefix = (tenantId: string, periodId?: string): Deno.KvKey =>
  periodId === undefined ? ["adjustment", tenantId] : ["adjustment", tenantId, periodId];
/** Value: the adjustment's period; finds it by its id alone, and lets an id be used once. */
export const adjustmentPeriodKey = (tenantId: string, adjustmentId: string): Deno.KvKey => [
  "adjustment_period",
  tenantId,
  adjustmentId,
];
/** What waits for a second person, of all tenants, oldest first. Written with the thing itself. */
export const approvalKey = (
  { createdAtMs, kind, tenantId, id }: {
    readonly createdAtMs: number;
    readonly kind: "adjustment" | "correction" | "credit";
    readonly tenantId: string;
    readonly id: string;
  },
): Deno.KvKey => ["approval", createdAtMs, kind, tenantId, id];
export const approvalsPrefix = (): Deno.KvKey => ["approval"];
/** What a person did without a second one of late. */
export const aloneActsKey = (
  { author, kind, of }: { readonly author: string; readonly kind: string; readonly of: string },
): Deno.KvKey => ["alone_acts", author, kind, of];
/** Apart from the credits themselves: a build that knows of no proposals bills none of them. */
export const creditProposalKey = (tenantId: string, creditId: string): Deno.KvKey => [
  "credit_proposal",
  tenantId,
  creditId,
];
export const creditProposalsPrefix = (tenantId: string): Deno.KvKey => [
  "credit_proposal",
  tenantId,
];
export const creditKey = (tenantId: string, creditId: string): Deno.KvKey => [
  "credit",
  tenantId,
  creditId,
];
export const creditsPrefix = (tenantId: string): Deno.KvKey => ["credit", tenantId];
/** There only while Stripe has yet to be given the credit; begins with it and ends with its mark. */
export const creditToMirrorKey = (tenantId: string, creditId: string): Deno.KvKey => [
  "credit_to_mirror",
  tenantId,
  creditId,
];
export const creditsToMirrorPrefix = (tenantId?: string): Deno.KvKey =>
  tenantId === undefined ? ["credit_to_mirror"] : ["credit_to_mirror", tenantId];
export const reconcileReportKey = (reportId: string): Deno.KvKey => ["reconcile", reportId];
export const reconcileReportsPrefix = (): Deno.KvKey => ["reconcile"];
/** The comparison that was started last. */
export const reconcileRunKey = (): Deno.KvKey => ["reconcile_run"];
/** What one tenant adds to the report of a run that is under way. */
export const reconcilePartKey = (
  runId: string,
  number: number,
  chunk: number,
): Deno.KvKey => ["reconcile_part", runId, number, chunk];
export const reconcilePartsPrefix = (runId: string): Deno.KvKey => ["reconcile_part", runId];
export const reconcileRowsKey = (reportId: string, chunk: number): Deno.KvKey => [
  "reconcile_rows",
  reportId,
  chunk,
];
export const anomalyKey = (tenantId: string, hourStartMs: number, meter: string): Deno.KvKey => [
  "anomaly",
  tenantId,
  hourStartMs,
  meter,
];
export const anomaliesPrefix = (tenantId: string): Deno.KvKey => ["anomaly", tenantId];
/** The same anomaly again, hour first: the newest ones of all tenants. */
export const anomalyByHourKey = (
  hourStartMs: number,
  tenantId: string,
  meter: string,
): Deno.KvKey => ["anomaly_by_hour", hourStartMs, tenantId, meter];
export const anomaliesByHourPrefix = (): Deno.KvKey => ["anomaly_by_hour"];
export const alertSettingsKey = (tenantId: string): Deno.KvKey => ["alert_settings", tenantId];
export const alertStateKey = (
  tenantId: string,
  periodId: string,
  subject: readonly string[],
): Deno.KvKey => ["alert_state", tenantId, periodId, ...subject];
/** Says that a form was sent. */
export const submissionKey = (
  tenantId: string,
  hash: string,
): Deno.KvKey => ["submission", tenantId, hash];
export const alertKey = (tenantId: string, alertId: string): Deno.KvKey => [
  "alert",
  tenantId,
  alertId,
];
export const alertsPrefix = (tenantId: string): Deno.KvKey => ["alert", tenantId];
/** Value: the alert's key; alerts of all tenants in order of time. */
export const alertByTimeKey = (
  createdAtMs: number,
  tenantId: string,
  alertId: string,
): Deno.KvKey => ["alert_by_time", createdAtMs, tenantId, alertId];
export const alertsByTimePrefix = (): Deno.KvKey => ["alert_by_time"];
/** Value: the tenant id; alerts that no channel has taken yet. */
export const alertQueueKey = (tenantId: string, alertId: string): Deno.KvKey => [
  "alert_queue",
  tenantId,
  alertId,
];
export const alertQueuePrefix = (): Deno.KvKey => ["alert_queue"];

// Sign-in, sessions, members, audit
/** Says that a commit happened, to the one who lost its reply; short-lived. */
export const commitMarkKey = (mark: string): Deno.KvKey => ["commit_mark", mark];
export const issuerKey = (
  tenantId: string,
  issuer: string,
): Deno.KvKey => ["issuer", tenantId, issuer];
export const issuersPrefix = (tenantId: string): Deno.KvKey => ["issuer", tenantId];
/** `chain` is a tenant id or the operator's chain. */
export const auditEntryKey = (
  chain: string,
  sequence: number,
): Deno.KvKey => ["audit", chain, sequence];
export const auditPrefix = (chain: string): Deno.KvKey => ["audit", chain];
export const auditHeadKey = (chain: string): Deno.KvKey => ["audit_head", chain];
export const memberKey = (
  tenantId: string,
  memberId: string,
): Deno.KvKey => ["member", tenantId, memberId];
export const membersPrefix = (tenantId: string): Deno.KvKey => ["member", tenantId];
/** Value: member id. One person is at most one member of a tenant. */
export const memberByEmailKey = (
  tenantId: string,
  email: string,
): Deno.KvKey => ["member_by_email", tenantId, email];
/** Value: `[tenantId, memberId]`; which tenants a person may sign in to. */
export const membershipKey = (
  email: string,
  tenantId: string,
): Deno.KvKey => ["membership", email, tenantId];
export const membershipsPrefix = (email: string): Deno.KvKey => ["membership", email];
export const invitationKey = (
  tenantId: string,
  invitationId: string,
): Deno.KvKey => ["invitation", tenantId, invitationId];
export const invitationsPrefix = (tenantId: string): Deno.KvKey => ["invitation", tenantId];
/** Sessions are found by the hash of their cookie, never by the cookie. */
export const sessionKey = (hash: string): Deno.KvKey => ["session", hash];
/** An impersonation whose end is not in the tenant's log yet. */
export const openImpersonationKey = (sessionId: string): Deno.KvKey => [
  "open_impersonation",
  sessionId,
];
export const openImpersonationsPrefix = (): Deno.KvKey => ["open_impersonation"];
/** Value: the session's hash. `owner` is the kind of owner and its ids. */
export const sessionByOwnerKey = (
  owner: readonly string[],
  sessionId: string,
): Deno.KvKey => ["session_by_owner", ...owner, sessionId];
export const sessionsByOwnerPrefix = (
  owner: readonly string[],
): Deno.KvKey => ["session_by_owner", ...owner];
/** One-time secrets (sign-in links, invitations, sign-in states), by hash. */
export const oneTimeKey = (hash: string): Deno.KvKey => ["one_time", hash];
export const passkeyKey = (credentialId: string): Deno.KvKey => ["passkey", credentialId];
export const passkeysPrefix = (): Deno.KvKey => ["passkey"];
/** Failed or requested sign-ins of one subject in one time slot. */
export const attemptsKey = (
  subject: string,
  slot: number,
): Deno.KvKey => ["attempts", subject, slot];

// Traffic (for people to look at; never money)
export const requestChunkKey = (
  tenantId: string,
  lastAtMs: number,
  instanceId: string,
): Deno.KvKey => ["request", tenantId, lastAtMs, instanceId];
export const requestChunksPrefix = (tenantId: string): Deno.KvKey => ["request", tenantId];
export const trafficKey = (tenantId: string, hourStartMs: number, status: number): Deno.KvKey => [
  "traffic",
  tenantId,
  hourStartMs,
  status,
];
export const trafficPrefix = (tenantId: string): Deno.KvKey => ["traffic", tenantId];
/** Calls of all tenants together. */
export const allTrafficKey = (hourStartMs: number, status: number): Deno.KvKey => [
  "all_traffic",
  hourStartMs,
  status,
];
export const allTrafficPrefix = (): Deno.KvKey => ["all_traffic"];
/** Value: calls that ever were of this kind; says what there is to filter by. */
export const callKindKey = (
  { tenantId, route, status }: {
    readonly tenantId: string;
    readonly route: string;
    readonly status: number;
  },
): Deno.KvKey => ["call_kind", tenantId, route, status];
export const callKindsPrefix = (tenantId: string): Deno.KvKey => ["call_kind", tenantId];

/** Counters of calls (`meter` empty) and of units by meter, in one hour or UTC day. */
export const callCountKey = (
  span: "hour" | "day",
  { tenantId, startMs, keyId, route, status, meter }: {
    readonly tenantId: string;
    readonly startMs: number;
    readonly keyId: string;
    readonly route: string;
    readonly status: number;
    readonly meter: string;
  },
): Deno.KvKey => ["calls", span, tenantId, startMs, keyId, route, status, meter];
export const callCountsPrefix = (span: "hour" | "day", tenantId: string): Deno.KvKey => [
  "calls",
  span,
  tenantId,
];
/** Value: when the key was last used. */
export const keyUseKey = (
  tenantId: string,
  keyId: string,
): Deno.KvKey => ["key_use", tenantId, keyId];
export const keyUsesPrefix = (tenantId: string): Deno.KvKey => ["key_use", tenantId];

// The Stripe simulator of the sandbox (made-up data, no tenant's)
export const simulatorDocumentKey = (
  collection: string,
  id: string,
  part: number,
): Deno.KvKey => ["stripe_simulator", collection, id, part];
export const simulatorPrefix = (): Deno.KvKey => ["stripe_simulator"];

// Chores
export const choreRunKey = (name: string, startedAtMs: number): Deno.KvKey => [
  "chore_run",
  name,
  startedAtMs,
];
export const choreRunsPrefix = (name: string): Deno.KvKey => ["chore_run", name];

/** Figures over all tenants that were dear to make, by name. */
export const figuresKey = (name: string): Deno.KvKey => ["figures", name];
