import { HttpError, page } from "fresh";
import { PlanEditor } from "@/components/operator/plan_editor/PlanEditor.tsx";
import { planPath } from "@/components/operator/plan_path.ts";
import { openEditor, submitEditor } from "@/lib/operator/edit_plan.ts";
import { define, done } from "../../../(_shared)/operator_state.ts";

export const handler = define.handlers({
  async GET(ctx) {
    ctx.state.title = "Plan draft";
    const model = await openEditor(ctx.state.services, null);
    if (model === null) throw new HttpError(404);
    return page(model);
  },
  async POST(ctx) {
    ctx.state.title = "Plan draft";
    const { form, services, visit: { act } } = ctx.state;
    const result = await submitEditor(services, { planId: null, form, act });
    if (result.kind === "again") {
      ctx.state.isDraft = true;
      return page(result.model, { status: result.refused ? 422 : 200 });
    }
    const flash = result.saved.draft === null ? "draft_unchanged" : "draft_saved";
    return done(planPath(result.planId), flash);
  },
});

export default define.page<typeof handler>(({ data, state }) => (
  <PlanEditor frame={state.visit.frame} model={data} />
));
