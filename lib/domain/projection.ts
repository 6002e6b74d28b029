import type { BillingPeriod } from "./period.ts";
import type { Units } from "./plan.ts";

/** Usage of one UTC day. */
export interface DayUsage {
  readonly startMs: number;
  readonly units: Units;
}

export interface Projection {
  /** Expected units of the whole period; never below what is already used. */
  readonly units: Units;
  /** About four periods in five end between these, were days independent. */
  readonly low: Units;
  readonly high: Units;
  /**
   * `weekday_mean`: the rest of the period as the same weekdays were before. `daily_mean`: as the
   * known days were on average. `elapsed_share`: as the period has gone so far. `complete`: over.
   */
  readonly method: "weekday_mean" | "daily_mean" | "elapsed_share" | "complete";
}

const DAY_MS = 86_400_000;
const WEEK_DAYS = 7;
/** From two full weeks on, weekdays are told apart. */
const DAYS_FOR_WEEKDAYS = 14;
const DAYS_FOR_MEAN = 3;
/** Two-sided 80 % of a normal distribution. */
const Z80 = 1.2816;

/**
 * Extends a period's usage to its end. `days` are past days, also from before the period; the one
 * that holds `nowMs` is ignored, being unfinished. An estimate, hence floating point: never billed.
 */
export function projectUsage(
  { period, nowMs, unitsSoFar, days }: {
    readonly period: BillingPeriod;
    readonly nowMs: number;
    readonly unitsSoFar: Units;
    readonly days: readonly DayUsage[];
  },
): Projection {
  const used = Number(unitsSoFar);
  if (nowMs >= period.endMs) return project(used, { rest: 0, spread: 0 }, "complete");
  const full = days.filter((day) => day.startMs + DAY_MS <= nowMs);
  if (full.length >= DAYS_FOR_WEEKDAYS) {
    const means = weekdayMeans(full);
    const rest = restOf(period, nowMs, (weekday) => means[weekday] ?? mean(full.map(amount)));
    const spread = deviation(full, (day) => means[weekdayOf(day.startMs)] ?? 0);
    return project(used, { rest, spread: spread * rootDaysLeft(period, nowMs) }, "weekday_mean");
  }
  if (full.length >= DAYS_FOR_MEAN) {
    const daily = mean(full.map(amount));
    const rest = restOf(period, nowMs, () => daily);
    const spread = deviation(full, () => daily) * rootDaysLeft(period, nowMs);
    return project(used, { rest, spread }, "daily_mean");
  }
  const elapsed = Math.max(nowMs - period.startMs, 1);
  const rest = used * (period.endMs - nowMs) / elapsed;
  return project(used, { rest, spread: rest / Z80 }, "elapsed_share");
}

function project(
  used: number,
  { rest, spread }: { rest: number; spread: number },
  method: Projection["method"],
): Projection {
  const whole = (value: number) => BigInt(Math.round(Math.max(value, 0) + used));
  return {
    units: whole(rest),
    low: whole(rest - Z80 * spread),
    high: whole(rest + Z80 * spread),
    method,
  };
}

/** Sums the expectation of every day still to come, part of the first for the day under way. */
function restOf(period: BillingPeriod, nowMs: number, expected: (weekday: number) => number) {
  let rest = 0;
  for (let atMs = nowMs; atMs < period.endMs;) {
    const nextMs = Math.min(startOfDay(atMs) + DAY_MS, period.endMs);
    rest += expected(weekdayOf(atMs)) * (nextMs - atMs) / DAY_MS;
    atMs = nextMs;
  }
  return rest;
}

function weekdayMeans(days: readonly DayUsage[]): readonly number[] {
  return Array.from({ length: WEEK_DAYS }, (_, weekday) => {
    const same = days.filter((day) => weekdayOf(day.startMs) === weekday).map(amount);
    return mean(same.length > 0 ? same : days.map(amount));
  });
}

function deviation(days: readonly DayUsage[], expected: (day: DayUsage) => number): number {
  const squares = days.map((day) => (amount(day) - expected(day)) ** 2);
  return Math.sqrt(mean(squares));
}

function rootDaysLeft(period: BillingPeriod, nowMs: number): number {
  return Math.sqrt((period.endMs - nowMs) / DAY_MS);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(values.length, 1);
}

function amount(day: DayUsage): number {
  return Number(day.units);
}

function startOfDay(atMs: number): number {
  return Math.floor(atMs / DAY_MS) * DAY_MS;
}

function weekdayOf(atMs: number): number {
  return new Date(atMs).getUTCDay();
}
