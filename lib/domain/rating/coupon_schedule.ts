import { accept, refuse, type Result } from "../result.ts";
import {
  addMonths,
  civilDate,
  type CivilDay,
  civilDay,
  daysInMonth,
  formatCivilDay,
} from "./civil_day.ts";
import { type DayCount, isThirtyDay, thirtyDayMonths, yearFraction } from "./day_count.ts";
import type { RatingRefusal } from "./problem_codes.ts";

/** A fixed-rate bullet bond, or a zero when `couponFrequency` is 0. Rates are fractions a year. */
export interface BondTerms {
  readonly couponRate: number;
  readonly couponFrequency: CouponFrequency;
  readonly dayCount: DayCount;
  readonly maturityDay: CivilDay;
  readonly issueDay: CivilDay | null;
  readonly firstCouponDay: CivilDay | null;
  /** Calendar days before a coupon from which the buyer no longer receives it; 0 for none. */
  readonly exDividendDays: number;
  /** Coupons fall on the last day of the month. */
  readonly endOfMonth: boolean;
  readonly yieldConvention: YieldConvention;
}

export type CouponFrequency = 0 | 1 | 2 | 4 | 12;

/**
 * `icma` compounds throughout (ISMA, UK DMO); `street` compounds, and uses simple interest in the
 * last coupon period; `ust_31cfr356` uses simple interest in the first period and compounds after
 * it (31 CFR 356 Appendix B).
 */
export type YieldConvention = "street" | "icma" | "ust_31cfr356";

/** Where a settlement day lies in the coupon schedule. */
export interface CouponPosition {
  readonly previous: CivilDay;
  readonly next: CivilDay;
  /** Coupons still to come, the next one included, whoever receives it. */
  readonly remaining: number;
  /** Days accrued over days in the period, by the bond's day count. */
  readonly accruedPeriods: number;
  /** Periods from settlement to the next coupon. */
  readonly periodsToNext: number;
  /** Interest accrued, per 100 of face; negative when ex-dividend. */
  readonly accruedInterest: number;
  readonly isExDividend: boolean;
  /** Compounding periods a year. */
  readonly frequency: number;
}

const COUPONS_MAX = 2_400;

/** Refuses a matured or unissued bond and one whose first or current coupon is odd. */
export function couponPosition(
  terms: BondTerms,
  settlement: CivilDay,
): Result<CouponPosition, RatingRefusal> {
  const refusal = scheduleRefusal(terms, settlement);
  if (refusal !== null) return refuse(refusal);
  const frequency = terms.couponFrequency === 0 ? ZERO_COMPOUNDING : terms.couponFrequency;
  const remaining = couponsAfter(terms, settlement, 12 / frequency);
  const next = couponDay(terms, (remaining - 1) * 12 / frequency);
  const previous = couponDay(terms, remaining * 12 / frequency);
  if (terms.issueDay !== null && terms.couponFrequency !== 0 && terms.issueDay > previous) {
    return refuse(ODD_COUPON);
  }
  const accruedPeriods = elapsedPeriods(terms, { previous, next, settlement, frequency });
  const isExDividend = terms.exDividendDays > 0 && settlement >= next - terms.exDividendDays;
  return accept({
    previous,
    next,
    remaining,
    accruedPeriods,
    periodsToNext: 1 - accruedPeriods,
    accruedInterest: accruedInterest(terms, {
      previous,
      next,
      settlement,
      accruedPeriods,
      isExDividend,
    }),
    isExDividend,
    frequency,
  });
}

/** The coupon day `months` before maturity. */
function couponDay(terms: BondTerms, months: number): CivilDay {
  const date = addMonths(civilDate(terms.maturityDay), -months);
  const day = terms.endOfMonth ? daysInMonth(date.year, date.month) : date.day;
  return civilDay(date.year, date.month, day);
}

/** A zero is quoted with half-year compounding, as its coupon-bearing neighbours are. */
const ZERO_COMPOUNDING = 2;

const ODD_COUPON: RatingRefusal = {
  code: "odd_coupon_unsupported",
  detail: "The first coupon period is shorter or longer than a regular one. Rate this bond after " +
    "its first coupon, or leave out issue_date and first_coupon_date if the schedule is regular",
  pointer: "/instrument/bond",
};

function scheduleRefusal(terms: BondTerms, settlement: CivilDay): RatingRefusal | null {
  if (settlement >= terms.maturityDay) {
    return {
      code: "matured",
      detail: `The bond matured on ${formatCivilDay(terms.maturityDay)}. ` +
        "Use a settlement date before maturity",
      pointer: "/instrument/bond/maturity_date",
    };
  }
  if (terms.issueDay !== null && settlement < terms.issueDay) {
    return {
      code: "not_issued",
      detail: `The bond is issued on ${formatCivilDay(terms.issueDay)}. ` +
        "Use a settlement date on or after issue",
      pointer: "/instrument/bond/issue_date",
    };
  }
  if (terms.firstCouponDay === null || terms.couponFrequency === 0) return null;
  const months = 12 / terms.couponFrequency;
  const periods = couponsAfter(terms, terms.firstCouponDay - 1, months);
  const isRegular = couponDay(terms, (periods - 1) * months) === terms.firstCouponDay;
  return isRegular ? null : ODD_COUPON;
}

/** How many coupon days lie strictly after `day`. */
function couponsAfter(terms: BondTerms, day: CivilDay, months: number): number {
  const end = civilDate(terms.maturityDay);
  const start = civilDate(day);
  const apart = (end.year - start.year) * 12 + end.month - start.month;
  // The guess is off by one at most: month lengths differ by less than one coupon period.
  let count = Math.max(1, Math.floor(apart / months));
  while (count < COUPONS_MAX && couponDay(terms, count * months) > day) count += 1;
  while (count > 1 && couponDay(terms, (count - 1) * months) <= day) count -= 1;
  return count;
}

function elapsedPeriods(
  terms: BondTerms,
  period: { previous: CivilDay; next: CivilDay; settlement: CivilDay; frequency: number },
): number {
  const { previous, next, settlement, frequency } = period;
  if (!isThirtyDay(terms.dayCount)) return (settlement - previous) / (next - previous);
  return thirtyDayMonths(terms.dayCount, previous, settlement) * frequency / 360;
}

function accruedInterest(
  terms: BondTerms,
  position: {
    previous: CivilDay;
    next: CivilDay;
    settlement: CivilDay;
    accruedPeriods: number;
    isExDividend: boolean;
  },
): number {
  if (terms.couponFrequency === 0) return 0;
  const { previous, next, settlement, accruedPeriods, isExDividend } = position;
  const countsPeriods = isThirtyDay(terms.dayCount) || terms.dayCount === "act_act_icma";
  if (countsPeriods) {
    const periods = isExDividend ? accruedPeriods - 1 : accruedPeriods;
    return terms.couponRate / terms.couponFrequency * 100 * periods;
  }
  const years = isExDividend
    ? -yearFraction(terms.dayCount, { from: settlement, to: next })
    : yearFraction(terms.dayCount, { from: previous, to: settlement });
  return terms.couponRate * 100 * years;
}
