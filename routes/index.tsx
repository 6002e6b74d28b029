import { createDefine, page } from "fresh";
import { LandingPage } from "@/components/landing/LandingPage.tsx";
import { newestPublished } from "@/lib/portal/load_plan.ts";
import { sampleTerms } from "@/lib/portal/sample_terms.ts";
import { type PageState, themeOf } from "./(_shared)/page_state.ts";
import { publicViewer } from "./(_shared)/public_viewer.ts";

const define = createDefine<PageState>();

export const handler = define.handlers({
  async GET(ctx) {
    const { portal } = ctx.state.services;
    ctx.state.title = "Risk ratings by the call";
    return page({
      viewer: publicViewer(ctx),
      theme: themeOf(ctx.req),
      ...sampleTerms(portal),
      plans: newestPublished(await portal.plans.plans()),
    });
  },
});

export default define.page<typeof handler>(({ data }) => <LandingPage {...data} />);
