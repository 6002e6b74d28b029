import { page } from "fresh";
import { RequestsPage } from "@/components/portal/RequestsPage.tsx";
import { loadRequests } from "@/lib/portal/load_requests.ts";
import { define } from "../(_shared)/portal_state.ts";

export const handler = define.handlers({
  async GET(ctx) {
    ctx.state.title = ctx.state.say("nav_requests");
    const query = ctx.url.searchParams;
    return page(
      await loadRequests(ctx.state.services.portal, { ...ctx.state.visit.terms, query }),
    );
  },
});

export default define.page<typeof handler>(({ data, state }) => (
  <RequestsPage frame={state.visit.frame} model={data} />
));
