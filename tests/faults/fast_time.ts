import type { Clock } from "@/lib/ports/clock.ts";
import type { Scheduler } from "@/lib/ports/scheduler.ts";
import { systemScheduler } from "@/lib/platform/system_scheduler.ts";

/** Time that runs `speed` times as fast as the real one since `realMs`, when it was `baseMs`. */
export interface FastTime {
  readonly baseMs: number;
  readonly realMs: number;
  readonly speed: number;
}

/** The same time in every process: minutes close within seconds. */
export function fastClock({ baseMs, realMs, speed }: FastTime): Clock {
  return { nowMs: () => Math.floor(baseMs + (Date.now() - realMs) * speed) };
}

export function fastScheduler({ speed }: FastTime): Scheduler {
  return { after: (delayMs, task) => systemScheduler.after(delayMs / speed, task) };
}
