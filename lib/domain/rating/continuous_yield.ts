/** An amount paid `timeYears` from now. */
export interface CashFlow {
  readonly timeYears: number;
  readonly amount: number;
}

/** Value today when money grows by e^(rate * time). */
export function continuousPresentValue(flows: readonly CashFlow[], rate: number): number {
  let sum = 0;
  for (const { timeYears, amount } of flows) sum += amount * Math.exp(-rate * timeYears);
  return sum;
}

/** Time to the average unit of present value, in years. */
export function continuousDuration(flows: readonly CashFlow[], rate: number): number {
  let weighted = 0;
  for (const { timeYears, amount } of flows) {
    weighted += timeYears * amount * Math.exp(-rate * timeYears);
  }
  return weighted / continuousPresentValue(flows, rate);
}

/** The continuously compounded rate at which `flows` are worth `price`; null outside [-1, 10]. */
export function continuousYield(flows: readonly CashFlow[], price: number): number | null {
  let low = -1;
  let high = 10;
  if (continuousPresentValue(flows, low) < price) return null;
  if (continuousPresentValue(flows, high) > price) return null;
  for (let step = 0; step < STEPS; step += 1) {
    const middle = (low + high) / 2;
    if (continuousPresentValue(flows, middle) > price) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Halvings that take an interval of 11 below the spacing of doubles. */
const STEPS = 60;
