/** Central moments with the population divisor n, as PRIIPs prescribes. */
export interface Moments {
  readonly count: number;
  readonly mean: number;
  /** Population standard deviation. */
  readonly deviation: number;
  /** Sample standard deviation, divisor n - 1; 0 for fewer than two values. */
  readonly sampleDeviation: number;
  /** 0 where the deviation is 0. */
  readonly skewness: number;
  /** Over the normal distribution's 3; 0 where the deviation is 0. */
  readonly excessKurtosis: number;
}

export function moments(values: ArrayLike<number>): Moments {
  const count = values.length;
  if (count === 0) return NOTHING;
  let sum = 0;
  for (let i = 0; i < count; i += 1) sum += values[i] ?? 0;
  const mean = sum / count;
  let second = 0;
  let third = 0;
  let fourth = 0;
  for (let i = 0; i < count; i += 1) {
    const distance = (values[i] ?? 0) - mean;
    const square = distance * distance;
    second += square;
    third += square * distance;
    fourth += square * square;
  }
  const variance = second / count;
  const deviation = Math.sqrt(variance);
  // Equal returns leave rounding dust, whose skewness and kurtosis would be noise over noise.
  const isFlat = deviation <= FLATNESS * Math.max(Math.abs(mean), Number.MIN_VALUE);
  if (isFlat || !(variance * variance > 0)) {
    return { ...NOTHING, count, mean };
  }
  return {
    count,
    mean,
    deviation,
    sampleDeviation: count > 1 ? Math.sqrt(second / (count - 1)) : 0,
    skewness: third / count / (variance * deviation),
    excessKurtosis: fourth / count / (variance * variance) - 3,
  };
}

const FLATNESS = 1e-9;

const NOTHING: Moments = {
  count: 0,
  mean: 0,
  deviation: 0,
  sampleDeviation: 0,
  skewness: 0,
  excessKurtosis: 0,
};
