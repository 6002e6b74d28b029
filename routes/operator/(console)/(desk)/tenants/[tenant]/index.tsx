import { page } from "fresh";
import { TenantOverviewPage } from "@/components/operator/TenantOverviewPage.tsx";
import { loadTenantOverview } from "@/lib/operator/load_tenant.ts";
import { define } from "../../../../(_shared)/operator_state.ts";
import { tenantOf } from "../../../../(_shared)/tenant_of.ts";

export const handler = define.handlers({
  async GET(ctx) {
    const { tenant, plan, head } = await tenantOf(ctx);
    const terms = { tenant: tenant.value, plan };
    return page({ head, model: await loadTenantOverview(ctx.state.services, terms) });
  },
});

export default define.page<typeof handler>(({ data, state }) => (
  <TenantOverviewPage frame={state.visit.frame} {...data} />
));
