import { addMonths, civilDate, type CivilDay, civilDay, weekdaysBetween } from "./civil_day.ts";
import { maxDrawdown } from "./drawdown.ts";
import { EWMA_LAMBDA, EWMA_RETURNS_MIN, ewmaStep, ewmaVariance } from "./ewma.ts";
import { type Liquidity, liquidity } from "./liquidity.ts";
import { type Moments, moments } from "./moments.ts";
import { PRIIPS_YEARS_MAX } from "./priips.ts";
import { lowerBound, type PriceSeries } from "./price_series.ts";
import { sortedCopy } from "./sorted_copy.ts";
import { srriVolatility } from "./srri.ts";

/**
 * Everything about a price series that does not depend on the question. Made once per series
 * version, in time that grows with the series; every rating after it is a handful of operations.
 */
export interface SeriesStatistics {
  readonly series: PriceSeries;
  /** Closes used: those of the last five years. */
  readonly from: CivilDay;
  readonly to: CivilDay;
  readonly lastClose: number;
  /** Log returns in time order. */
  readonly returns: Float64Array;
  /** The same, ascending. */
  readonly sorted: Float64Array;
  /** `prefix[i]` is the sum of the first i sorted returns. */
  readonly prefix: Float64Array;
  readonly moments: Moments;
  /** Per period; null below `EWMA_RETURNS_MIN` returns. */
  readonly ewmaDeviation: number | null;
  /** As `ewmaDeviation` and `lastClose` stood one close earlier, to judge that close by. */
  readonly beforeLast: { readonly close: number | null; readonly ewmaDeviation: number | null };
  readonly volatilityAnnual: number;
  readonly maxDrawdown: number;
  readonly srriVolatility: number | null;
  readonly liquidity: Liquidity;
  /** The widest distance between neighbouring closes, in Monday to Friday days. */
  readonly widestGapWeekdays: number;
}

/** Periods a year for annualised volatility. PRIIPs counts its own. */
export const ANNUAL_PERIODS = { daily: 252, weekly: 52, monthly: 12 } as const;

/** Null for an empty series. */
export function seriesStatistics(series: PriceSeries): SeriesStatistics | null {
  const to = series.days[series.days.length - 1];
  const lastClose = series.closes[series.closes.length - 1];
  if (to === undefined || lastClose === undefined) return null;
  const start = lowerBound(series.days, yearsBefore(to, PRIIPS_YEARS_MAX));
  const closes = series.closes.subarray(start);
  const returns = logReturns(closes);
  const shape = moments(returns);
  const sorted = sortedCopy(returns, { centre: shape.mean, spread: shape.deviation });
  const { frequency } = series;
  return {
    series,
    from: series.days[start] ?? to,
    to,
    lastClose,
    returns,
    sorted,
    prefix: prefixSums(sorted),
    moments: shape,
    ...ewmaNowAndBefore(returns, {
      lambda: EWMA_LAMBDA[frequency],
      closeBefore: closes[closes.length - 2] ?? null,
    }),
    volatilityAnnual: shape.sampleDeviation * Math.sqrt(ANNUAL_PERIODS[frequency]),
    maxDrawdown: maxDrawdown(closes),
    srriVolatility: srriVolatility(series),
    liquidity: liquidity(series),
    widestGapWeekdays: widestGap(series.days.subarray(start)),
  };
}

function logReturns(closes: Float64Array): Float64Array {
  const returns = new Float64Array(Math.max(closes.length - 1, 0));
  let previous = closes[0] ?? 1;
  for (let i = 0; i < returns.length; i += 1) {
    const close = closes[i + 1] ?? previous;
    returns[i] = Math.log(close / previous);
    previous = close;
  }
  return returns;
}

export function prefixSums(sorted: Float64Array): Float64Array {
  const prefix = new Float64Array(sorted.length + 1);
  let sum = 0;
  for (let i = 0; i < sorted.length; i += 1) {
    sum += sorted[i] ?? 0;
    prefix[i + 1] = sum;
  }
  return prefix;
}

function ewmaNowAndBefore(
  returns: Float64Array,
  { lambda, closeBefore }: { lambda: number; closeBefore: number | null },
): Pick<SeriesStatistics, "ewmaDeviation" | "beforeLast"> {
  const last = returns.length - 1;
  const before = ewmaVariance(returns.subarray(0, last), lambda);
  const now = ewmaStep(before, { value: returns[last] ?? 0, lambda });
  return {
    ewmaDeviation: returns.length < EWMA_RETURNS_MIN ? null : Math.sqrt(now),
    beforeLast: {
      close: closeBefore,
      ewmaDeviation: last < EWMA_RETURNS_MIN ? null : Math.sqrt(before),
    },
  };
}

function yearsBefore(day: CivilDay, years: number): CivilDay {
  const date = addMonths(civilDate(day), -12 * years);
  return civilDay(date.year, date.month, date.day);
}

function widestGap(days: Int32Array): number {
  let widest = 0;
  let widestFrom = 0;
  let widestTo = 0;
  for (let i = 1; i < days.length; i += 1) {
    const from = days[i - 1] ?? 0;
    const to = days[i] ?? 0;
    if (to - from > widest) {
      widest = to - from;
      widestFrom = from;
      widestTo = to;
    }
  }
  return weekdaysBetween(widestFrom, widestTo);
}
