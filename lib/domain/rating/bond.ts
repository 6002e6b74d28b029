import { accept, refuse, type Result } from "../result.ts";
import type { CivilDay } from "./civil_day.ts";
import { type BondTerms, type CouponPosition, couponPosition } from "./coupon_schedule.ts";
import type { RatingRefusal } from "./problem_codes.ts";

/** Prices are per 100 of face, yields fractions a year, durations years, convexity years squared. */
export interface BondAnalytics {
  readonly position: CouponPosition;
  readonly accruedInterest: number;
  readonly cleanPrice: number;
  readonly dirtyPrice: number;
  readonly yieldToMaturity: number;
  readonly macaulayDuration: number;
  readonly modifiedDuration: number;
  readonly convexity: number;
  /** Price points per 100 of face for one basis point of yield. */
  readonly dv01: number;
}

/** Analytics from a yield. */
export function bondFromYield(
  terms: BondTerms,
  { settlement, yieldToMaturity }: { settlement: CivilDay; yieldToMaturity: number },
): Result<BondAnalytics, RatingRefusal> {
  const position = couponPosition(terms, settlement);
  if (!position.ok) return position;
  return analytics(terms, position.value, yieldToMaturity);
}

/**
 * Analytics from a clean price. Newton from the coupon rate on the dirty price, at most
 * `NEWTON_STEPS_MAX` steps, then bisection on [-0.99, 10].
 */
export function bondFromCleanPrice(
  terms: BondTerms,
  { settlement, cleanPrice }: { settlement: CivilDay; cleanPrice: number },
): Result<BondAnalytics, RatingRefusal> {
  const position = couponPosition(terms, settlement);
  if (!position.ok) return position;
  const dirty = cleanPrice + position.value.accruedInterest;
  if (!(cleanPrice > 0 && dirty > 0)) return refuse(NON_POSITIVE_PRICE);
  const solved = solveYield(terms, position.value, dirty);
  if (solved === null) return refuse(NO_CONVERGENCE);
  return analytics(terms, position.value, solved);
}

const NON_POSITIVE_PRICE: RatingRefusal = {
  code: "non_positive_price",
  detail: "A bond needs a clean price above 0, as a percentage of par",
  pointer: "/quote/last",
};

const NO_CONVERGENCE: RatingRefusal = {
  code: "no_convergence",
  detail:
    "No yield between -99 % and 1000 % a year gives this price. Check the price, which is a " +
    "percentage of par, and the coupon rate, which is a fraction",
};

const NEWTON_STEPS_MAX = 50;
const BISECTION_STEPS_MAX = 200;
const YIELD_MIN = -0.99;
const YIELD_MAX = 10;
const YIELD_TOLERANCE = 1e-13;

/** Dirty price, its two derivatives by yield, and the sum of time times present value. */
interface PriceCurve {
  readonly price: number;
  readonly slope: number;
  readonly curvature: number;
  readonly timeWeighted: number;
}

function analytics(
  terms: BondTerms,
  position: CouponPosition,
  yieldToMaturity: number,
): Result<BondAnalytics, RatingRefusal> {
  const curve = priceCurve(terms, position, yieldToMaturity);
  if (!(Number.isFinite(curve.price) && curve.price > 0 && Number.isFinite(curve.curvature))) {
    return refuse(NO_CONVERGENCE);
  }
  const modifiedDuration = -curve.slope / curve.price;
  return accept({
    position,
    accruedInterest: position.accruedInterest,
    cleanPrice: curve.price - position.accruedInterest,
    dirtyPrice: curve.price,
    yieldToMaturity,
    macaulayDuration: curve.timeWeighted / curve.price,
    modifiedDuration,
    convexity: curve.curvature / curve.price,
    dv01: curve.price * modifiedDuration * 1e-4,
  });
}

function solveYield(terms: BondTerms, position: CouponPosition, dirty: number): number | null {
  let guess = terms.couponRate > 0 ? terms.couponRate : 0.05;
  for (let step = 0; step < NEWTON_STEPS_MAX; step += 1) {
    const curve = priceCurve(terms, position, guess);
    const next = guess - (curve.price - dirty) / curve.slope;
    if (!(next > YIELD_MIN && next < YIELD_MAX)) break;
    if (Math.abs(next - guess) < YIELD_TOLERANCE) return next;
    guess = next;
  }
  return bisectYield(terms, position, dirty);
}

function bisectYield(terms: BondTerms, position: CouponPosition, dirty: number): number | null {
  let low = YIELD_MIN;
  let high = YIELD_MAX;
  if (priceCurve(terms, position, high).price > dirty) return null;
  if (priceCurve(terms, position, low).price < dirty) return null;
  for (let step = 0; step < BISECTION_STEPS_MAX && high - low > YIELD_TOLERANCE; step += 1) {
    const middle = (low + high) / 2;
    if (priceCurve(terms, position, middle).price > dirty) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

function priceCurve(terms: BondTerms, position: CouponPosition, yearly: number): PriceCurve {
  const isLinear = terms.yieldConvention === "ust_31cfr356" ||
    (terms.yieldConvention === "street" && position.remaining === 1);
  return isLinear
    ? linearFirstPeriod(terms, position, yearly)
    : compoundThroughout(terms, position, yearly);
}

/** Every flow discounted by (1 + y/f)^-(w + k). */
function compoundThroughout(
  terms: BondTerms,
  position: CouponPosition,
  yearly: number,
): PriceCurve {
  const { frequency, periodsToNext: w, remaining } = position;
  const v = 1 / (1 + yearly / frequency);
  let discount = v ** w;
  let price = 0;
  let timeWeighted = 0;
  let curvature = 0;
  for (let k = 0; k < remaining; k += 1) {
    const present = flow(terms, position, k) * discount;
    const time = (w + k) / frequency;
    price += present;
    timeWeighted += time * present;
    curvature += time * (time + 1 / frequency) * present;
    discount *= v;
  }
  return { price, slope: -timeWeighted * v, curvature: curvature * v * v, timeWeighted };
}

/** Simple interest to the first coupon, compound after it. */
function linearFirstPeriod(terms: BondTerms, position: CouponPosition, yearly: number): PriceCurve {
  const { frequency, periodsToNext: w, remaining } = position;
  const v = 1 / (1 + yearly / frequency);
  const first = 1 + w * yearly / frequency;
  const firstSlope = w / frequency;
  let discount = 1;
  let sum = 0;
  let slope = 0;
  let curvature = 0;
  let timeWeighted = 0;
  for (let k = 0; k < remaining; k += 1) {
    const present = flow(terms, position, k) * discount;
    const time = k / frequency;
    sum += present;
    slope -= time * present * v;
    curvature += time * (time + 1 / frequency) * present * v * v;
    timeWeighted += (w + k) / frequency * present;
    discount *= v;
  }
  const price = sum / first;
  const priceSlope = (slope - price * firstSlope) / first;
  return {
    price,
    slope: priceSlope,
    curvature: (curvature - 2 * priceSlope * firstSlope) / first,
    timeWeighted: timeWeighted / first,
  };
}

/** What the holder receives at the k-th coupon from now, per 100 of face. */
function flow(terms: BondTerms, position: CouponPosition, k: number): number {
  const isLost = k === 0 && position.isExDividend;
  const coupon = terms.couponFrequency === 0 || isLost
    ? 0
    : terms.couponRate / terms.couponFrequency * 100;
  return k === position.remaining - 1 ? coupon + 100 : coupon;
}
