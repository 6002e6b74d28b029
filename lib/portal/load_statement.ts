import type { StatementModel } from "@/components/portal/StatementPage.tsx";
import { invoiceStatement, type StatementDeps } from "@/lib/billing/invoice_statement.ts";
import { statementView } from "@/lib/billing/statement_view.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";

/** `null` for what is no billing period of this tenant. */
export async function loadStatement(
  deps: StatementDeps,
  { tenant, periodId }: { readonly tenant: Tenant; readonly periodId: string },
): Promise<StatementModel | null> {
  const found = await invoiceStatement(deps, { tenantId: tenant.tenantId, periodId });
  if (!found.ok) return null;
  const { period, state, statement } = found.value;
  return {
    periodId: period.periodId,
    open: state === "open",
    view: statementView(found.value, tenant.locale),
    explained: statement.lines.filter(({ part }) => part !== null).map(({ lineId }) => lineId),
    csvHref: `/portal/invoices/${period.periodId}/csv`,
  };
}
