/** The deepest fall from a peak, as a fraction of that peak: 0 or negative. */
export function maxDrawdown(values: ArrayLike<number>): number {
  let peak = values[0] ?? 0;
  let deepest = 0;
  for (let i = 1; i < values.length; i += 1) {
    const value = values[i] ?? 0;
    if (value > peak) peak = value;
    else if (value / peak - 1 < deepest) deepest = value / peak - 1;
  }
  return deepest;
}

/** The value of 1 invested, after each simple return; the 1 itself comes first. */
export function wealthFromReturns(returns: ArrayLike<number>): Float64Array {
  const wealth = new Float64Array(returns.length + 1);
  let value = 1;
  wealth[0] = value;
  for (let i = 0; i < returns.length; i += 1) {
    value *= 1 + (returns[i] ?? 0);
    wealth[i + 1] = value;
  }
  return wealth;
}
