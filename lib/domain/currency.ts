import { invariant } from "./invariant.ts";

/** Lowercase ISO 4217, one of `CURRENCIES`. */
export type Currency = string;

/**
 * Currencies with the number of decimals of their minor unit, as Stripe's API counts them
 * (https://docs.stripe.com/currencies). `isk` and `ugx` are left out on purpose: Stripe takes them
 * with two decimals that must be zero, which sub-unit prices can't promise.
 */
const DECIMALS: Readonly<Record<number, string>> = {
  0: "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf",
  2: "aed all amd ars aud azn bam bgn brl cad chf cny cop crc czk dkk dop egp eur gbp gel hkd huf " +
    "idr ils inr kes kzt mad mxn myr ngn nok nzd pen php pkr pln qar ron rsd sar sek sgd thb try " +
    "twd uah usd uyu zar",
  3: "bhd jod kwd omr tnd",
};

const CURRENCIES: ReadonlyMap<Currency, number> = new Map(
  Object.entries(DECIMALS).flatMap(([decimals, codes]) =>
    codes.split(" ").map((code) => [code, Number(decimals)] as const)
  ),
);

export function isCurrency(code: string): boolean {
  return CURRENCIES.has(code);
}

/** Decimals of the minor unit: 0 for yen, 2 for dollars, 3 for dinars. */
export function currencyDecimals(code: Currency): number {
  const decimals = CURRENCIES.get(code);
  invariant(decimals !== undefined, `Unknown currency ${JSON.stringify(code)}`);
  return decimals;
}

/** All codes, sorted. */
export function currencyCodes(): readonly Currency[] {
  return [...CURRENCIES.keys()].sort();
}
