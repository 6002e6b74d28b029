import { page } from "fresh";
import { SearchPage } from "@/components/operator/SearchPage.tsx";
import { findTenants } from "@/lib/operator/find_tenants.ts";
import { define } from "../../../(_shared)/operator_state.ts";

export const handler = define.handlers({
  async GET(ctx) {
    ctx.state.title = "Search";
    const query = (ctx.url.searchParams.get("q") ?? "").trim();
    return page({ query, tenants: await findTenants(ctx.state.services, query) });
  },
});

export default define.page<typeof handler>(({ data, state }) => (
  <SearchPage frame={state.visit.frame} model={data} />
));
