import type { Scheduler } from "@/lib/ports/scheduler.ts";

/** The process's own timers; whoever starts a recurring one cancels it to let the process end. */
export const systemScheduler: Scheduler = {
  after(delayMs, task) {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
};
