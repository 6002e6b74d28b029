import { page } from "fresh";
import { HomePage } from "@/components/operator/HomePage.tsx";
import { LivePipeline } from "@/islands/LivePipeline.tsx";
import { loadHome } from "@/lib/operator/load_home.ts";
import { liveSample } from "@/lib/operator/pipeline_feed.ts";
import { define } from "../../(_shared)/operator_state.ts";

export const handler = define.handlers({
  async GET(ctx) {
    ctx.state.title = "Operator home";
    return page(await loadHome(ctx.state.services));
  },
});

export default define.page<typeof handler>(({ data, state }) => (
  <HomePage
    frame={state.visit.frame}
    model={data}
    live={
      <LivePipeline
        href="/operator/live"
        first={liveSample(data.pipeline)}
        locale={state.visit.frame.viewer.locale}
        timeZone={state.visit.frame.viewer.timeZone}
      />
    }
  />
));
