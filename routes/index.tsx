import { createDefine, page } from "fresh";
import { LandingPage } from "@/components/landing/LandingPage.tsx";
import { newestPublished } from "@/lib/portal/load_plan.ts";
import { type PageState, themeOf } from "./(_shared)/page_state.ts";
import { publicViewer } from "./(_shared)/public_viewer.ts";

/** Apple's ISIN: the sandbox has a price history for it. */
const SAMPLE_ISIN = "US0378331005";

const define = createDefine<PageState>();

export const handler = define.handlers({
  async GET(ctx) {
    const { plans, baseUrl } = ctx.state.services.portal;
    ctx.state.title = "Risk ratings by the call";
    return page({
      viewer: publicViewer(ctx),
      theme: themeOf(ctx.req),
      baseUrl,
      plans: newestPublished(await plans.plans()),
      isin: SAMPLE_ISIN,
    });
  },
});

export default define.page<typeof handler>(({ data }) => <LandingPage {...data} />);
