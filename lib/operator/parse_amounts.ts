import { AMOUNTS_PER_MINOR, parseMoney } from "@/lib/domain/money.ts";
import { accept, refuse, type Result } from "@/lib/domain/result.ts";

/** `-12.50` in whole minor units of the currency. Error: `invalid_amount` and `parseMoney`'s. */
export function parseSignedMinor(text: string, currency: string): Result<bigint> {
  const negative = text.startsWith("-");
  const parsed = parseMoney(negative ? text.slice(1) : text, currency);
  if (!parsed.ok) return parsed;
  if (parsed.value % AMOUNTS_PER_MINOR !== 0n) {
    const detail = `${text} is finer than the smallest coin of ${currency.toUpperCase()}`;
    return refuse({ code: "invalid_amount", detail });
  }
  const minor = parsed.value / AMOUNTS_PER_MINOR;
  return accept(negative ? -minor : minor);
}

/** A whole number as people type it, `-1,200` or `1 200` too. Error: `invalid_units`. */
export function parseSignedUnits(text: string): Result<bigint> {
  const digits = text.replaceAll(/[,_\s]/g, "");
  if (/^-?\d{1,16}$/.test(digits)) return accept(BigInt(digits));
  return refuse({ code: "invalid_units", detail: "Units are a whole number" });
}

/** Empty is "as in the plan". Error: `invalid_limits`. */
export function parseOptionalCount(text: string): Result<number | undefined> {
  if (text === "") return accept(undefined);
  const count = Number(text);
  if (/^\d{1,9}$/.test(text) && count > 0) return accept(count);
  return refuse({ code: "invalid_limits", detail: "A limit is a whole number above zero" });
}
