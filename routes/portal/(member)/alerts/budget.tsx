import { page, type PageProps } from "fresh";
import { type AlertsModel, AlertsPage } from "@/components/portal/AlertsPage.tsx";
import { parseBudget } from "@/lib/portal/budget_form.ts";
import { fieldErrors } from "@/lib/portal/form_errors.ts";
import { loadAlerts } from "@/lib/portal/load_alerts.ts";
import { changeBudget } from "@/lib/tenancy/tenants.ts";
import { permit } from "../../(_shared)/permit.ts";
import { define, done, type PortalState } from "../../(_shared)/portal_state.ts";

export const handler = define.handlers({
  /** A reload after a refused draft. */
  GET: () => done("/portal/alerts", null),
  async POST(ctx) {
    permit(ctx, "manage_budget");
    ctx.state.title = "Alerts and budget";
    const { tenant, plan, act } = ctx.state.visit;
    const { portal } = ctx.state.services;
    const form = ctx.state.form;
    const budget = parseBudget(form, plan.currency);
    if (!budget.ok) {
      const errors = fieldErrors(budget.error);
      return page(await loadAlerts(portal, { tenant, plan, errors }), { status: 422 });
    }
    const edit = {
      tenantId: tenant.value.tenantId,
      versionstamp: String(form.get("version")),
      budget: budget.value,
    };
    const changed = await changeBudget(edit, { deps: portal, act });
    if (!changed.ok) return done("/portal/alerts", "conflict");
    return done("/portal/alerts", budget.value === null ? "budget_removed" : "budget_saved");
  },
});

export default function BudgetRoute({ data, state }: PageProps<AlertsModel, PortalState>) {
  return <AlertsPage frame={state.visit.frame} model={data} />;
}
