import { civilDate, type CivilDay } from "./civil_day.ts";
import { moments } from "./moments.ts";
import type { PriceSeries } from "./price_series.ts";

/**
 * UCITS synthetic risk and reward indicator. Source: CESR/10-673: annualised sample deviation of
 * five years of simple weekly returns (monthly where weekly are not available).
 */
export type SrriClass = 1 | 2 | 3 | 4 | 5 | 6 | 7;

const SRRI_WEEKS = 260;
const SRRI_MONTHS = 60;

/** Lower bounds are inclusive: 0.005 is class 2. */
export function srriClass(volatility: number): SrriClass {
  if (volatility < 0.005) return 1;
  if (volatility < 0.02) return 2;
  if (volatility < 0.05) return 3;
  if (volatility < 0.1) return 4;
  if (volatility < 0.15) return 5;
  return volatility < 0.25 ? 6 : 7;
}

/** Annualised deviation of the last five years, or null when the history is shorter. */
export function srriVolatility(series: PriceSeries): number | null {
  const isMonthly = series.frequency === "monthly";
  const needed = isMonthly ? SRRI_MONTHS : SRRI_WEEKS;
  const closes = isMonthly ? lastOfEach(series, monthOf) : lastOfEach(series, weekOf);
  if (closes.length < needed + 1) return null;
  const returns = new Float64Array(needed);
  const offset = closes.length - needed;
  for (let i = 0; i < needed; i += 1) {
    returns[i] = (closes[offset + i] ?? 0) / (closes[offset + i - 1] ?? 1) - 1;
  }
  return moments(returns).sampleDeviation * Math.sqrt(isMonthly ? 12 : 52);
}

/** Weeks run from Monday to Sunday; 1970-01-01 was a Thursday. */
function weekOf(day: CivilDay): number {
  return Math.floor((day + 3) / 7);
}

function monthOf(day: CivilDay): number {
  const { year, month } = civilDate(day);
  return year * 12 + month;
}

/** The last close of each week or month. */
function lastOfEach(series: PriceSeries, periodOf: (day: CivilDay) => number): Float64Array {
  const { days, closes } = series;
  const picked = new Float64Array(closes.length);
  let count = 0;
  let current = NaN;
  for (let i = 0; i < days.length; i += 1) {
    const period = periodOf(days[i] ?? 0);
    if (period !== current) count += 1;
    current = period;
    picked[count - 1] = closes[i] ?? 0;
  }
  return picked.subarray(0, count);
}
