import { page, type PageProps } from "fresh";
import { type AlertsModel, AlertsPage } from "@/components/portal/AlertsPage.tsx";
import type { Refusal } from "@/lib/domain/result.ts";
import { parseBudget, readBudget } from "@/lib/portal/budget_form.ts";
import { faultWords } from "@/lib/portal/fault_words.ts";
import { fieldErrors } from "@/lib/portal/form_errors.ts";
import { loadAlerts } from "@/lib/portal/load_alerts.ts";
import { changeBudget } from "@/lib/tenancy/tenants.ts";
import { permit } from "../../(_shared)/permit.ts";
import { define, done, type PortalState } from "../../(_shared)/portal_state.ts";

export const handler = define.handlers({
  /** A reload after a refused draft. */
  GET: () => done("/portal/alerts", null),
  /** A draft that was made from an older version is shown beside what stands, never written. */
  async POST(ctx) {
    permit(ctx, "manage_budget");
    ctx.state.title = ctx.state.say("nav_alerts");
    const { tenant, plan, act } = ctx.state.visit;
    const { portal } = ctx.state.services;
    const { form } = ctx.state;
    const words = (part: Refusal) => faultWords(part, ctx.state.say);
    const draft = readBudget(form);
    const parsed = parseBudget(draft, plan.currency);
    if (!parsed.ok) {
      const budget = { draft, errors: fieldErrors(parsed.error, words), isConflict: false };
      return page(await loadAlerts(portal, { tenant, plan, budget }), { status: 422 });
    }
    const { tenantId } = tenant.value;
    const changed = await changeBudget(
      { tenantId, versionstamp: String(form.get("version")), budget: parsed.value },
      { deps: portal, act },
    );
    if (changed.ok) {
      return done("/portal/alerts", parsed.value === null ? "budget_removed" : "budget_saved");
    }
    const isConflict = changed.error.code === "conflict";
    const now = await portal.tenants.tenant(tenantId) ?? tenant;
    const budget = {
      draft,
      errors: isConflict ? {} : fieldErrors(changed.error, words),
      isConflict,
    };
    const model = await loadAlerts(portal, { tenant: now, plan, budget });
    return page(model, { status: isConflict ? 409 : 422 });
  },
});

export default function BudgetRoute({ data, state }: PageProps<AlertsModel, PortalState>) {
  return <AlertsPage frame={state.visit.frame} model={data} />;
}
