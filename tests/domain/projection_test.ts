import { assert, assertEquals } from "@std/assert";
import { periodAt } from "@/lib/domain/period.ts";
import { projectUsage } from "@/lib/domain/projection.ts";

const DAY = 86_400_000;
const APRIL = periodAt(Date.UTC(2026, 3, 1), "month");

function days(count: number, endMs: number, units: (weekday: number) => bigint) {
  return Array.from({ length: count }, (_, at) => {
    const startMs = endMs - (count - at) * DAY;
    return { startMs, units: units(new Date(startMs).getUTCDay()) };
  });
}

Deno.test("a weekly pattern is carried on, day by day", () => {
  const nowMs = Date.UTC(2026, 3, 13); // a Monday; 18 days to go: 14 workdays, 4 weekend days
  const pattern = (weekday: number) => weekday === 0 || weekday === 6 ? 0n : 100n;
  const projection = projectUsage({
    period: APRIL,
    nowMs,
    unitsSoFar: 800n,
    days: days(28, nowMs, pattern),
  });
  assertEquals(projection, { units: 2200n, low: 2200n, high: 2200n, method: "weekday_mean" });
});

Deno.test("with few days the mean carries on, with none the period so far", () => {
  const nowMs = APRIL.startMs + 10 * DAY;
  const few = projectUsage({
    period: APRIL,
    nowMs,
    unitsSoFar: 100n,
    days: days(5, nowMs, () => 10n),
  });
  assertEquals([few.units, few.method], [300n, "daily_mean"]);
  const none = projectUsage({ period: APRIL, nowMs, unitsSoFar: 100n, days: [] });
  assertEquals([none.units, none.method], [300n, "elapsed_share"]);
});

Deno.test("a projection is never below what is used and is exact once the period is over", () => {
  const over = projectUsage({ period: APRIL, nowMs: APRIL.endMs, unitsSoFar: 7n, days: [] });
  assertEquals(over, { units: 7n, low: 7n, high: 7n, method: "complete" });
  const nowMs = APRIL.endMs - DAY;
  const wild = projectUsage({
    period: APRIL,
    nowMs,
    unitsSoFar: 50n,
    days: days(6, nowMs, (weekday) => BigInt(weekday * weekday)),
  });
  assert(wild.low >= 50n && wild.low <= wild.units && wild.units <= wild.high);
});
