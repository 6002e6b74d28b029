import { page } from "fresh";
import { OverviewPage } from "@/components/portal/OverviewPage.tsx";
import { LiveUsage } from "@/islands/LiveUsage.tsx";
import { loadOverview } from "@/lib/portal/load_overview.ts";
import { define } from "../(_shared)/portal_state.ts";

export const handler = define.handlers({
  async GET(ctx) {
    ctx.state.title = "Overview";
    return page(await loadOverview(ctx.state.services.portal, ctx.state.visit.terms));
  },
});

export default define.page<typeof handler>(({ data, state }) => (
  <OverviewPage
    frame={state.visit.frame}
    model={data}
    live={<LiveUsage href="/portal/live" {...state.visit.frame.viewer} />}
  />
));
