import type { ReconcileReport, ReconcileRow, ReportStore } from "@/lib/ports/billing_store.ts";
import { chunksOf } from "../chunks.ts";
import { reconcileReportKey, reconcileReportsPrefix, reconcileRowsKey } from "../keys.ts";
import type { KvLike } from "../kv_like.ts";
import { mustCommit } from "./commit.ts";

const RETENTION_MS = 400 * 86_400_000;
const MAX_CHUNKS = 100_000;
/** A row with all its evidence is below 5 KiB. */
const ROWS_PER_CHUNK = 10;

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
    async reports(limit) {
      const found: ReconcileReport[] = [];
      const selector = { prefix: reconcileReportsPrefix() };
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
  };
}
