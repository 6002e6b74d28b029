import { accept, refuse, type Result } from "../result.ts";
import type { PriceFrequency } from "./price_series.ts";
import type { RatingRefusal } from "./problem_codes.ts";

/**
 * PRIIPs risk classes. Source: Delegated Regulation (EU) 2017/653, Annex II, as consolidated on
 * 2023-01-01. The constants are the rounded ones that the regulation prints.
 */
export type RiskClass = 1 | 2 | 3 | 4 | 5 | 6 | 7;

export type CreditClass = 1 | 2 | 3 | 4 | 5 | 6;

/** Credit quality step: 0 is the best, 6 the worst. */
export type CreditQualityStep = 0 | 1 | 2 | 3 | 4 | 5 | 6;

/** Trading periods a year that the regulation counts. */
export const PRIIPS_PERIODS = { daily: 256, weekly: 52, monthly: 12 } as const;

/** Returns needed: two years of days, four of weeks, five of months. */
export const PRIIPS_RETURNS_MIN = { daily: 504, weekly: 208, monthly: 60 } as const;

/** History beyond this is not used. */
export const PRIIPS_YEARS_MAX = 5;

export interface ReturnShape {
  /** Population deviation of log returns, per period. */
  readonly deviation: number;
  readonly skewness: number;
  readonly excessKurtosis: number;
}

/**
 * Value at risk at 97.5 % over the holding period, as a log return: negative for a loss, and it
 * may be below -1. Annex II, point 12.
 */
export function priipsValueAtRisk(
  { deviation, skewness, excessKurtosis }: ReturnShape,
  periods: number,
): number {
  const root = Math.sqrt(periods);
  const quantile = -1.96 + 0.474 * skewness / root - 0.0687 * excessKurtosis / periods +
    0.146 * skewness * skewness / periods;
  return deviation * root * quantile - 0.5 * deviation * deviation * periods;
}

/** The yearly volatility that would give this value at risk. Annex II, point 13. */
export function varEquivalentVolatility(
  valueAtRisk: number,
  holdingYears: number,
): Result<number, RatingRefusal> {
  const square = 3.842 - 2 * valueAtRisk;
  if (!(square >= 0)) {
    return refuse({
      code: "insufficient_data",
      detail: "The returns are so skewed to gains that no equivalent volatility exists. " +
        "Check the history for a wrong close",
      pointer: "/history",
    });
  }
  return accept((Math.sqrt(square) - 1.96) / Math.sqrt(holdingYears));
}

/** Market risk measure. Lower bounds are inclusive; monthly prices raise the class by one. */
export function marketRiskClass(volatility: number, frequency: PriceFrequency): RiskClass {
  const base = volatilityClass(volatility);
  return frequency === "monthly" ? riskClass(Math.min(base + 1, 7)) : base;
}

export function volatilityClass(volatility: number): RiskClass {
  if (volatility < 0.005) return 1;
  if (volatility < 0.05) return 2;
  if (volatility < 0.12) return 3;
  if (volatility < 0.2) return 4;
  if (volatility < 0.3) return 5;
  return volatility < 0.8 ? 6 : 7;
}

/** Credit risk measure from a credit quality step and the years to maturity or recommended end. */
export function creditRiskClass(step: CreditQualityStep, years: number): CreditClass {
  const column = years <= 1 ? 0 : years <= 12 ? 1 : 2;
  return CREDIT_CLASSES[column]?.[step] ?? 6;
}

/** Summary risk indicator from both measures. Annex II, point 52. */
export function summaryRiskIndicator(market: RiskClass, credit: CreditClass): RiskClass {
  if (market === 7) return 7;
  return riskClass(Math.max(market, CREDIT_FLOOR[credit - 1] ?? 6));
}

/**
 * 0 to 100, for display: the indicator's seventh of the scale, and within it the position of the
 * volatility in its own class (logarithmic, linear in the first).
 */
export function scoreOutOf100(indicator: RiskClass, volatility: number): number {
  const ownClass = volatilityClass(volatility);
  const low = CLASS_BOUNDS[ownClass - 1] ?? 0;
  const high = CLASS_BOUNDS[ownClass] ?? 2;
  const within = ownClass === 1
    ? Math.max(0, volatility / high)
    : Math.log(volatility / low) / Math.log(high / low);
  return (indicator - 1 + Math.min(within, 1)) * 100 / 7;
}

const CLASS_BOUNDS = [0, 0.005, 0.05, 0.12, 0.2, 0.3, 0.8, 2];

/** Rows: up to 1 year, up to 12, longer. A credit class is at least 1. */
const CREDIT_CLASSES: readonly (readonly CreditClass[])[] = [
  [1, 1, 1, 2, 3, 4, 6],
  [1, 1, 2, 3, 4, 5, 6],
  [1, 1, 2, 3, 5, 6, 6],
];

/** The lowest indicator that each credit class allows. */
const CREDIT_FLOOR: readonly RiskClass[] = [1, 1, 3, 5, 5, 6];

function riskClass(value: number): RiskClass {
  for (const candidate of RISK_CLASSES) if (candidate === value) return candidate;
  return 7;
}

const RISK_CLASSES = [1, 2, 3, 4, 5, 6, 7] as const;
