import { page } from "fresh";
import { TenantsPage } from "@/components/operator/TenantsPage.tsx";
import { loadTenants } from "@/lib/operator/load_tenants.ts";
import { define } from "../../../(_shared)/operator_state.ts";

export const handler = define.handlers({
  async GET(ctx) {
    ctx.state.title = "Tenants";
    return page(await loadTenants(ctx.state.services, ctx.url.searchParams));
  },
});

export default define.page<typeof handler>(({ data, state }) => (
  <TenantsPage frame={state.visit.frame} model={data} />
));
