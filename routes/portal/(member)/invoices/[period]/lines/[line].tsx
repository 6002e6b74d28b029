import { HttpError, page } from "fresh";
import { LinePage } from "@/components/portal/LinePage.tsx";
import { loadLine } from "@/lib/portal/load_line.ts";
import { define } from "../../../../(_shared)/portal_state.ts";

export const handler = define.handlers({
  async GET(ctx) {
    const { tenant, plan } = ctx.state.visit.terms;
    const model = await loadLine(ctx.state.services.portal, {
      tenant,
      currency: plan.currency,
      periodId: ctx.params.period ?? "",
      lineId: decodeURIComponent(ctx.params.line ?? ""),
      day: ctx.url.searchParams.get("day"),
      hour: ctx.url.searchParams.get("hour"),
    });
    if (model === null) throw new HttpError(404);
    ctx.state.title = ctx.state.say("explain_line");
    return page(model);
  },
});

export default define.page<typeof handler>(({ data, state }) => (
  <LinePage frame={state.visit.frame} model={data} />
));
