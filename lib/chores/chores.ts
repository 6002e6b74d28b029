import { deliverAlerts, evaluateAlerts } from "@/lib/billing/alerts.ts";
import { applyNotices } from "@/lib/billing/apply_notice.ts";
import { closeDuePeriods } from "@/lib/billing/close_period.ts";
import type { BillingDeps } from "@/lib/billing/deps.ts";
import { followMoves } from "@/lib/billing/follow_move.ts";
import { pullSubscriptions } from "@/lib/billing/pull_subscriptions.ts";
import { retryCredits } from "@/lib/billing/retry_credits.ts";
import { retryOlderCloses } from "@/lib/billing/retry_closes.ts";
import { resumeReconcile } from "@/lib/billing/reconcile_run.ts";
import { reconcile } from "@/lib/billing/reconcile.ts";
import { scanAnomalies } from "@/lib/billing/scan_anomalies.ts";
import { type ImpersonationDeps, noteEndedImpersonations } from "@/lib/auth/impersonations.ts";
import { confirm } from "@/lib/metering/confirm.ts";
import type { MeteringEngine } from "@/lib/metering/engine.ts";
import type { QuotaGate } from "@/lib/metering/quota.ts";
import type { TrafficLog } from "@/lib/metering/traffic_log.ts";
import type { ChoreName, ChoreRun, ChoreStore } from "@/lib/ports/chores.ts";
import { ProviderError } from "@/lib/ports/billing_provider.ts";
import type { Notifier } from "@/lib/ports/notifier.ts";
import type { OutboxStore } from "@/lib/ports/outbox_store.ts";
import type { RollupStore } from "@/lib/ports/rollup_store.ts";
import type { UsageReader } from "@/lib/ports/usage.ts";
import type { ListLoads } from "@/lib/rating/list_loads.ts";
import { pruneRollups } from "./prune_rollups.ts";

export interface ChoreDeps {
  readonly engine: MeteringEngine;
  readonly quotaGate: QuotaGate;
  readonly trafficLog: TrafficLog;
  readonly billing: BillingDeps;
  readonly usage: UsageReader;
  readonly outbox: OutboxStore;
  readonly notifier: Notifier;
  readonly store: ChoreStore;
  readonly impersonations: ImpersonationDeps;
  readonly rollups: RollupStore;
  readonly listLoads: Pick<ListLoads, "resume">;
  /** A preview does no recurring work, and notes none: whoever acts must see that it is due. */
  readonly acts: boolean;
}

type Report = ChoreRun["report"];

/** How far back sent usage is compared hour by hour; what differs for longer needs a person. */
const CONFIRM_BACK_MS = 3 * 86_400_000;
/** For so long one run goes on with a reconciliation that was interrupted; the next has the rest. */
const RESUME_BUDGET_MS = 20_000;

/**
 * All recurring work. Each chore may run anywhere, at any time and twice: cron skips, misses and
 * repeats runs, so none of them relies on being called once. One that fails does not stop the next.
 */
export class Chores {
  #applying: Promise<unknown> | null = null;

  constructor(private readonly deps: ChoreDeps) {}

  run(name: ChoreName): Promise<ChoreRun> {
    switch (name) {
      case "flush":
        return this.everyMinute();
      case "watch":
        return this.everyFiveMinutes();
      case "hourly":
        return this.hourly();
      case "daily":
        return this.daily();
    }
  }

