import { AMOUNT_DECIMALS } from "@/lib/domain/money.ts";
import type { Amount } from "@/lib/domain/plan.ts";

const DECIMAL = /^(-?)(\d{1,20})(?:\.(\d{1,12}))?$/;

/**
 * An amount as Stripe's decimal text in minor units (`unit_amount_decimal`), exact.
 * @example toDecimalMinor(12_500_000_000n) === "0.0125"
 */
export function toDecimalMinor(amount: Amount): string {
  const digits = (amount < 0n ? -amount : amount).toString().padStart(AMOUNT_DECIMALS + 1, "0");
  const fraction = digits.slice(-AMOUNT_DECIMALS).replace(/0+$/, "");
  const whole = digits.slice(0, -AMOUNT_DECIMALS);
  return `${amount < 0n ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}

/** Reads decimal minor units with at most 12 decimals; `null` for anything else. */
export function fromDecimalMinor(text: string): Amount | null {
  const match = DECIMAL.exec(text);
  if (match === null) return null;
  const [, sign, whole = "", fraction = ""] = match;
  const magnitude = BigInt(whole + fraction.padEnd(AMOUNT_DECIMALS, "0"));
  return sign === "-" ? -magnitude : magnitude;
}
