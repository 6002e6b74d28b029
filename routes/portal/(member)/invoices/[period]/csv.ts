import { csvResponse } from "@/lib/http/csv_response.ts";
import { HttpError } from "fresh";
import { invoiceStatement } from "@/lib/billing/invoice_statement.ts";
import { statementCsv } from "@/lib/billing/statement_csv.ts";
import { define } from "../../../(_shared)/portal_state.ts";

export const handler = define.handlers({
  async GET(ctx) {
    const { tenantId, locale } = ctx.state.visit.tenant.value;
    const periodId = ctx.params.period ?? "";
    const found = await invoiceStatement(ctx.state.services.portal, { tenantId, periodId });
    if (!found.ok) throw new HttpError(404);
    return csvResponse(statementCsv(found.value, locale), `statement-${periodId}.csv`);
  },
});
