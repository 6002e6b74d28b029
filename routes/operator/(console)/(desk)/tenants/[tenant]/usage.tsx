import { page } from "fresh";
import { TenantUsagePage } from "@/components/operator/TenantOverviewPage.tsx";
import { loadTenantUsage } from "@/lib/operator/load_tenant.ts";
import { define } from "../../../../(_shared)/operator_state.ts";
import { tenantOf } from "../../../../(_shared)/tenant_of.ts";

export const handler = define.handlers({
  async GET(ctx) {
    const { tenant, plan, head } = await tenantOf(ctx);
    const terms = { tenant: tenant.value, plan };
    const model = await loadTenantUsage(ctx.state.services, terms, ctx.url.searchParams);
    return page({ head, model });
  },
});

export default define.page<typeof handler>(({ data, state }) => (
  <TenantUsagePage frame={state.visit.frame} {...data} />
));
