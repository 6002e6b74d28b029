import { HttpError, page } from "fresh";
import { ReportPage } from "@/components/operator/reconcile/ReportPage.tsx";
import { loadReport } from "@/lib/operator/load_reconcile.ts";
import { define } from "../../../../(_shared)/operator_state.ts";

export const handler = define.handlers({
  async GET(ctx) {
    ctx.state.title = "Reconciliation report";
    const model = await loadReport(ctx.state.services, {
      reportId: ctx.params["report"] ?? "",
      query: ctx.url.searchParams,
    });
    if (model === null) throw new HttpError(404);
    return page(model);
  },
});

export default define.page<typeof handler>(({ data, state }) => (
  <ReportPage frame={state.visit.frame} model={data} />
));
