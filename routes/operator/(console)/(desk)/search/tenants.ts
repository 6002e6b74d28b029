import { findTenants } from "@/lib/operator/find_tenants.ts";
import { define } from "../../../(_shared)/operator_state.ts";

/** What the palette finds while one types. */
export const handler = define.handlers({
  async GET(ctx) {
    const query = ctx.url.searchParams.get("q") ?? "";
    return Response.json(await findTenants(ctx.state.services, query), {
      headers: { "cache-control": "no-store" },
    });
  },
});
