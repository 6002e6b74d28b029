import { accept, refuse, type Result } from "../result.ts";
import { blackTerms, type EuropeanOption, optionPrice, presentTerms } from "./european_option.ts";
import { normalDensity } from "./normal.ts";
import type { RatingRefusal } from "./problem_codes.ts";

const VOLATILITY_MIN = 1e-6;
const VOLATILITY_MAX = 5;
const MAX_STEPS = 100;
const TOLERANCE = 1e-12;
const VEGA_FLOOR = 1e-10;

/**
 * The volatility at which the model gives `price`. Newton from Manaster and Koehler's start, kept
 * inside a shrinking bracket; a step that leaves the bracket, or a vega that vanishes, bisects.
 * Refuses a price at or beyond the no-arbitrage bounds, and one that no volatility up to
 * `VOLATILITY_MAX` reaches.
 */
export function impliedVolatility(
  option: Omit<EuropeanOption, "volatility">,
  price: number,
): Result<number, RatingRefusal> {
  const bounds = priceBounds(option);
  if (!(price > bounds.low && price < bounds.high)) {
    return refuse({
      code: "price_outside_arbitrage_bounds",
      detail: `No volatility gives the option price ${price}: it must lie between ${bounds.low} ` +
        `and ${bounds.high}. Check price, strike, underlying price and rates`,
    });
  }
  const found = solve(option, price);
  return found === null ? refuse(NO_CONVERGENCE) : accept(found);
}

/** Exclusive bounds: discounted intrinsic value below, the discounted asset (or strike) above. */
function priceBounds(
  option: Omit<EuropeanOption, "volatility">,
): { low: number; high: number } {
  const { discountedUnderlying, discountedStrike } = presentTerms({ ...option, volatility: 0 });
  return option.optionType === "call"
    ? { low: Math.max(0, discountedUnderlying - discountedStrike), high: discountedUnderlying }
    : { low: Math.max(0, discountedStrike - discountedUnderlying), high: discountedStrike };
}

const NO_CONVERGENCE: RatingRefusal = {
  code: "no_convergence",
  detail:
    `No volatility between ${VOLATILITY_MIN} and ${VOLATILITY_MAX} gives this option price. ` +
    "Check the price and the time to expiry",
};

function solve(option: Omit<EuropeanOption, "volatility">, price: number): number | null {
  let low = VOLATILITY_MIN;
  let high = VOLATILITY_MAX;
  if (optionPrice({ ...option, volatility: high }) < price) return null;
  if (optionPrice({ ...option, volatility: low }) > price) return null;
  let volatility = startingPoint(option);
  for (let step = 0; step < MAX_STEPS; step += 1) {
    const difference = optionPrice({ ...option, volatility }) - price;
    if (difference === 0) return volatility;
    if (difference > 0) high = volatility;
    else low = volatility;
    const vega = vegaAt(option, volatility);
    const newton = vega < VEGA_FLOOR ? NaN : volatility - difference / vega;
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - volatility) < TOLERANCE || high - low < TOLERANCE) return next;
    volatility = next;
  }
  return null;
}

function startingPoint(option: Omit<EuropeanOption, "volatility">): number {
  const { discountedUnderlying, discountedStrike } = presentTerms({ ...option, volatility: 0 });
  const distance = Math.abs(Math.log(discountedUnderlying / discountedStrike));
  const start = Math.sqrt(2 * distance / option.timeYears);
  return Math.min(Math.max(start, 0.1), 2);
}

function vegaAt(option: Omit<EuropeanOption, "volatility">, volatility: number): number {
  const time = Math.sqrt(option.timeYears);
  const { d1, discountedUnderlying } = blackTerms({ ...option, volatility }, volatility * time);
  return discountedUnderlying * normalDensity(d1) * time;
}
