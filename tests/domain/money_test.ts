import { assertEquals, assertThrows } from "@std/assert";
import { currencyDecimals, isCurrency } from "@/lib/domain/currency.ts";
import {
  divideHalfUp,
  formatAmount,
  formatDecimal,
  formatMinor,
  formatMinorDecimal,
  fromMinor,
  parseMoney,
  roundToMinor,
} from "@/lib/domain/money.ts";

const CENT = 10n ** 12n;

function parsed(text: string, currency: string): bigint {
  const result = parseMoney(text, currency);
  if (!result.ok) throw new Error(result.error.detail);
  return result.value;
}

function refusal(text: string): string {
  const result = parseMoney(text, "usd");
  return result.ok ? "accepted" : result.error.code;
}

Deno.test("parseMoney() is exact in currencies with 0, 2 and 3 decimals", () => {
  assertEquals(parsed("0.0125", "usd"), CENT * 125n / 100n);
  assertEquals(parsed("250", "jpy"), CENT * 250n);
  assertEquals(parsed("0.000000000001", "jpy"), 1n);
  assertEquals(parsed("1.234", "kwd"), CENT * 1234n);
  assertEquals(parsed("0.000000000001", "usd"), 100n);
});

Deno.test("parseMoney() refuses what a person could have meant in two ways", () => {
  for (const text of ["", "-1", "+1", "1e3", "1,50", ".5", "5.", " 5", "0x1", "NaN", "١"]) {
    assertEquals(refusal(text), "invalid_amount", text);
  }
  assertEquals(refusal("0.0000000000001"), "too_many_decimals");
  assertEquals(refusal("1234567890123"), "amount_too_large");
});

Deno.test("formatDecimal() gives back what parseMoney() read", () => {
  for (const text of ["0.00", "12.50", "0.0125", "0.000000000001", "999999999999.99"]) {
    assertEquals(formatDecimal(parsed(text, "usd"), "usd"), text);
  }
  assertEquals(formatDecimal(parsed("7", "jpy"), "jpy"), "7");
  assertEquals(formatDecimal(parsed("7", "bhd"), "bhd"), "7.000");
  assertEquals(formatDecimal(-parsed("0.5", "usd"), "usd"), "-0.50");
  assertEquals(formatMinorDecimal(1250n, "usd"), "12.50");
});

Deno.test("formatAmount() shows every digit, also where a double would lose some", () => {
  assertEquals(formatAmount(parsed("0.0125", "usd"), "usd"), "$0.0125");
  assertEquals(
    formatAmount(parsed("999999999999.123456789012", "usd"), "usd"),
    "$999,999,999,999.123456789012",
  );
  assertEquals(formatMinor(1250n, "eur", "de"), "12,50\u00a0€");
  assertEquals(formatMinor(1250n, "jpy", "ja"), "￥1,250");
});

Deno.test("roundToMinor() rounds a half away from zero, once", () => {
  assertEquals(roundToMinor(CENT / 2n), 1n);
  assertEquals(roundToMinor(CENT / 2n - 1n), 0n);
  assertEquals(roundToMinor(-CENT / 2n), -1n);
  assertEquals(roundToMinor(fromMinor(42n)), 42n);
  assertThrows(() => divideHalfUp(1n, 0n));
});

Deno.test("currencyDecimals() knows Stripe's zero- and three-decimal currencies", () => {
  assertEquals(["jpy", "krw", "clp"].map(currencyDecimals), [0, 0, 0]);
  assertEquals(["usd", "eur", "huf"].map(currencyDecimals), [2, 2, 2]);
  assertEquals(["bhd", "kwd", "tnd"].map(currencyDecimals), [3, 3, 3]);
  assertEquals(isCurrency("USD"), false);
  assertEquals(isCurrency("isk"), false);
  assertThrows(() => currencyDecimals("xxx"));
});
