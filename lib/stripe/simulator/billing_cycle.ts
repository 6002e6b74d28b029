import type { AnchorConfigDoc, SubscriptionDoc } from "./documents.ts";
import { DAY_MS } from "./time.ts";

type Cycle = Pick<SubscriptionDoc, "interval" | "intervalCount">;

/** The instant `count` billing intervals after (or before) `atMs`, on the same day of the month. */
export function shiftCycle(atMs: number, cycle: Cycle, count: number): number {
  const steps = cycle.intervalCount * count;
  switch (cycle.interval) {
    case "day":
      return atMs + steps * DAY_MS;
    case "week":
      return atMs + steps * 7 * DAY_MS;
    case "month":
      return addMonths(atMs, steps);
    case "year":
      return addMonths(atMs, steps * 12);
  }
}

/** The first instant after `startMs` that fits the anchor. */
export function firstBoundary(startMs: number, cycle: Cycle, anchor: AnchorConfigDoc): number {
  const start = new Date(startMs);
  const month = cycle.interval === "year" && anchor.month !== undefined
    ? anchor.month - 1
    : start.getUTCMonth();
  const at = clampedUtc(start.getUTCFullYear(), month, anchor.day_of_month) +
    ((anchor.hour ?? 0) * 3_600 + (anchor.minute ?? 0) * 60 + (anchor.second ?? 0)) * 1_000;
  if (at > startMs) return at;
  return addMonths(at, cycle.interval === "year" ? 12 : 1);
}

function addMonths(atMs: number, months: number): number {
  const at = new Date(atMs);
  const timeOfDay = atMs % DAY_MS;
  return clampedUtc(at.getUTCFullYear(), at.getUTCMonth() + months, at.getUTCDate()) + timeOfDay;
}

/** Day 31 of a shorter month is its last day. */
function clampedUtc(year: number, month: number, day: number): number {
  const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return Date.UTC(year, month, Math.min(day, lastDay));
}
