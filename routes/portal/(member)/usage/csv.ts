import { csvResponse } from "@/lib/http/csv_response.ts";
import { loadUsage } from "@/lib/portal/load_usage.ts";
import { usageCsv } from "@/lib/portal/usage_csv.ts";
import { define } from "../../(_shared)/portal_state.ts";

export const handler = define.handlers({
  async GET(ctx) {
    const query = ctx.url.searchParams;
    const { series, filters } = await loadUsage(ctx.state.services.portal, {
      ...ctx.state.visit.terms,
      query,
    });
    return csvResponse(usageCsv(series), `usage-${filters.from}-${filters.to}.csv`);
  },
});
