import { HttpError, page } from "fresh";
import { RunsPage } from "@/components/operator/RunsPage.tsx";
import type { Chores } from "@/lib/chores/chores.ts";
import { choreNamed, loadRuns } from "@/lib/operator/load_runs.ts";
import type { ChoreName, ChoreRun } from "@/lib/ports/chores.ts";
import { define, done } from "../../(_shared)/operator_state.ts";

export const handler = define.handlers({
  async GET(ctx) {
    ctx.state.title = "Cron runs";
    return page(await loadRuns(ctx.state.services, choreNamed(ctx.url.searchParams.get("name"))));
  },
  async POST(ctx) {
    const name = choreNamed(ctx.state.form.get("name"));
    if (name === null) throw new HttpError(400);
    const { ok } = await runNow(ctx.state.services.chores, name);
    return done("/operator/runs", ok ? "chore_done" : "chore_failed");
  },
});

export default define.page<typeof handler>(({ data, state }) => (
  <RunsPage frame={state.visit.frame} model={data} />
));

function runNow(chores: Chores, name: ChoreName): Promise<ChoreRun> {
  switch (name) {
    case "flush":
      return chores.everyMinute();
    case "watch":
      return chores.everyFiveMinutes();
    case "hourly":
      return chores.hourly();
    case "daily":
      return chores.daily();
  }
}
