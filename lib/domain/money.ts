import { type Currency, currencyDecimals } from "./currency.ts";
import { invariant } from "./invariant.ts";
import type { Amount } from "./plan.ts";
import { accept, refuse, type Result } from "./result.ts";

/** An `Amount` counts this many parts per minor unit: 12 decimals, as `unit_amount_decimal` has. */
export const AMOUNT_DECIMALS = 12;
export const AMOUNTS_PER_MINOR: bigint = 10n ** 12n;

/** Most digits before the decimal point that money text may have: a trillion of any currency. */
const MAX_INTEGER_DIGITS = 12;

/** `2` minor units (cents) as an amount. */
export function fromMinor(minor: bigint): Amount {
  return minor * AMOUNTS_PER_MINOR;
}

/**
 * Whole minor units, rounded half up (ties away from zero), which is how Stripe rounds a line:
 * 0.05 cents × 30 is 1.5 cents and bills 2.
 * @example roundToMinor(1_500_000_000_000n) === 2n
 */
export function roundToMinor(amount: Amount): bigint {
  return divideHalfUp(amount, AMOUNTS_PER_MINOR);
}

/** `numerator / denominator` to the nearest whole number, ties away from zero. */
export function divideHalfUp(numerator: bigint, denominator: bigint): bigint {
  invariant(denominator > 0n, "divideHalfUp() needs a positive denominator");
  const magnitude = numerator < 0n ? -numerator : numerator;
  const rounded = (2n * magnitude + denominator) / (2n * denominator);
  return numerator < 0n ? -rounded : rounded;
}

/**
 * Reads a decimal of the major unit, e.g. `"0.0125"` dollars or `"250"` yen. Exact: at most 12
 * decimals and never more than an amount can hold. No sign, exponent, separator or blank.
 * Errors: `invalid_amount`, `too_many_decimals`, `amount_too_large`.
 * @example parseMoney("0.0125", "usd") // 1.25 cents = 1_250_000_000_000n
 */
export function parseMoney(text: string, currency: Currency): Result<Amount> {
  const match = /^(\d+)(?:\.(\d+))?$/.exec(text);
  if (match === null) {
    return refuse({
      code: "invalid_amount",
      detail: `${JSON.stringify(text)} is not a plain, non-negative decimal such as "12.50"`,
    });
  }
  const whole = match[1] ?? "";
  const fraction = match[2] ?? "";
  if (whole.length > MAX_INTEGER_DIGITS) {
    return refuse({ code: "amount_too_large", detail: `${text} has more than 12 digits` });
  }
  if (fraction.length > AMOUNT_DECIMALS) {
    return refuse({ code: "too_many_decimals", detail: `${text} has more than 12 decimals` });
  }
  const places = AMOUNT_DECIMALS + currencyDecimals(currency);
  return accept(BigInt(whole + fraction.padEnd(places, "0")));
}

/**
 * The exact amount as a decimal of the major unit, `"0.0125"`; at least the currency's own decimals
 * (`"3.00"`), never rounded, no currency sign. For headers, CSV and JSON.
 */
export function formatDecimal(amount: Amount, currency: Currency): string {
  const decimals = currencyDecimals(currency);
  const magnitude = (amount < 0n ? -amount : amount).toString();
  const places = AMOUNT_DECIMALS + decimals;
  const digits = magnitude.padStart(places + 1, "0");
  const whole = digits.slice(0, -places);
  const fraction = trimZeros(digits.slice(-places), decimals);
  return `${amount < 0n ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}

/** Whole minor units as a decimal of the major unit: 1250 cents is `"12.50"`. */
export function formatMinorDecimal(minor: bigint, currency: Currency): string {
  return formatDecimal(fromMinor(minor), currency);
}

/**
 * For people, with the currency's sign, e.g. `$0.0125` or `12,50 €`. Every digit is shown: rounding
 * is the caller's, with `roundToMinor`. `locale` is a BCP 47 tag.
 */
export function formatAmount(amount: Amount, currency: Currency, locale = "en"): string {
  const decimal = formatDecimal(amount, currency);
  invariant(isNumeric(decimal), `Not a decimal: ${decimal}`);
  return moneyFormat(locale, currency).format(decimal);
}

/** Whole minor units for people, `$12.50`. */
export function formatMinor(minor: bigint, currency: Currency, locale = "en"): string {
  return formatAmount(fromMinor(minor), currency, locale);
}

const formats = new Map<string, Intl.NumberFormat>();
const MAX_FORMATS = 256;

function moneyFormat(locale: string, currency: Currency): Intl.NumberFormat {
  const key = `${locale}\n${currency}`;
  const known = formats.get(key);
  if (known !== undefined) return known;
  if (formats.size >= MAX_FORMATS) formats.clear();
  const made = new Intl.NumberFormat(locale, {
    style: "currency",
    currency: currency.toUpperCase(),
    minimumFractionDigits: currencyDecimals(currency),
    maximumFractionDigits: AMOUNT_DECIMALS + currencyDecimals(currency),
  });
  formats.set(key, made);
  return made;
}

/** Narrows to the text type for which `Intl.NumberFormat` is exact. */
function isNumeric(text: string): text is `${number}` {
  return /^-?\d+(\.\d+)?$/.test(text);
}

function trimZeros(fraction: string, keep: number): string {
  let end = fraction.length;
  while (end > keep && fraction[end - 1] === "0") end -= 1;
  return fraction.slice(0, end);
}
