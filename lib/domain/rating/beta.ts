import type { PriceSeries } from "./price_series.ts";

/** Paired returns needed before a slope is worth stating. */
const BETA_PAIRS_MIN = 60;

export interface Beta {
  /** Covariance over the benchmark's variance; null with too few pairs or a flat benchmark. */
  readonly value: number | null;
  readonly pairs: number;
}

/** Slope of log returns on a benchmark's, over the days that both series have. */
export function beta(series: PriceSeries, benchmark: PriceSeries): Beta {
  const paired = pairedReturns(series, benchmark);
  const pairs = paired.length / 2;
  if (pairs < BETA_PAIRS_MIN) return { value: null, pairs };
  let meanX = 0;
  let meanY = 0;
  for (let i = 0; i < paired.length; i += 2) {
    meanX += paired[i] ?? 0;
    meanY += paired[i + 1] ?? 0;
  }
  meanX /= pairs;
  meanY /= pairs;
  let covariance = 0;
  let variance = 0;
  for (let i = 0; i < paired.length; i += 2) {
    const y = (paired[i + 1] ?? 0) - meanY;
    covariance += ((paired[i] ?? 0) - meanX) * y;
    variance += y * y;
  }
  const value = covariance / variance;
  return { value: variance > 0 && Number.isFinite(value) ? value : null, pairs };
}

/** Alternating series and benchmark returns between consecutive common days. */
function pairedReturns(series: PriceSeries, benchmark: PriceSeries): Float64Array {
  const paired = new Float64Array(2 * Math.min(series.days.length, benchmark.days.length));
  let length = 0;
  let previousX = 0;
  let previousY = 0;
  for (let i = 0, j = 0; i < series.days.length && j < benchmark.days.length;) {
    const difference = (series.days[i] ?? 0) - (benchmark.days[j] ?? 0);
    if (difference === 0) {
      const x = series.closes[i] ?? 0;
      const y = benchmark.closes[j] ?? 0;
      if (previousX > 0) {
        paired[length] = Math.log(x / previousX);
        paired[length + 1] = Math.log(y / previousY);
        length += 2;
      }
      previousX = x;
      previousY = y;
    }
    if (difference <= 0) i += 1;
    if (difference >= 0) j += 1;
  }
  return paired.subarray(0, length);
}
