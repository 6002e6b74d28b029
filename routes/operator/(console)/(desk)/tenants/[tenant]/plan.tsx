import { page } from "fresh";
import { tenantPath } from "@/components/operator/TenantLink.tsx";
import { TenantPlanPage } from "@/components/operator/TenantPlanPage.tsx";
import { changePlan } from "@/lib/billing/change_plan.ts";
import { loadTenantPlan } from "@/lib/operator/load_tenant_plan.ts";
import { define, doneIf, field } from "../../../../(_shared)/operator_state.ts";
import { askForProof } from "../../../../(_shared)/step_up.ts";
import { tenantOf } from "../../../../(_shared)/tenant_of.ts";

export const handler = define.handlers({
  async GET(ctx) {
    const { tenant, plan, head } = await tenantOf(ctx);
    const terms = { tenant: tenant.value, plan };
    const chosen = ctx.url.searchParams.get("to");
    return page({ head, model: await loadTenantPlan(ctx.state.services, terms, chosen) });
  },
  /** Only from the version that the preview spoke of. */
  async POST(ctx) {
    const { tenantId } = await tenantOf(ctx);
    const proof = await askForProof(ctx);
    if (proof !== null) return proof;
    const moved = await changePlan(ctx.state.services.billing, {
      tenantId,
      planRevision: field(ctx, "to"),
      from: field(ctx, "from"),
      act: ctx.state.visit.act,
    });
    return doneIf(moved, { path: tenantPath(tenantId, "plan"), flash: "plan_changed" });
  },
});

export default define.page<typeof handler>(({ data, state }) => (
  <TenantPlanPage frame={state.visit.frame} {...data} />
));
