import { HttpError } from "fresh";
import { csvResponse } from "@/lib/http/csv_response.ts";
import { reconcileCsv } from "@/lib/operator/load_reconcile.ts";
import { define } from "../../../../(_shared)/operator_state.ts";

export const handler = define.handlers({
  async GET(ctx) {
    const { store } = ctx.state.services.billing;
    const reportId = ctx.params["report"] ?? "";
    if (await store.report(reportId) === null) throw new HttpError(404);
    const rows = await store.reportRows({ reportId });
    return csvResponse(reconcileCsv(rows), `reconciliation-${reportId}.csv`);
  },
});
