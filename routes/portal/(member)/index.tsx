import { page } from "fresh";
import { OverviewPage } from "@/components/portal/OverviewPage.tsx";
import type { Viewer } from "@/components/ui/viewer.ts";
import { LiveUsage } from "@/islands/LiveUsage.tsx";
import { loadOverview } from "@/lib/portal/load_overview.ts";
import { define } from "../(_shared)/portal_state.ts";

export const handler = define.handlers({
  async GET(ctx) {
    ctx.state.title = "Overview";
    return page(await loadOverview(ctx.state.services.portal, ctx.state.visit.terms));
  },
});

/** Of the viewer, only what the island needs goes into the page. */
function liveProps({ locale, timeZone }: Viewer) {
  return { href: "/portal/live", locale, timeZone };
}

export default define.page<typeof handler>(({ data, state }) => (
  <OverviewPage
    frame={state.visit.frame}
    model={data}
    live={<LiveUsage {...liveProps(state.visit.frame.viewer)} calls={data.latestCalls} />}
  />
));
