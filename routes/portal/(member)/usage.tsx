import { page } from "fresh";
import { UsagePage } from "@/components/portal/UsagePage.tsx";
import { ChartReader } from "@/islands/ChartReader.tsx";
import { loadUsage } from "@/lib/portal/load_usage.ts";
import { define } from "../(_shared)/portal_state.ts";

export const handler = define.handlers({
  async GET(ctx) {
    ctx.state.title = "Usage";
    const query = ctx.url.searchParams;
    return page(
      await loadUsage(ctx.state.services.portal, { ...ctx.state.visit.terms, query }),
    );
  },
});

export default define.page<typeof handler>(({ data, state }) => (
  <UsagePage
    frame={state.visit.frame}
    model={data}
    reader={<ChartReader path="/portal/usage" {...data.zoom} />}
  />
));
