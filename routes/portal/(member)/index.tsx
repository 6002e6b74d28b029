import { page } from "fresh";
import { OverviewPage } from "@/components/portal/OverviewPage.tsx";
import type { Viewer } from "@/components/ui/viewer.ts";
import { LiveUsage } from "@/islands/LiveUsage.tsx";
import type { Say } from "@/lib/i18n/portal/messages.ts";
import { loadOverview } from "@/lib/portal/load_overview.ts";
import { define } from "../(_shared)/portal_state.ts";

export const handler = define.handlers({
  async GET(ctx) {
    ctx.state.title = ctx.state.say("nav_overview");
    return page(await loadOverview(ctx.state.services.portal, ctx.state.visit.terms));
  },
});

/** Of the viewer, only what the island needs goes into the page. */
function liveProps({ locale, timeZone }: Viewer, say: Say) {
  const words = {
    caption: say("live_caption"),
    live: say("live_now"),
    lost: say("live_lost"),
    calls: say("latest_calls"),
  };
  return { href: "/portal/live", locale, timeZone, words };
}

export default define.page<typeof handler>(({ data, state }) => (
  <OverviewPage
    frame={state.visit.frame}
    model={data}
    live={
      <LiveUsage {...liveProps(state.visit.frame.viewer, state.say)} calls={data.latestCalls} />
    }
  />
));
