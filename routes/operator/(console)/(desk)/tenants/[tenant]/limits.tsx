import { page } from "fresh";
import { TenantLimitsPage } from "@/components/operator/TenantLimitsPage.tsx";
import { tenantPath } from "@/components/operator/TenantLink.tsx";
import { exceptionsModel, saveExceptions } from "@/lib/operator/save_exceptions.ts";
import { define, done } from "../../../../(_shared)/operator_state.ts";
import { tenantOf } from "../../../../(_shared)/tenant_of.ts";

export const handler = define.handlers({
  async GET(ctx) {
    const { tenant, plan, head } = await tenantOf(ctx);
    return page({ head, model: exceptionsModel({ tenant, plan }) });
  },
  /** Only on the version that the form showed. */
  async POST(ctx) {
    const { tenant, plan, head } = await tenantOf(ctx);
    const { form, services, visit } = ctx.state;
    const saved = await saveExceptions({ tenant, plan }, { form, deps: services, act: visit.act });
    if (saved.kind === "saved") {
      return done(tenantPath(tenant.value.tenantId, "limits"), saved.flash);
    }
    return page({ head, model: saved.model }, { status: saved.model.conflict ? 409 : 422 });
  },
});

export default define.page<typeof handler>(({ data, state }) => (
  <TenantLimitsPage frame={state.visit.frame} {...data} />
));
