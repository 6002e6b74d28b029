import { currencyDecimals } from "@/lib/domain/currency.ts";
import { formatAmount, formatMinor, roundToMinor } from "@/lib/domain/money.ts";
import type { Amount, Units } from "@/lib/domain/plan.ts";

export type TimeStyle =
  | "date"
  | "time"
  | "moment"
  | "minute"
  | "datetime"
  | "day"
  | "hour"
  | "month";

const STYLES: Readonly<Record<TimeStyle, Intl.DateTimeFormatOptions>> = {
  date: { year: "numeric", month: "short", day: "numeric" },
  time: { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" },
  moment: {
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  },
  minute: { hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
  datetime: {
    year: "numeric",
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  },
  day: { month: "short", day: "numeric" },
  hour: { weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
  month: { year: "numeric", month: "long" },
};

/** Formatters are dear to make; locales and zones come from people, so their number is capped. */
const FORMATS_MAX = 200;
const times = new Map<string, Intl.DateTimeFormat>();
const numbers = new Map<string, Intl.NumberFormat>();

export function formatTime(
  atMs: number,
  { style, locale, timeZone }: { style: TimeStyle; locale: string; timeZone: string },
): string {
  const key = `${style}\n${locale}\n${timeZone}`;
  return remember(times, key, () => new Intl.DateTimeFormat(locale, { ...STYLES[style], timeZone }))
    .format(atMs);
}

/** Digits grouped as the locale does; exact for any bigint. */
export function formatUnits(units: Units | number, locale: string): string {
  return remember(numbers, `plain\n${locale}`, () => new Intl.NumberFormat(locale)).format(units);
}

/** `12.4K`, for axes and tight places; never where a bill is explained. */
export function formatCompact(value: Units | number, locale: string): string {
  return remember(
    numbers,
    `compact\n${locale}`,
    () => new Intl.NumberFormat(locale, { notation: "compact", maximumFractionDigits: 1 }),
  ).format(value);
}

/** A share of 1 as a percentage, `0.426` is `43%`; of less than one, a digit more: `0.3%`. */
export function formatPercent(share: number, locale: string): string {
  const digits = Math.abs(share) < 0.01 ? 1 : 0;
  return remember(
    numbers,
    `percent ${digits}\n${locale}`,
    () => new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: digits }),
  ).format(share);
}

/** A duration with its unit, `1.25 ms`. */
export function formatMillis(millis: number, locale: string): string {
  return remember(
    numbers,
    `millis\n${locale}`,
    () =>
      new Intl.NumberFormat(locale, {
        style: "unit",
        unit: "millisecond",
        maximumFractionDigits: 2,
      }),
  ).format(millis);
}

/** Rounded half up to the currency's own decimals, as on an invoice. */
export function formatBilled(amount: Amount, currency: string, locale: string): string {
  return formatMinor(roundToMinor(amount), currency, locale);
}

/** Every digit, for unit prices such as `$0.00125`. */
export function formatExact(amount: Amount, currency: string, locale: string): string {
  return formatAmount(amount, currency, locale);
}

/** Minor units as a plain number for drawing; display text never comes from it. */
export function drawableAmount(amount: Amount, currency: string): number {
  return Number(amount) / 1e12 / 10 ** currencyDecimals(currency);
}

/** `5 minutes ago`, `in 3 days`: the largest unit that fits. */
export function formatRelative(atMs: number, nowMs: number, locale: string): string {
  const seconds = Math.round((atMs - nowMs) / 1000);
  const [size, unit] = RELATIVE.find(([size]) => Math.abs(seconds) >= size) ?? [1, "second"];
  return new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(
    Math.round(seconds / size),
    unit,
  );
}

const RELATIVE: readonly (readonly [number, Intl.RelativeTimeFormatUnit])[] = [
  [31_536_000, "year"],
  [2_592_000, "month"],
  [86_400, "day"],
  [3_600, "hour"],
  [60, "minute"],
];

function remember<T>(cache: Map<string, T>, key: string, make: () => T): T {
  const known = cache.get(key);
  if (known !== undefined) return known;
  if (cache.size >= FORMATS_MAX) cache.clear();
  const made = make();
  cache.set(key, made);
  return made;
}
