/** Decay factors of RiskMetrics, Technical Document, 4th edition, 1996. */
export const EWMA_LAMBDA = { daily: 0.94, weekly: 0.94, monthly: 0.97 } as const;

/** Returns needed before the seed weighs less than one percent: ln(0.01) / ln(0.94), rounded up. */
export const EWMA_RETURNS_MIN = 75;

/** The next variance after a return: lambda * variance + (1 - lambda) * return^2. */
export function ewmaStep(
  variance: number,
  { value, lambda }: { value: number; lambda: number },
): number {
  return lambda * variance + (1 - lambda) * value * value;
}

/** Variance after all returns, seeded with the square of the first. 0 for no returns. */
export function ewmaVariance(returns: Float64Array, lambda: number): number {
  const first = returns[0] ?? 0;
  const weight = 1 - lambda;
  let variance = first * first;
  for (let i = 0; i < returns.length; i += 1) {
    const value = returns[i] ?? 0;
    variance = lambda * variance + weight * value * value;
  }
  return variance;
}
