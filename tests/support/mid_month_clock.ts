import type { Clock } from "@/lib/ports/clock.ts";

const START_MS = Date.UTC(2026, 11, 16, 10);
const STARTED_MS = performance.now();

/**
 * Time that runs on as it does everywhere, from a Wednesday in mid-month on: whenever tests run, no
 * day, month or price of theirs ends between what they store and what they look at.
 */
export const midMonthClock: Clock = {
  nowMs: () => START_MS + Math.floor(performance.now() - STARTED_MS),
};
