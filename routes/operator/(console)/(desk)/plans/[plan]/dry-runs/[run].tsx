import { HttpError, page } from "fresh";
import { DryRunPage } from "@/components/operator/DryRunPage.tsx";
import { planPath } from "@/components/operator/plan_path.ts";
import { define } from "../../../../../(_shared)/operator_state.ts";

const ROWS_SHOWN = 50;

export const handler = define.handlers({
  async GET(ctx) {
    const { plans, catalog: { dryRuns } } = ctx.state.services;
    const dryRunId = ctx.params["run"] ?? "";
    const dryRun = await dryRuns.dryRun(dryRunId);
    const plan = dryRun === null ? null : await plans.plan(dryRun.planRevision);
    if (dryRun === null || plan === null || plan.value.planId !== ctx.params["plan"]) {
      throw new HttpError(404);
    }
    ctx.state.title = `Dry run of ${dryRun.planRevision}`;
    const cursor = ctx.url.searchParams.get("cursor");
    const found = await dryRuns.dryRunRows({
      dryRunId,
      limit: ROWS_SHOWN,
      ...(cursor === null ? {} : { cursor }),
    });
    const path = planPath(plan.value.planId, `/dry-runs/${encodeURIComponent(dryRunId)}`);
    return page({
      dryRun,
      plan: plan.value,
      rows: found.rows,
      firstHref: cursor === null ? null : path,
      nextHref: found.cursor === null
        ? null
        : `${path}?${new URLSearchParams({ cursor: found.cursor })}`,
    });
  },
});

export default define.page<typeof handler>(({ data, state }) => (
  <DryRunPage frame={state.visit.frame} model={data} />
));
