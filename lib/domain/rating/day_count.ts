import {
  addMonths,
  type CivilDate,
  civilDate,
  type CivilDay,
  civilDay,
  daysInMonth,
  isLeapYear,
} from "./civil_day.ts";

/** How the time between two days is counted, in years. */
export type DayCount =
  | "act_360"
  | "act_365f"
  | "act_act_isda"
  | "act_act_icma"
  | "30_360_bond_basis"
  | "30e_360"
  | "30_360_us";

export const DAY_COUNTS = [
  "act_360",
  "act_365f",
  "act_act_isda",
  "act_act_icma",
  "30_360_bond_basis",
  "30e_360",
  "30_360_us",
] as const satisfies readonly DayCount[];

/** The reference period that ACT/ACT ICMA divides by. */
export interface ReferencePeriod {
  readonly from: CivilDay;
  readonly to: CivilDay;
  /** Coupons in a year. */
  readonly frequency: number;
}

/**
 * Years from `from` to `to`. Source: 2006 ISDA Definitions 4.16, ICMA Rule 251.
 * ACT/ACT ICMA needs `reference`; without it, the year that starts at `from` serves.
 */
export function yearFraction(
  dayCount: DayCount,
  { from, to, reference }: { from: CivilDay; to: CivilDay; reference?: ReferencePeriod },
): number {
  switch (dayCount) {
    case "act_360":
      return (to - from) / 360;
    case "act_365f":
      return (to - from) / 365;
    case "act_act_isda":
      return yearsByCalendarYear(from, to);
    case "act_act_icma":
      return yearsByReference(from, to, reference ?? yearFrom(from));
    case "30_360_bond_basis":
    case "30e_360":
    case "30_360_us":
      return thirtyDayMonths(dayCount, from, to) / 360;
  }
}

/** Days between two days when every month has 30, by one of the three variants. */
export function thirtyDayMonths(
  dayCount: "30_360_bond_basis" | "30e_360" | "30_360_us",
  from: CivilDay,
  to: CivilDay,
): number {
  const start = civilDate(from);
  const end = civilDate(to);
  let d1 = start.day;
  let d2 = end.day;
  if (dayCount === "30e_360") {
    d1 = Math.min(d1, 30);
    d2 = Math.min(d2, 30);
  } else {
    if (dayCount === "30_360_us" && isEndOfFebruary(start)) {
      if (isEndOfFebruary(end)) d2 = 30;
      d1 = 30;
    }
    if (d2 === 31 && d1 >= 30) d2 = 30;
    if (d1 === 31) d1 = 30;
  }
  return 360 * (end.year - start.year) + 30 * (end.month - start.month) + d2 - d1;
}

export function isThirtyDay(
  dayCount: DayCount,
): dayCount is "30_360_bond_basis" | "30e_360" | "30_360_us" {
  return dayCount === "30_360_bond_basis" || dayCount === "30e_360" || dayCount === "30_360_us";
}

function isEndOfFebruary(date: CivilDate): boolean {
  return date.month === 2 && date.day === daysInMonth(date.year, 2);
}

function yearsByCalendarYear(from: CivilDay, to: CivilDay): number {
  const firstYear = civilDate(from).year;
  const lastYear = civilDate(to).year;
  if (firstYear === lastYear) return (to - from) / daysInYear(firstYear);
  const head = (civilDay(firstYear + 1, 1, 1) - from) / daysInYear(firstYear);
  const tail = (to - civilDay(lastYear, 1, 1)) / daysInYear(lastYear);
  return head + (lastYear - firstYear - 1) + tail;
}

function yearsByReference(from: CivilDay, to: CivilDay, reference: ReferencePeriod): number {
  return (to - from) / (reference.frequency * (reference.to - reference.from));
}

function yearFrom(from: CivilDay): ReferencePeriod {
  const next = addMonths(civilDate(from), 12);
  return { from, to: civilDay(next.year, next.month, next.day), frequency: 1 };
}

function daysInYear(year: number): number {
  return isLeapYear(year) ? 366 : 365;
}
