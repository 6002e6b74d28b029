/** A civil day as a count of days since 1970-01-01. No zone, no clock time. */
export type CivilDay = number;

export interface CivilDate {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  /** 1 to 31. */
  readonly day: number;
}

export const DAY_MS = 86_400_000;

/** Howard Hinnant's `days_from_civil`: exact over the whole proleptic Gregorian calendar. */
export function civilDay(year: number, month: number, day: number): CivilDay {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) +
    dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

export function civilDate(day: CivilDay): CivilDate {
  const shifted = day + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra -
    (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1,
  };
}

/** Reads `YYYY-MM-DD`; null for anything else, including days that do not exist. */
export function parseCivilDay(text: string): CivilDay | null {
  if (text.length !== 10 || text.charCodeAt(4) !== DASH || text.charCodeAt(7) !== DASH) return null;
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 7);
  const day = digits(text, 8, 10);
  if (year < 0 || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return null;
  return civilDay(year, month, day);
}

export function formatCivilDay(day: CivilDay): string {
  const { year, month, day: dayOfMonth } = civilDate(day);
  return `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}-${
    String(dayOfMonth).padStart(2, "0")
  }`;
}

export function civilDayOfMs(epochMs: number): CivilDay {
  return Math.floor(epochMs / DAY_MS);
}

export function isLeapYear(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

export function daysInMonth(year: number, month: number): number {
  if (month === 2) return isLeapYear(year) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** The same day of month `months` later or earlier, clipped to the end of a shorter month. */
export function addMonths(date: CivilDate, months: number): CivilDate {
  const index = date.year * 12 + date.month - 1 + months;
  const year = Math.floor(index / 12);
  const month = index - year * 12 + 1;
  return { year, month, day: Math.min(date.day, daysInMonth(year, month)) };
}

/** Monday is 0, Sunday is 6. */
export function weekday(day: CivilDay): number {
  return ((day + 3) % 7 + 7) % 7;
}

/** Monday to Friday days in (from, to]; exchange holidays are not known here. */
export function weekdaysBetween(from: CivilDay, to: CivilDay): number {
  if (to <= from) return 0;
  return weekdaysSinceMonday(to) - weekdaysSinceMonday(from);
}

function weekdaysSinceMonday(day: CivilDay): number {
  const fromMonday = day + 3;
  const week = Math.floor(fromMonday / 7);
  return week * 5 + Math.min(fromMonday - week * 7 + 1, 5);
}

const DASH = 45;
const ZERO = 48;

/** The number written by decimal digits in [from, to), or -1. */
function digits(text: string, from: number, to: number): number {
  let value = 0;
  for (let i = from; i < to; i += 1) {
    const digit = text.charCodeAt(i) - ZERO;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}
