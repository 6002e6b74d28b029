import { normalDensity, normalDistribution } from "./normal.ts";

/**
 * A European option under Black-Scholes-Merton with a continuous carry, or Black-76 when
 * `model` says so (then `underlyingPrice` is the forward and `dividendYield` is not used).
 * Rates and volatility are fractions a year, time is years.
 */
export interface EuropeanOption {
  readonly model: "black_scholes_merton" | "black_76";
  readonly optionType: "call" | "put";
  readonly underlyingPrice: number;
  readonly strikePrice: number;
  readonly timeYears: number;
  readonly riskFreeRate: number;
  readonly dividendYield: number;
  readonly volatility: number;
}

export interface OptionValue {
  readonly price: number;
  /** Per 1.00 of the underlying; null exactly at the money with no time or no volatility left. */
  readonly delta: number | null;
  readonly gamma: number;
  /** Per 1.00 of volatility. */
  readonly vega: number;
  /** Per year. */
  readonly theta: number;
  /** Per calendar day: theta / 365. */
  readonly thetaPerDay: number;
  /** Per 1.00 of the risk-free rate. */
  readonly rho: number;
  /** Per 1.00 of the dividend yield; 0 under Black-76. */
  readonly dividendRho: number;
  /** Delta times underlying over price; null where the price is 0. */
  readonly elasticity: number | null;
}

/** Price and Greeks. Source: Black and Scholes 1973, Merton 1973, Black 1976. */
export function valueOption(option: EuropeanOption): OptionValue {
  const total = option.volatility * Math.sqrt(option.timeYears);
  return total > 0 ? valueWithTime(option, total) : valueAtIntrinsic(option);
}

/** The price alone, for solvers. */
export function optionPrice(option: EuropeanOption): number {
  const total = option.volatility * Math.sqrt(option.timeYears);
  if (!(total > 0)) return valueAtIntrinsic(option).price;
  const { d1, d2, discountedUnderlying, discountedStrike, sign } = blackTerms(option, total);
  return sign * (discountedUnderlying * normalDistribution(sign * d1) -
    discountedStrike * normalDistribution(sign * d2));
}

/** Underlying and strike as seen today: S e^(-qT) and K e^(-rT). */
export function presentTerms(
  option: EuropeanOption,
): { discountedUnderlying: number; discountedStrike: number } {
  const { timeYears, riskFreeRate } = option;
  return {
    discountedUnderlying: option.underlyingPrice * Math.exp(-carryYield(option) * timeYears),
    discountedStrike: option.strikePrice * Math.exp(-riskFreeRate * timeYears),
  };
}

/** d1 and d2, with the discounted legs. */
export function blackTerms(option: EuropeanOption, totalVolatility: number): {
  d1: number;
  d2: number;
  discountedUnderlying: number;
  discountedStrike: number;
  sign: 1 | -1;
} {
  const present = presentTerms(option);
  const moneyness = Math.log(option.underlyingPrice / option.strikePrice) +
    (option.riskFreeRate - carryYield(option)) * option.timeYears;
  const d1 = moneyness / totalVolatility + totalVolatility / 2;
  return {
    d1,
    d2: d1 - totalVolatility,
    ...present,
    sign: option.optionType === "call" ? 1 : -1,
  };
}

const DAYS_IN_YEAR = 365;

/** Black-76 discounts the forward at the risk-free rate, as if that were the dividend yield. */
function carryYield(option: EuropeanOption): number {
  return option.model === "black_76" ? option.riskFreeRate : option.dividendYield;
}

function valueWithTime(option: EuropeanOption, total: number): OptionValue {
  const { timeYears: time, underlyingPrice: spot, riskFreeRate: rate, volatility } = option;
  const carry = carryYield(option);
  const { d1, d2, discountedUnderlying, discountedStrike, sign } = blackTerms(option, total);
  const n1 = normalDistribution(sign * d1);
  const n2 = normalDistribution(sign * d2);
  const density = normalDensity(d1);
  const price = sign * (discountedUnderlying * n1 - discountedStrike * n2);
  const delta = sign * (discountedUnderlying / spot) * n1;
  const theta = -discountedUnderlying * density * volatility / (2 * Math.sqrt(time)) +
    sign * (carry * discountedUnderlying * n1 - rate * discountedStrike * n2);
  const isBlack76 = option.model === "black_76";
  return {
    price,
    delta,
    gamma: discountedUnderlying * density / (spot * spot * total),
    vega: discountedUnderlying * density * Math.sqrt(time),
    theta,
    thetaPerDay: theta / DAYS_IN_YEAR,
    rho: isBlack76 ? -time * price : sign * time * discountedStrike * n2,
    dividendRho: isBlack76 ? 0 : -sign * time * discountedUnderlying * n1,
    elasticity: price > 0 ? delta * spot / price : null,
  };
}

function valueAtIntrinsic(option: EuropeanOption): OptionValue {
  const { discountedUnderlying, discountedStrike } = presentTerms(option);
  const sign = option.optionType === "call" ? 1 : -1;
  const intrinsic = sign * (discountedUnderlying - discountedStrike);
  const price = Math.max(0, intrinsic);
  const carryFactor = discountedUnderlying / option.underlyingPrice;
  const inTheMoney = intrinsic > 0;
  const isBlack76 = option.model === "black_76";
  const delta = intrinsic === 0 ? null : inTheMoney ? sign * carryFactor : 0;
  return {
    price,
    delta,
    gamma: 0,
    vega: 0,
    theta: 0,
    thetaPerDay: 0,
    rho: !inTheMoney
      ? 0
      : isBlack76
      ? -option.timeYears * price
      : sign * option.timeYears * discountedStrike,
    dividendRho: inTheMoney && !isBlack76 ? -sign * option.timeYears * discountedUnderlying : 0,
    elasticity: price > 0 && delta !== null ? delta * option.underlyingPrice / price : null,
  };
}
