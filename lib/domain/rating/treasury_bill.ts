import { accept, refuse, type Result } from "../result.ts";
import { addMonths, civilDate, type CivilDay, civilDay, formatCivilDay } from "./civil_day.ts";
import type { RatingRefusal } from "./problem_codes.ts";

export interface BillAnalytics {
  readonly discountRate: number;
  readonly equivalentYield: number;
  readonly years: number;
  readonly modifiedDuration: number;
  readonly convexity: number;
}

/** Yield and sensitivities of a bill from its price per 100 of face. */
export function billAnalytics(
  { price, settlement, maturity }: { price: number; settlement: CivilDay; maturity: CivilDay },
): Result<BillAnalytics, RatingRefusal> {
  const days = maturity - settlement;
  if (days <= 0) {
    return refuse({
      code: "matured",
      detail: `The bill matured on ${formatCivilDay(maturity)}. ` +
        "Use a settlement date before maturity",
      pointer: "/instrument/bond/maturity_date",
    });
  }
  if (days > BILL_DAYS_MAX) {
    return refuse({
      code: "validation_failed",
      detail: "A bill runs for a year at most. Describe longer paper as a zero-coupon bond",
      pointer: "/instrument/bond/maturity_date",
    });
  }
  const yearDays = daysInYearFrom(settlement);
  const found = billEquivalentYield({ price, days, yearDays });
  if (!found.ok) return found;
  return accept({
    discountRate: billDiscountFromPrice({ price, days }),
    equivalentYield: found.value,
    years: days / yearDays,
    ...billSensitivities(found.value, { days, yearDays }),
  });
}

/** Price per 100 of face from a bank discount rate. Source: 31 CFR 356 Appendix B, VI.A. */
export function billPriceFromDiscount(
  { discountRate, days }: { discountRate: number; days: number },
): number {
  return 100 * (1 - discountRate * days / 360);
}

/** Bank discount rate from the price per 100 of face. */
export function billDiscountFromPrice({ price, days }: { price: number; days: number }): number {
  return (100 - price) / 100 * 360 / days;
}

/**
 * Bond equivalent yield. Up to half a year simple; longer bills by the positive root of the
 * quadratic that grants half a year's interest on interest. Source: 31 CFR 356 Appendix B, VI.D.
 * `yearDays` is 366 when the year after issue holds a 29 February.
 */
export function billEquivalentYield(
  { price, days, yearDays }: { price: number; days: number; yearDays: number },
): Result<number, RatingRefusal> {
  if (!(price > 0) || !(days > 0)) {
    return refuse({
      code: "non_positive_price",
      detail: "A bill needs a price and a number of days above 0",
    });
  }
  if (days <= yearDays / 2) return accept((100 - price) / price * yearDays / days);
  const a = days / (2 * yearDays) - 0.25;
  const b = days / yearDays;
  const c = (price - 100) / price;
  const discriminant = b * b - 4 * a * c;
  if (discriminant < 0) {
    return refuse({ code: "no_convergence", detail: "No yield gives this bill price" });
  }
  if (a === 0) return accept(-c / b);
  return accept((-b + Math.sqrt(discriminant)) / (2 * a));
}

const BILL_DAYS_MAX = 366;

/** The price is 100 over (1 + A y)(1 + B y); with u and v the relative slopes of the two factors. */
function billSensitivities(
  y: number,
  { days, yearDays }: { days: number; yearDays: number },
): { modifiedDuration: number; convexity: number } {
  const isLong = days > yearDays / 2;
  const a = isLong ? days / yearDays - 0.5 : days / yearDays;
  const b = isLong ? 0.5 : 0;
  const u = a / (1 + a * y);
  const v = b / (1 + b * y);
  return { modifiedDuration: u + v, convexity: (u + v) * (u + v) + u * u + v * v };
}

function daysInYearFrom(day: CivilDay): number {
  const next = addMonths(civilDate(day), 12);
  return civilDay(next.year, next.month, next.day) - day;
}
