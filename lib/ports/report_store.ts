import type { Units } from "../domain/plan.ts";
import type { TenantId } from "../domain/tenant.ts";
import type { AuditDraft } from "./audit.ts";
import type { Versioned, WriteOutcome } from "./tenancy.ts";

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
