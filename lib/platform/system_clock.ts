import type { Clock } from "@/lib/ports/clock.ts";

/** The machine's time. */
export const systemClock: Clock = { nowMs: () => Date.now() };
