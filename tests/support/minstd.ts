/**
 * The reference series: Lehmer's generator with multiplier 16807 modulo 2^31 - 1 ("minstd" of the
 * C++ standard), turned into log returns between -0.02 and 0.02.
 */
export function minstdReturns(count: number, seed = 1): Float64Array {
  let state = seed;
  return Float64Array.from({ length: count }, () => {
    state = state * 16_807 % MODULUS;
    return (state / MODULUS - 0.5) * 0.04;
  });
}

export function minstdState(steps: number, seed = 1): number {
  let state = seed;
  for (let i = 0; i < steps; i += 1) state = state * 16_807 % MODULUS;
  return state;
}

/** Closes from 100 on weekdays, so that the log returns between them are the reference series. */
export function minstdCloses(
  count: number,
  { seed = 1, firstDay = 18_871, start = 100 }: {
    seed?: number;
    firstDay?: number;
    start?: number;
  } = {},
): { days: Int32Array; closes: Float64Array } {
  const returns = minstdReturns(count - 1, seed);
  const days = new Int32Array(count);
  const closes = new Float64Array(count);
  let day = firstDay;
  let close = start;
  for (let i = 0; i < count; i += 1) {
    while ((day + 3) % 7 > 4) day += 1;
    days[i] = day;
    closes[i] = close;
    close *= Math.exp(returns[i] ?? 0);
    day += 1;
  }
  return { days, closes };
}

const MODULUS = 2_147_483_647;
