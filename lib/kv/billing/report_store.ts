import type {
  ReconcilePart,
  ReconcileReport,
  ReconcileRow,
  ReconcileRun,
  ReportStore,
} from "@/lib/ports/report_store.ts";
import { chunksOf } from "../chunks.ts";
import { guardedCommit } from "../guarded_commit.ts";
import {
  reconcilePartKey,
  reconcilePartsPrefix,
  reconcileReportKey,
  reconcileReportsPrefix,
  reconcileRowsKey,
  reconcileRunKey,
} from "../keys.ts";
import type { KvLike } from "../kv_like.ts";
import { versioned } from "../versioned.ts";
import { mustCommit } from "./commit.ts";

const RETENTION_MS = 400 * 86_400_000;
/** Longer than a run can take, with all its interruptions. */
const PARTS_KEPT_MS = 7 * 86_400_000;
const MAX_CHUNKS = 100_000;
/** A row with all its evidence is below 5 KiB. */
const ROWS_PER_CHUNK = 10;
/** Chunks that a page for one tenant looks through before it returns what it has. */
const CHUNKS_READ_MAX = 300;

export function createReportStore(kv: KvLike): ReportStore {
  return {
    async putReport(report, rows) {
      const expiry = { expireIn: RETENTION_MS };
      for (const [chunk, part] of chunksOf(rows, ROWS_PER_CHUNK).entries()) {
        const key = reconcileRowsKey(report.reportId, chunk);
        await mustCommit(kv.atomic().set(key, part, expiry), "store report rows");
      }
      // The head comes last: a report that can be found is complete.
      const key = reconcileReportKey(report.reportId);
      await mustCommit(kv.atomic().set(key, report, expiry), "store a report");
    },
    report: async (reportId) => (await kv.get<ReconcileReport>(reconcileReportKey(reportId))).value,
    async reports(limit, before) {
      const found: ReconcileReport[] = [];
      const prefix = reconcileReportsPrefix();
      const selector = before === undefined
        ? { prefix }
        : { prefix, end: reconcileReportKey(before) };
      for await (const entry of kv.list<ReconcileReport>(selector, { reverse: true, limit })) {
        found.push(entry.value);
      }
      return found;
    },
    async reportRows({ reportId, tenantId }) {
      const rows: ReconcileRow[] = [];
      for (let chunk = 0; chunk < MAX_CHUNKS; chunk++) {
        const key = reconcileRowsKey(reportId, chunk);
        const { value } = await kv.get<readonly ReconcileRow[]>(key);
        if (value === null) break;
        rows.push(...value.filter((row) => tenantId === undefined || row.tenantId === tenantId));
      }
      return rows;
    },
    reportPage: (query) => reportPage(kv, query),
    reconcileRun: async () => versioned(await kv.get<ReconcileRun>(reconcileRunKey())),
    async putReconcileRun(run, versionstamp, audit) {
      const key = reconcileRunKey();
      const outcome = await guardedCommit(kv, {
        checks: [{ key, versionstamp }],
        write: (atomic) => atomic.set(key, run),
        audit,
      });
      return outcome.ok ? { ok: true } : outcome;
    },
    async putReconcileStep(run, versionstamp, { rows, failure }) {
      const key = reconcileRunKey();
      const parts: readonly ReconcilePart[] = rows.length === 0
        ? failure === null ? [] : [{ rows, failure }]
        : chunksOf(rows, ROWS_PER_CHUNK).map((chunk) => ({ rows: chunk, failure: null }));
      const outcome = await guardedCommit(kv, {
        checks: [{ key, versionstamp }],
        write: (atomic) => {
          atomic.set(key, run);
          for (const [chunk, part] of parts.entries()) {
            const own = reconcilePartKey(run.runId, run.checked, chunk);
            atomic.set(own, part, { expireIn: PARTS_KEPT_MS });
          }
          return atomic;
        },
      });
      return outcome.ok ? { ok: true } : outcome;
    },
    async reconcileParts(runId) {
      const found: ReconcilePart[] = [];
      const selector = { prefix: reconcilePartsPrefix(runId) };
      for await (const { value } of kv.list<ReconcilePart>(selector)) found.push(value);
      return found;
    },
  };
}

async function reportPage(
  kv: KvLike,
  { reportId, tenantId, from, until = Number.MAX_SAFE_INTEGER, limit }: Parameters<
    ReportStore["reportPage"]
  >[0],
): ReturnType<ReportStore["reportPage"]> {
  const rows: ReconcileRow[] = [];
  let number = from;
  for (let read = 0; read < CHUNKS_READ_MAX && number < until; read++) {
    const chunk = Math.floor(number / ROWS_PER_CHUNK);
    const key = reconcileRowsKey(reportId, chunk);
    const { value } = await kv.get<readonly ReconcileRow[]>(key);
    if (value === null) return { rows, next: null };
    for (const row of value.slice(number % ROWS_PER_CHUNK)) {
      if (number >= until) return { rows, next: null };
      if (rows.length === limit) return { rows, next: number };
      number += 1;
      if (tenantId === undefined || row.tenantId === tenantId) rows.push(row);
    }
    if (value.length < ROWS_PER_CHUNK) return { rows, next: null };
  }
  return { rows, next: number < until ? number : null };
}
