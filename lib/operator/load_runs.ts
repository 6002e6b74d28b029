import type { ChoreState, RunsModel } from "@/components/operator/RunsPage.tsx";
import { isOverdue, nextDueMs, SCHEDULES } from "@/lib/chores/schedule.ts";
import type { ChoreName, ChoreRun } from "@/lib/ports/chores.ts";
import type { Services } from "@/lib/services.ts";

type RunsDeps = Pick<Services, "choreRuns" | "clock">;

const SHOWN = 100;
/** Of each chore, looked through for its last failure. */
const LOOKED_AT = 50;
const NAMES = ["flush", "watch", "hourly", "daily"] as const satisfies readonly ChoreName[];

export async function loadRuns(
  deps: RunsDeps,
  name: ChoreName | null,
): Promise<RunsModel> {
  const [chores, runs] = await Promise.all([
    choreStates(deps),
    deps.choreRuns.runs({ limit: SHOWN, ...(name === null ? {} : { name }) }),
  ]);
  return { chores, runs, name };
}

/** Each chore with its last run, its last failure and when it is due next. */
export async function choreStates(
  { choreRuns, clock }: RunsDeps,
): Promise<readonly ChoreState[]> {
  const nowMs = clock.nowMs();
  return await Promise.all(NAMES.map(async (name) => {
    const runs = await choreRuns.runs({ name, limit: LOOKED_AT });
    return choreState(name, { runs, nowMs });
  }));
}

export function choreState(
  name: ChoreName,
  { runs, nowMs }: { readonly runs: readonly ChoreRun[]; readonly nowMs: number },
): ChoreState {
  const schedule = SCHEDULES[name];
  const last = runs[0] ?? null;
  return {
    name,
    last,
    lastFailure: runs.find(({ ok }) => !ok) ?? null,
    nextDueMs: nextDueMs(schedule, nowMs),
    overdue: last !== null && isOverdue(schedule, { lastStartedAtMs: last.startedAtMs, nowMs }),
  };
}

export function choreNamed(text: string | null): ChoreName | null {
  return NAMES.find((name) => name === text) ?? null;
}
