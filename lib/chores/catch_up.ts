import type { ChoreName, ChoreStore } from "@/lib/ports/chores.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import type { Logger } from "@/lib/ports/logger.ts";
import type { Chores } from "./chores.ts";
import { isOverdue, SCHEDULES } from "./schedule.ts";

export interface CatchUpDeps {
  readonly chores: Pick<Chores, "run">;
  readonly store: Pick<ChoreStore, "runs">;
  readonly clock: Clock;
  readonly logger: Logger;
}

const NAMES: readonly ChoreName[] = ["flush", "watch", "hourly", "daily"];

/**
 * Cron can be missing: not registered, lost in a deploy, paused. Every instance looks from time to
 * time whether anybody does the recurring work, and does what is overdue itself. Two instances may
 * do the same at once, which no chore minds.
 */
export class CatchUp {
  readonly #sinceMs: number;
  #overdue = 0;

  constructor(private readonly deps: CatchUpDeps) {
    this.#sinceMs = deps.clock.nowMs();
  }

  /** Chores that were overdue when this instance last looked: an alarm from 1 on. */
  get overdue(): number {
    return this.#overdue;
  }

  /** Runs what is overdue, and returns what was. Never rejects. */
  async look(): Promise<readonly ChoreName[]> {
    const { chores, store, clock, logger } = this.deps;
    const overdue: ChoreName[] = [];
    try {
      for (const name of NAMES) {
        const [last] = await store.runs({ name, limit: 1 });
        // What never ran is waited for from the start of this instance.
        const lastStartedAtMs = last?.startedAtMs ?? this.#sinceMs;
        const nowMs = clock.nowMs();
        if (!isOverdue(SCHEDULES[name], { lastStartedAtMs, nowMs })) continue;
        overdue.push(name);
        logger.error("chore_overdue", { name, lastStartedAtMs });
      }
      this.#overdue = overdue.length;
      for (const name of overdue) await chores.run(name);
    } catch (error) {
      logger.warn("catch_up_failed", { error: String(error) });
    }
    return overdue;
  }
}
