import { HttpError, page } from "fresh";
import { PlanPreviewPage } from "@/components/portal/PlanPage.tsx";
import { loadPlanPreview } from "@/lib/portal/load_plan_preview.ts";
import { define } from "../../(_shared)/portal_state.ts";

export const handler = define.handlers({
  async GET(ctx) {
    ctx.state.title = ctx.state.say("change_plan");
    const model = await loadPlanPreview(ctx.state.services.portal, {
      ...ctx.state.visit.terms,
      planRevision: ctx.url.searchParams.get("to") ?? "",
    });
    if (model === null) throw new HttpError(404);
    return page(model);
  },
});

export default define.page<typeof handler>(({ data, state }) => (
  <PlanPreviewPage frame={state.visit.frame} model={data} />
));
