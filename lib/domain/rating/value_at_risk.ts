import { normalDensity, normalQuantile } from "./normal.ts";

/**
 * Confidence in basis points: 9900 is 99 %. Whole numbers keep n * (1 - confidence) exact, where
 * 1280 * (1 - 0.95) would be 64.00000000000006 and pick the wrong observation.
 */
export type ConfidenceBps = number;

export const BPS = 10_000;

/** Losses are positive fractions of value. */
export interface TailEstimate {
  readonly valueAtRisk: number;
  readonly expectedShortfall: number;
}

/** Normal returns with mean 0: z * sigma, and sigma * density(z) / (1 - confidence). */
export function parametricTail(sigma: number, confidence: ConfidenceBps): TailEstimate {
  const z = standardQuantile(confidence);
  return {
    valueAtRisk: z * sigma,
    expectedShortfall: sigma * normalDensity(z) / (1 - confidence / BPS),
  };
}

/**
 * From `sorted` ascending returns. Value at risk is the k-th worst, k = ceil(n p) (Hull); expected
 * shortfall is Acerbi and Tasche's mean of the worst n p, with a fractional last observation.
 * `prefix[i]` is the sum of the first i sorted returns.
 */
export function historicalTail(
  { sorted, prefix }: { sorted: Float64Array; prefix: Float64Array },
  confidence: ConfidenceBps,
): TailEstimate {
  const scaled = sorted.length * (BPS - confidence);
  const whole = Math.floor(scaled / BPS);
  const fraction = (scaled - whole * BPS) / BPS;
  const rank = fraction > 0 ? whole + 1 : whole;
  const worst = (prefix[whole] ?? 0) + (fraction > 0 ? fraction * (sorted[whole] ?? 0) : 0);
  return {
    valueAtRisk: -(sorted[rank - 1] ?? 0),
    expectedShortfall: -worst / (scaled / BPS),
  };
}

/** Quantile by linear interpolation between order statistics (Hyndman and Fan's type 7). */
export function type7Quantile(sorted: ArrayLike<number>, probabilityBps: number): number {
  const position = (sorted.length - 1) * probabilityBps;
  const index = Math.floor(position / BPS);
  const fraction = (position - index * BPS) / BPS;
  const low = sorted[index] ?? 0;
  const high = sorted[Math.min(index + 1, sorted.length - 1)] ?? low;
  return low + fraction * (high - low);
}

/**
 * Modified value at risk: the normal quantile bent by skewness and excess kurtosis (Cornish and
 * Fisher 1937). Null where the bent quantile does not rise with the straight one between -z and z,
 * because there the expansion is not a distribution (Maillard 2012).
 */
export function cornishFisherValueAtRisk(
  { mean, deviation, skewness, excessKurtosis }: {
    mean: number;
    deviation: number;
    skewness: number;
    excessKurtosis: number;
  },
  confidence: ConfidenceBps,
): number | null {
  const z = -standardQuantile(confidence);
  if (!risesBetween(-z, { skewness, excessKurtosis })) return null;
  const bent = z + (z * z - 1) * skewness / 6 + (z ** 3 - 3 * z) * excessKurtosis / 24 -
    (2 * z ** 3 - 5 * z) * skewness * skewness / 36;
  return -(mean + deviation * bent);
}

/** Observations that a historical tail needs: one in the tail at least, and a year of days. */
export function historicalCountMin(confidence: ConfidenceBps): number {
  return Math.max(Math.ceil(BPS / (BPS - confidence)), HISTORICAL_RETURNS_MIN);
}

const HISTORICAL_RETURNS_MIN = 250;

/** The quantiles of everyday use, to the last bit; others by approximation. */
export function standardQuantile(confidence: ConfidenceBps): number {
  switch (confidence) {
    case 9500:
      return 1.6448536269514722;
    case 9750:
      return 1.959963984540054;
    case 9900:
      return 2.3263478740408408;
    default:
      return normalQuantile(confidence / BPS);
  }
}

/** Whether the derivative of the bent quantile is above 0 on [-reach, reach]. */
function risesBetween(
  reach: number,
  { skewness, excessKurtosis }: { skewness: number; excessKurtosis: number },
): boolean {
  const square = skewness * skewness;
  const a = excessKurtosis / 8 - square / 6;
  const b = skewness / 3;
  const c = 1 - excessKurtosis / 8 + 5 * square / 36;
  const slope = (z: number) => a * z * z + b * z + c;
  if (!(slope(-reach) > 0 && slope(reach) > 0)) return false;
  const vertex = a === 0 ? Infinity : -b / (2 * a);
  return Math.abs(vertex) >= reach || slope(vertex) > 0;
}
