import type { ChoreName } from "@/lib/ports/chores.ts";

export interface ChoreSchedule {
  readonly name: ChoreName;
  /** As `Deno.cron` takes it, in UTC. */
  readonly cron: string;
  readonly everyMs: number;
  /** After each full `everyMs` since the epoch; says the same as `cron`. */
  readonly offsetMs: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** When each chore runs. `main.ts` hands it to cron, the console shows it. */
export const SCHEDULES: Readonly<Record<ChoreName, ChoreSchedule>> = {
  flush: { name: "flush", cron: "* * * * *", everyMs: MINUTE_MS, offsetMs: 0 },
  watch: { name: "watch", cron: "*/5 * * * *", everyMs: 5 * MINUTE_MS, offsetMs: 0 },
  hourly: { name: "hourly", cron: "7 * * * *", everyMs: HOUR_MS, offsetMs: 7 * MINUTE_MS },
  daily: {
    name: "daily",
    cron: "23 4 * * *",
    everyMs: 24 * HOUR_MS,
    offsetMs: 4 * HOUR_MS + 23 * MINUTE_MS,
  },
};

/** The first time after `nowMs` at which a chore is due. */
export function nextDueMs({ everyMs, offsetMs }: ChoreSchedule, nowMs: number): number {
  return (Math.floor((nowMs - offsetMs) / everyMs) + 1) * everyMs + offsetMs;
}

/** Cron skips and is late, and the next run makes up for it; two missed in a row are worth a word. */
export function isOverdue(
  { everyMs }: ChoreSchedule,
  { lastStartedAtMs, nowMs }: { readonly lastStartedAtMs: number; readonly nowMs: number },
): boolean {
  return nowMs - lastStartedAtMs > 2 * everyMs + MINUTE_MS;
}
