import type { ReconcileModel } from "@/components/operator/reconcile/ReconcilePage.tsx";
import type { ReportModel } from "@/components/operator/reconcile/ReportPage.tsx";
import { csvText } from "@/lib/billing/csv_text.ts";
import { isUnderWay } from "@/lib/billing/reconcile_run.ts";
import type { ReconcileRow, ReconcileRun } from "@/lib/ports/report_store.ts";
import { type Scheduler, sleep } from "@/lib/ports/scheduler.ts";
import type { RunMessage } from "@/islands/LiveProgress.tsx";
import type { Services } from "@/lib/services.ts";
import { filterWord, hrefOf } from "./address.ts";
import { type TenantNaming, wantedTenant } from "./find_tenants.ts";
import { pagerOf } from "./pager.ts";

type ReconcileDeps = Pick<Services, "billing" | "cursors" | "clock">;

export const RECONCILE_PATH = "/operator/reconcile";
const REPORTS_SHOWN = 30;
const ROWS_SHOWN = 50;
const FAILURES_SHOWN = 100;
const PROGRESS_EVERY_MS = 1_000;
/** A stream ends after so long; the browser opens the next one. */
const STREAM_LIFE_MS = 10 * 60_000;

/** Reports, newest first, and the run that is under way or was the last. */
export async function loadReconcile(
  { billing: { store }, cursors, clock }: ReconcileDeps,
  query: URLSearchParams,
): Promise<Omit<ReconcileModel, "error" | "tenantId">> {
  const place = pagerOf(cursors, { owner: "operator", path: RECONCILE_PATH, filters: {}, query });
  const [found, reports] = await Promise.all([
    store.reconcileRun(),
    store.reports(REPORTS_SHOWN, place.from.cursor),
  ]);
  const run = found?.value ?? null;
  const last = reports.length === REPORTS_SHOWN ? reports.at(-1) : undefined;
  return {
    run,
    phase: run === null ? "none" : phaseOf(run, clock.nowMs()),
    reports,
    ...place.links(last?.reportId ?? null),
  };
}

function phaseOf(run: ReconcileRun, nowMs: number): ReconcileModel["phase"] {
  if (run.state !== "running") return run.state;
  return isUnderWay(run, nowMs) ? "running" : "died";
}

/** One report and a page of its rows; `null` when there is none. */
export async function loadReport(
  { billing: { store }, cursors, tenants }: ReconcileDeps & TenantNaming,
  { reportId, query }: { readonly reportId: string; readonly query: URLSearchParams },
): Promise<ReportModel | null> {
  const report = await store.report(reportId);
  if (report === null) return null;
  const path = reportPath(reportId);
  const tenantId = await wantedTenant({ tenants }, query);
  const show = filterWord(query, { name: "show", words: ["all", "differ"], fallback: "all" });
  const filters = { show: show === "all" ? "" : show, tenant: tenantId };
  const place = pagerOf(cursors, { owner: "operator", path, filters, query });
  const { rows, next } = await store.reportPage({
    reportId,
    from: Number(place.from.cursor ?? 0),
    limit: ROWS_SHOWN,
    // Rows that differ come first in a report.
    ...(show === "differ" ? { until: report.differences } : {}),
    ...(tenantId === "" ? {} : { tenantId }),
  });
  const failures = report.failures.slice(0, FAILURES_SHOWN);
  return {
    report,
    show,
    tenantId,
    allHref: hrefOf(path, { tenant: tenantId }),
    differHref: hrefOf(path, { show: "differ", tenant: tenantId }),
    csvHref: `${path}/csv`,
    rows,
    failures,
    names: await tenants.tenantNames([...rows, ...failures].map((one) => one.tenantId)),
    ...place.links(next === null ? null : String(next)),
  };
}

export function reportPath(reportId: string): string {
  return `${RECONCILE_PATH}/${encodeURIComponent(reportId)}`;
}

const COLUMNS = [
  "tenant_id",
  "meter",
  "period",
  "ledger",
  "stripe",
  "invoiced",
  "pending",
  "late",
  "refused",
  "doubtful",
  "unexplained",
];

/** Every row of a report: RFC 4180, UTF-8, units as whole numbers. Column names are stable. */
export function reconcileCsv(rows: readonly ReconcileRow[]): string {
  return csvText([
    COLUMNS,
    ...rows.map((row) => [
      row.tenantId,
      row.meter,
      row.periodId,
      ...[row.ledger, row.stripe].map(String),
      row.invoiced === null ? "" : String(row.invoiced),
      ...[row.pending, row.late, row.refused, row.doubtful, row.unexplained].map(String),
    ]),
  ]);
}

/** How far the run is, until it ends; then the page shows its report. */
export async function* followRun(
  { billing: { store }, clock }: ReconcileDeps,
  scheduler: Scheduler,
): AsyncGenerator<{ readonly data: RunMessage }> {
  const endsAtMs = clock.nowMs() + STREAM_LIFE_MS;
  while (clock.nowMs() < endsAtMs) {
    const run = (await store.reconcileRun())?.value ?? null;
    const running = run !== null && isUnderWay(run, clock.nowMs());
    yield { data: { running, checked: run?.checked ?? 0, total: run?.total ?? 0 } };
    if (!running) return;
    await sleep(scheduler, PROGRESS_EVERY_MS);
  }
}
