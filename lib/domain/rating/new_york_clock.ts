import { civilDate, civilDay, civilDayOfMs, weekday } from "./civil_day.ts";

/**
 * Minutes since midnight in New York. Daylight saving by the Energy Policy Act of 2005: from the
 * second Sunday of March, 07:00 UTC, to the first Sunday of November, 06:00 UTC.
 */
export function newYorkMinute(epochMs: number): number {
  const { year } = civilDate(civilDayOfMs(epochMs));
  const start = (firstSunday(year, 3) + 7) * DAY_MINUTES + 7 * 60;
  const end = firstSunday(year, 11) * DAY_MINUTES + 6 * 60;
  const minute = Math.floor(epochMs / 60_000);
  const offset = minute >= start && minute < end ? -4 * 60 : -5 * 60;
  const local = minute + offset;
  return local - Math.floor(local / DAY_MINUTES) * DAY_MINUTES;
}

const DAY_MINUTES = 1_440;

function firstSunday(year: number, month: number): number {
  const first = civilDay(year, month, 1);
  return first + 6 - weekday(first);
}
