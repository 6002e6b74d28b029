import type { Scheduler } from "@/lib/ports/scheduler.ts";

/** The process's own timers; they don't keep a finished process alive. */
export const systemScheduler: Scheduler = {
  after(delayMs, task) {
    const timer = setTimeout(task, delayMs);
    Deno.unrefTimer(timer);
    return () => clearTimeout(timer);
  },
};