  /** Folds, seals and sends usage; applies webhooks; has Stripe follow moves; delivers alerts. */
  everyMinute(): Promise<ChoreRun> {
    return this.#noted("flush", async () => {
      const { engine, trafficLog, quotaGate } = this.deps;
      const flushed = await engine.flushDue();
      await quotaGate.returnIdle();
      await trafficLog.flush();
      const notices = await this.#applyNotices();
      const moves = await followMoves(this.deps.billing);
      const alerts = await deliverAlerts({ ...this.deps.billing, notifier: this.deps.notifier });
      const reconcileResumed = await resumeReconcile(this.deps.billing, {
        budgetMs: RESUME_BUDGET_MS,
      });
      const impersonationsEnded = await noteEndedImpersonations(this.deps.impersonations);
      // Told as a failure, after everybody else's work is done.
      if (flushed.stuckRings > 0) {
        throw new Error(`Logs of gone instances that can't be taken over: ${flushed.stuckRings}`);
      }
      return {
        ...flushed,
        impersonationsEnded,
        reconcileResumed: Number(reconcileResumed),
        planMovesFollowed: moves.followed,
        planMovesWaiting: moves.waiting,
        noticesApplied: notices.applied,
        noticesFailed: notices.failed,
        alertsDelivered: alerts.delivered,
      };
    });
  }

  /**
   * Tells tenants how near their limits they are; gives Stripe what credits it lacks, since invoices
   * draw from them; lets ended periods be invoiced, or holds them.
   */
  everyFiveMinutes(): Promise<ChoreRun> {
    return this.#noted("watch", async () => {
      const { billing, notifier } = this.deps;
      const alerts = await evaluateAlerts(billing);
      const delivered = await deliverAlerts({ ...billing, notifier });
      const credits = await retryCredits(billing);
      const closed = await closeDuePeriods(billing);
      const older = await retryOlderCloses(billing);
      const listLoadsResumed = await this.deps.listLoads.resume();
      return {
        alerts: alerts.length,
        alertsDelivered: delivered.delivered,
        creditsGiven: credits.given,
        creditsFailed: credits.failed,
        creditsLeft: credits.left,
        periodsFinalized: closed.finalized,
        periodsHeld: closed.held,
        periodsWaiting: closed.waiting,
        olderFinalized: older.finalized,
        olderHeld: older.held,
        olderWaiting: older.waiting,
        olderLeft: older.left,
        listLoadsResumed,
      };
    });
  }

  /** Proves the books, to themselves and against Stripe; looks for usage out of the ordinary. */
  hourly(): Promise<ChoreRun> {
    return this.#noted("hourly", async () => {
      const { billing, usage } = this.deps;
      const evidence = await usage.evidence();
      const lines = await usage.books();
      const broken = lines.filter(({ difference, moving }) => difference !== 0n && !moving);
      if (broken.length > 0 || evidence.difference !== 0n && !evidence.moving) {
        billing.logger.error("books_differ", { lines: broken.slice(0, 20), evidence });
      }
      const { report } = await reconcile(billing);
      const confirmed = await this.#confirmSent();
      const anomalies = await scanAnomalies(billing);
      return {
        bookLines: lines.length,
        bookDifferences: broken.length,
        reconciled: report.rows,
        reconcileDifferences: report.differences,
        ...confirmed,
        anomalies: anomalies.length,
      };
    });
  }

  /** Repairs what lost webhooks would have told; deletes counters that have grown too old. */
  daily(): Promise<ChoreRun> {
    return this.#noted("daily", async () => {
      const { billing, rollups } = this.deps;
      const pulled = await pullSubscriptions(billing);
      const countersPruned = await pruneRollups({ ...billing, rollups });
      return {
        tenants: pulled.tenants,
        noticesRecovered: pulled.noticesRecovered,
        statusChanges: pulled.statusChanges,
        failures: pulled.failures.length,
        countersPruned,
      };
    });
  }

  /** After a webhook was answered; the next run of the minute does it in any case. */
  applyNoticesSoon(): void {
    if (!this.deps.acts) return;
    this.#applyNotices().catch((error) => {
      this.deps.billing.logger.error("notices_failed", { error: String(error) });
    });
  }

  async #confirmSent(): Promise<Report> {
    const { billing: { clock, provider, logger }, outbox } = this.deps;
    const endMs = clock.nowMs();
    const range = { startMs: endMs - CONFIRM_BACK_MS, endMs };
    try {
      const { confirmedEntries, differences } = await confirm(range, { clock, provider, outbox });
      if (differences.length > 0) {
        logger.error("sent_hours_differ", { hours: differences.slice(0, 20) });
      }
      return { entriesConfirmed: confirmedEntries, hourDifferences: differences.length };
    } catch (error) {
      // Usage records have no sums by the hour; reconciliation compares their periods instead.
      if (error instanceof ProviderError && error.code === "not_supported") return {};
      throw error;
    }
  }

  async #applyNotices(): Promise<{ applied: number; failed: number }> {
    await this.#applying;
    const run = applyNotices(this.deps.billing);
    this.#applying = run.catch(() => {});
    return await run;
  }

  async #noted(name: ChoreName, work: () => Promise<Report>): Promise<ChoreRun> {
    const { store, billing } = this.deps;
    const startedAtMs = billing.clock.nowMs();
    if (!this.deps.acts) {
      return { name, startedAtMs, endedAtMs: startedAtMs, ok: true, report: { preview: 1 } };
    }
    let outcome: Pick<ChoreRun, "ok" | "report">;
    try {
      outcome = { ok: true, report: await work() };
    } catch (error) {
      billing.logger.error("chore_failed", { name, error });
      outcome = { ok: false, report: { error: String(error) } };
    }
    const run = { name, startedAtMs, endedAtMs: billing.clock.nowMs(), ...outcome };
    await store.note(run).catch((error) => {
      billing.logger.warn("chore_not_noted", { name, error: String(error) });
    });
    return run;
  }
}
