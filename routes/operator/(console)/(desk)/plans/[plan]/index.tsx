import { HttpError, page } from "fresh";
import { planPath } from "@/components/operator/plan_path.ts";
import { PlanPage } from "@/components/operator/PlanPage.tsx";
import { dryRunPlan } from "@/lib/catalog/dry_run.ts";
import { archivePlan, publishPlan } from "@/lib/catalog/publish_plan.ts";
import { seeOther } from "@/lib/http/redirect.ts";
import { loadPlan } from "@/lib/operator/load_plans.ts";
import { define, done, doneIf, field, isConfirmed } from "../../../../(_shared)/operator_state.ts";
import { askForProof } from "../../../../(_shared)/step_up.ts";

export const handler = define.handlers({
  async GET(ctx) {
    const planId = ctx.params["plan"] ?? "";
    const query = ctx.url.searchParams;
    const model = await loadPlan(ctx.state.services, { planId, query });
    if (model === null) throw new HttpError(404);
    ctx.state.title = model.shown.name;
    return page(model);
  },
  async POST(ctx) {
    const { services: { catalog }, visit: { act } } = ctx.state;
    const planId = ctx.params["plan"] ?? "";
    const planRevision = field(ctx, "revision");
    const path = planPath(planId);
    switch (field(ctx, "act")) {
      case "dry_run": {
        const ran = await dryRunPlan(catalog, planRevision);
        if (!ran.ok) return doneIf(ran, { path, flash: "dry_run_done" });
        return seeOther(planPath(planId, `/dry-runs/${ran.value.dryRun.dryRunId}`));
      }
      case "publish": {
        if (!isConfirmed(ctx, planRevision)) return done(path, "not_confirmed");
        const proof = await askForProof(ctx);
        if (proof !== null) return proof;
        const dryRunId = field(ctx, "dryRun");
        const published = await publishPlan(catalog, { planRevision, dryRunId, act });
        return doneIf(published, { path, flash: "plan_published" });
      }
      case "archive": {
        if (!isConfirmed(ctx, planRevision)) return done(path, "not_confirmed");
        const archived = await archivePlan(catalog, planRevision, act);
        return doneIf(archived, { path, flash: "plan_archived" });
      }
      default:
        throw new HttpError(400);
    }
  },
});

export default define.page<typeof handler>(({ data, state }) => (
  <PlanPage frame={state.visit.frame} model={data} />
));
