import { page } from "fresh";
import { UsagePage } from "@/components/portal/UsagePage.tsx";
import { ChartReader } from "@/islands/ChartReader.tsx";
import type { Say } from "@/lib/i18n/portal/messages.ts";
import { loadUsage } from "@/lib/portal/load_usage.ts";
import { define } from "../(_shared)/portal_state.ts";

export const handler = define.handlers({
  async GET(ctx) {
    ctx.state.title = ctx.state.say("nav_usage");
    const query = ctx.url.searchParams;
    return page(
      await loadUsage(ctx.state.services.portal, { ...ctx.state.visit.terms, query }),
    );
  },
});

function readerWords(say: Say) {
  return {
    column: say("chart_column"),
    nothing: say("nothing"),
    begin: say("range_begin"),
    show: say("range_show"),
    cancel: say("range_cancel"),
    between: say("range_words"),
  };
}

export default define.page<typeof handler>(({ data, state }) => (
  <UsagePage
    frame={state.visit.frame}
    model={data}
    reader={
      <ChartReader
        path="/portal/usage"
        {...data.zoom}
        words={readerWords(state.say)}
      />
    }
  />
));
