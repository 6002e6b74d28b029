/**
 * The normal distribution: density, distribution and quantile.
 * Distribution: complementary error function by W. J. Cody, "Rational Chebyshev approximations for
 * the error function", Math. Comp. 23 (1969), full relative precision in the tails.
 * Quantile: M. J. Wichura, "Algorithm AS 241", Applied Statistics 37 (1988), routine PPND16.
 */
export function normalDensity(x: number): number {
  return INVERSE_SQRT_TWO_PI * Math.exp(-0.5 * x * x);
}

/** P(X <= x). `normalDistribution(-8)` is 6.220960574271785e-16, not 0. */
export function normalDistribution(x: number): number {
  const y = Math.abs(x) * Math.SQRT1_2;
  if (y <= 0.46875) return 0.5 - 0.5 * errorFunctionNearZero(-x * Math.SQRT1_2);
  // The exponential is taken of x itself: the rounding of x / sqrt(2) would grow with x^2.
  const tail = 0.5 * scaledTail(y) * splitExponential(Math.abs(x), 0.5);
  return x < 0 ? tail : 1 - tail;
}

/** The x with P(X <= x) = p, for 0 < p < 1. */
export function normalQuantile(p: number): number {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return q * horner(CENTRAL_NUMERATOR, r) / horner(CENTRAL_DENOMINATOR, r);
  }
  const r = Math.sqrt(-Math.log(q < 0 ? p : 1 - p));
  const x = r <= 5
    ? horner(MIDDLE_NUMERATOR, r - 1.6) / horner(MIDDLE_DENOMINATOR, r - 1.6)
    : horner(TAIL_NUMERATOR, r - 5) / horner(TAIL_DENOMINATOR, r - 5);
  return q < 0 ? -x : x;
}

/** erfc(x) = 2/sqrt(pi) times the integral of exp(-t^2) from x to infinity. */
export function complementaryErrorFunction(x: number): number {
  const y = Math.abs(x);
  if (y <= 0.46875) return 1 - errorFunctionNearZero(x);
  const tail = scaledTail(y) * splitExponential(y, 1);
  return x < 0 ? 2 - tail : tail;
}

const INVERSE_SQRT_TWO_PI = 0.3989422804014327;
const INVERSE_SQRT_PI = 0.5641895835477563;

function errorFunctionNearZero(x: number): number {
  const square = x * x;
  let numerator = A4 * square;
  let denominator = square;
  for (let i = 0; i < 3; i += 1) {
    numerator = (numerator + at(A, i)) * square;
    denominator = (denominator + at(B, i)) * square;
  }
  return x * (numerator + at(A, 3)) / (denominator + at(B, 3));
}

/** exp(y^2) erfc(y), for y beyond 0.46875. */
function scaledTail(y: number): number {
  return y <= 4 ? middleTail(y) : farTail(y);
}

function middleTail(y: number): number {
  let numerator = C8 * y;
  let denominator = y;
  for (let i = 0; i < 7; i += 1) {
    numerator = (numerator + at(C, i)) * y;
    denominator = (denominator + at(D, i)) * y;
  }
  return (numerator + at(C, 7)) / (denominator + at(D, 7));
}

function farTail(y: number): number {
  const inverse = 1 / (y * y);
  let numerator = P5 * inverse;
  let denominator = inverse;
  for (let i = 0; i < 4; i += 1) {
    numerator = (numerator + at(P, i)) * inverse;
    denominator = (denominator + at(Q, i)) * inverse;
  }
  const correction = inverse * (numerator + at(P, 4)) / (denominator + at(Q, 4));
  return (INVERSE_SQRT_PI - correction) / y;
}

/** exp(-factor y^2) in two parts, so that the rounding of y^2 is not magnified. */
function splitExponential(y: number, factor: number): number {
  const head = Math.trunc(y * 16) / 16;
  return Math.exp(-head * head * factor) * Math.exp(-(y - head) * (y + head) * factor);
}

/** Coefficients in rising order of power. */
function horner(coefficients: readonly number[], x: number): number {
  let sum = 0;
  for (let i = coefficients.length - 1; i >= 0; i -= 1) sum = sum * x + at(coefficients, i);
  return sum;
}

function at(table: readonly number[], index: number): number {
  return table[index] ?? 0;
}

const A4 = 1.85777706184603153e-1;
const A = [
  3.16112374387056560,
  1.13864154151050156e2,
  3.77485237685302021e2,
  3.20937758913846947e3,
];
const B = [
  2.36012909523441209e1,
  2.44024637934444173e2,
  1.28261652607737228e3,
  2.84423683343917062e3,
];
const C8 = 2.15311535474403846e-8;
const C = [
  5.64188496988670089e-1,
  8.88314979438837594,
  6.61191906371416295e1,
  2.98635138197400131e2,
  8.81952221241769090e2,
  1.71204761263407058e3,
  2.05107837782607147e3,
  1.23033935479799725e3,
];
const D = [
  1.57449261107098347e1,
  1.17693950891312499e2,
  5.37181101862009858e2,
  1.62138957456669019e3,
  3.29079923573345963e3,
  4.36261909014324716e3,
  3.43936767414372164e3,
  1.23033935480374942e3,
];
const P5 = 1.63153871373020978e-2;
const P = [
  3.05326634961232344e-1,
  3.60344899949804439e-1,
  1.25781726111229246e-1,
  1.60837851487422766e-2,
  6.58749161529837803e-4,
];
const Q = [
  2.56852019228982242,
  1.87295284992346725,
  5.27905102951428412e-1,
  6.05183413124413191e-2,
  2.33520497626869185e-3,
];

const CENTRAL_NUMERATOR = [
  3.3871328727963666080,
  1.3314166789178437745e2,
  1.9715909503065514427e3,
  1.3731693765509461125e4,
  4.5921953931549871457e4,
  6.7265770927008700853e4,
  3.3430575583588128105e4,
  2.5090809287301226727e3,
];
const CENTRAL_DENOMINATOR = [
  1,
  4.2313330701600911252e1,
  6.8718700749205790830e2,
  5.3941960214247511077e3,
  2.1213794301586595867e4,
  3.9307895800092710610e4,
  2.8729085735721942674e4,
  5.2264952788528545610e3,
];
const MIDDLE_NUMERATOR = [
  1.42343711074968357734,
  4.63033784615654529590,
  5.76949722146069140550,
  3.64784832476320460504,
  1.27045825245236838258,
  2.41780725177450611770e-1,
  2.27238449892691845833e-2,
  7.74545014278341407640e-4,
];
const MIDDLE_DENOMINATOR = [
  1,
  2.05319162663775882187,
  1.67638483018380384940,
  6.89767334985100004550e-1,
  1.48103976427480074590e-1,
  1.51986665636164571966e-2,
  5.47593808499534494600e-4,
  1.05075007164441684324e-9,
];
const TAIL_NUMERATOR = [
  6.65790464350110377720,
  5.46378491116411436990,
  1.78482653991729133580,
  2.96560571828504891230e-1,
  2.65321895265761230930e-2,
  1.24266094738807843860e-3,
  2.71155556874348757815e-5,
  2.01033439929228813265e-7,
];
const TAIL_DENOMINATOR = [
  1,
  5.99832206555887937690e-1,
  1.36929880922735805310e-1,
  1.48753612908506148525e-2,
  7.86869131145613259100e-4,
  1.84631831751005468180e-5,
  1.42151175831644588870e-7,
  2.04426310338993978564e-15,
];
