import { HttpError, page } from "fresh";
import { CHORES, RunsPage } from "@/components/operator/RunsPage.tsx";
import type { Chores } from "@/lib/chores/chores.ts";
import type { ChoreName, ChoreRun } from "@/lib/ports/chores.ts";
import { define, done } from "../../(_shared)/operator_state.ts";

const SHOWN = 100;

export const handler = define.handlers({
  async GET(ctx) {
    ctx.state.title = "Cron runs";
    const name = choreOf(ctx.url.searchParams.get("name"));
    const runs = await ctx.state.services.choreRuns.runs({
      limit: SHOWN,
      ...(name === null ? {} : { name }),
    });
    return page({ runs, name });
  },
  async POST(ctx) {
    const name = choreOf(ctx.state.form.get("name"));
    if (name === null) throw new HttpError(400);
    const { ok } = await runNow(ctx.state.services.chores, name);
    return done("/operator/runs", ok ? "chore_done" : "chore_failed");
  },
});

export default define.page<typeof handler>(({ data, state }) => (
  <RunsPage frame={state.visit.frame} model={data} />
));

function choreOf(text: string | null): ChoreName | null {
  return CHORES.find(({ name }) => name === text)?.name ?? null;
}

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
