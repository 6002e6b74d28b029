import { HttpError, page } from "fresh";
import { RunsPage } from "@/components/operator/RunsPage.tsx";
import { choreNamed, loadRuns } from "@/lib/operator/load_runs.ts";
import { define, done } from "../../(_shared)/operator_state.ts";

export const handler = define.handlers({
  async GET(ctx) {
    ctx.state.title = "Cron runs";
    return page(await loadRuns(ctx.state.services, choreNamed(ctx.url.searchParams.get("name"))));
  },
  async POST(ctx) {
    const name = choreNamed(ctx.state.form.get("name"));
    if (name === null) throw new HttpError(400);
    const { ok } = await ctx.state.services.chores.run(name);
    return done("/operator/runs", ok ? "chore_done" : "chore_failed");
  },
});

export default define.page<typeof handler>(({ data, state }) => (
  <RunsPage frame={state.visit.frame} model={data} />
));
