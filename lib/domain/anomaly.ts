import { invariant } from "./invariant.ts";

/** A value far from what its own past leads one to expect. */
export interface Anomaly {
  readonly kind: "spike" | "drop";
  readonly value: number;
  readonly expected: number;
  /** Robust z-score; its sign is the direction. */
  readonly score: number;
}

export interface AnomalyOptions {
  /** Absolute score from which a value counts; 3.5 after Iglewicz and Hoaglin (1993). */
  readonly threshold?: number;
  /** Differences below this many units are noise, whatever their score. */
  readonly minimumUnits?: number;
}

/** Fewer past values say nothing about what is usual. */
const MIN_HISTORY = 8;

/** Scales a median absolute deviation to a standard deviation of normal data. */
const MAD_TO_SIGMA = 1.4826;
/** Spread that is granted even to a perfectly even past, as a share of what is expected. */
const LEAST_SPREAD = 0.1;

/**
 * Judges `value` against like values of the past (e.g. the same hour of earlier days), oldest
 * first. Two views must agree: the median with its median absolute deviation, which single
 * outliers can't move, and the exponentially weighted mean, which follows growth; the nearer one
 * sets the expectation, so steady growth raises no alarm. `null`: nothing unusual, or too little
 * history.
 */
export function detectAnomaly(
  history: readonly number[],
  value: number,
  { threshold = 3.5, minimumUnits = 10 }: AnomalyOptions = {},
): Anomaly | null {
  if (history.length < MIN_HISTORY) return null;
  const middle = median(history);
  const recent = ewma(history);
  const expected = Math.abs(value - recent) < Math.abs(value - middle) ? recent : middle;
  const deviation = median(history.map((past) => Math.abs(past - middle)));
  const spread = Math.max(deviation * MAD_TO_SIGMA, expected * LEAST_SPREAD, 1);
  const score = (value - expected) / spread;
  if (Math.abs(score) < threshold || Math.abs(value - expected) < minimumUnits) return null;
  return { kind: score > 0 ? "spike" : "drop", value, expected, score };
}

export function median(values: readonly number[]): number {
  invariant(values.length > 0, "median() of nothing");
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[half - 1] ?? upper)) / 2;
}

/** Exponentially weighted mean, oldest first; `alpha` is the weight of the newest value. */
export function ewma(values: readonly number[], alpha = 0.3): number {
  return values.reduce((mean, value) => mean + alpha * (value - mean), values[0] ?? 0);
}
