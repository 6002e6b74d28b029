import { accept, refuse, type Result } from "../result.ts";
import { type CivilDay, formatCivilDay } from "./civil_day.ts";
import type { RatingRefusal } from "./problem_codes.ts";

/** Closing prices by rising day. `volumes` holds units traded, NaN where a day has none. */
export interface PriceSeries {
  readonly days: Int32Array;
  readonly closes: Float64Array;
  readonly volumes: Float64Array | null;
  readonly frequency: PriceFrequency;
}

export type PriceFrequency = "daily" | "weekly" | "monthly";

export const PRICE_FREQUENCIES = ["daily", "weekly", "monthly"] as const;

/** Prices outside this range are typing errors, and their ratios would leave the range of doubles. */
export const PRICE_MIN = 1e-12;
export const PRICE_MAX = 1e15;

/** Eighty years of daily closes. */
export const SERIES_POINTS_MAX = 20_000;

/** Columns of one history; all the same length. */
export interface PriceColumns {
  readonly days: ArrayLike<number>;
  readonly closes: ArrayLike<number>;
  readonly volumes?: ArrayLike<number> | null;
  /** What the sender says; it must agree with the dates. */
  readonly frequency?: PriceFrequency;
}

/** Checks order and prices. Refusals point at the first point that is wrong. */
export function priceSeries(columns: PriceColumns): Result<PriceSeries, RatingRefusal> {
  const size = sizeRefusal(columns);
  if (size !== null) return refuse(size);
  // Days beyond int32 or broken ones must not wrap into good ones.
  const days = new Float64Array(columns.days);
  const closes = new Float64Array(columns.closes);
  const refusal = pointRefusal(days, closes);
  if (refusal !== null) return refuse(refusal);
  const frequency = inferFrequency(days);
  if (frequency === null) return refuse(FREQUENCY_UNKNOWN);
  if (days.length > 1 && columns.frequency !== undefined && columns.frequency !== frequency) {
    return refuse({
      code: "frequency_mismatch",
      detail: `The dates look ${frequency}, but frequency says ${columns.frequency}. ` +
        "Correct the dates, or leave frequency out",
      pointer: "/history/frequency",
    });
  }
  return accept({
    days: new Int32Array(days),
    closes,
    volumes: columns.volumes ? new Float64Array(columns.volumes) : null,
    frequency,
  });
}

/** The points up to and including `lastDay`; the series itself when nothing is cut. */
export function seriesUntil(series: PriceSeries, lastDay: CivilDay): PriceSeries {
  const { days } = series;
  const end = lowerBound(days, lastDay + 1);
  if (end === days.length) return series;
  return {
    days: days.subarray(0, end),
    closes: series.closes.subarray(0, end),
    volumes: series.volumes?.subarray(0, end) ?? null,
    frequency: series.frequency,
  };
}

/** The first index whose day is at least `day`. */
export function lowerBound(days: Int32Array, day: CivilDay): number {
  let low = 0;
  let high = days.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((days[middle] ?? 0) < day) low = middle + 1;
    else high = middle;
  }
  return low;
}

const FREQUENCY_UNKNOWN: RatingRefusal = {
  code: "frequency_unknown",
  detail: "The closes are more than a month apart on average. Send at least one close a month",
  pointer: "/history",
};

function sizeRefusal({ days, closes, volumes }: PriceColumns): RatingRefusal | null {
  if (days.length !== closes.length || (volumes && volumes.length !== days.length)) {
    return {
      code: "validation_failed",
      detail: "Every close needs one date, and one volume where volumes are sent",
      pointer: "/history",
    };
  }
  if (days.length > SERIES_POINTS_MAX) {
    return {
      code: "too_many_points",
      detail: `A history holds at most ${SERIES_POINTS_MAX} closes. Send the latest ones`,
      pointer: "/history/closes",
    };
  }
  return null;
}

function pointRefusal(days: Float64Array, closes: Float64Array): RatingRefusal | null {
  let previous = -Infinity;
  for (let i = 0; i < days.length; i += 1) {
    const day = days[i] ?? NaN;
    const close = closes[i] ?? NaN;
    if (day > previous && close >= PRICE_MIN && close <= PRICE_MAX) {
      previous = day;
      continue;
    }
    return describePoint(i, { day, close, previous });
  }
  return null;
}

function describePoint(
  index: number,
  { day, close, previous }: { day: number; close: number; previous: number },
): RatingRefusal {
  const pointer = `/history/closes/${index}`;
  if (!Number.isFinite(day) || !Number.isFinite(close)) {
    return { code: "non_finite_value", detail: "Dates and closes must be finite numbers", pointer };
  }
  if (close <= 0) {
    return {
      code: "non_positive_price",
      detail: `The close of ${formatCivilDay(day)} is ${close}. Closes must be above 0`,
      pointer,
    };
  }
  if (close < PRICE_MIN || close > PRICE_MAX) {
    return {
      code: "validation_failed",
      detail: `The close of ${formatCivilDay(day)} is ${close}. ` +
        `Closes must lie between ${PRICE_MIN} and ${PRICE_MAX}`,
      pointer,
    };
  }
  return day === previous
    ? {
      code: "duplicate_date",
      detail: `${formatCivilDay(day)} appears twice. Send one close per day`,
      pointer,
    }
    : {
      code: "descending_dates",
      detail: `${formatCivilDay(day)} comes after a later day. Send closes by rising date`,
      pointer,
    };
}

/** By the average distance between closes; null when that is more than a month. */
function inferFrequency(days: Float64Array): PriceFrequency | null {
  const first = days[0];
  const last = days[days.length - 1];
  if (first === undefined || last === undefined || days.length < 2) return "daily";
  const average = (last - first) / (days.length - 1);
  if (average <= DAILY_GAP_MAX) return "daily";
  if (average <= WEEKLY_GAP_MAX) return "weekly";
  return average <= MONTHLY_GAP_MAX ? "monthly" : null;
}

/** Average calendar days between closes; weekdays alone average 1.4, with holidays about 1.45. */
const DAILY_GAP_MAX = 3;
const WEEKLY_GAP_MAX = 12;
const MONTHLY_GAP_MAX = 36;
