import type { CivilDay } from "./civil_day.ts";
import type { BondTerms } from "./coupon_schedule.ts";
import type { CreditQualityStep } from "./priips.ts";

/** An instrument's terms, as a tenant keeps them, in the engine's own form. */
export interface Instrument {
  readonly isin: string | null;
  readonly cusip: string | null;
  readonly sedol: string | null;
  readonly figi: string | null;
  /** ISO 10962. */
  readonly cfiCode: string | null;
  /** ISO 4217. */
  readonly currency: string | null;
  /** ISO 10383. */
  readonly mic: string | null;
  readonly issuer: Issuer | null;
  readonly issueDay: CivilDay | null;
  readonly bond: BondInstrument | null;
  readonly option: OptionTerms | null;
  readonly priips: PriipsTerms;
  readonly credit: { readonly qualityStep: CreditQualityStep } | null;
  /** Whether the product's negative target market holds the tenant's clients; null if unknown. */
  readonly isNegativeTargetMarket: boolean | null;
  readonly benchmarkId: string | null;
}

export interface Issuer {
  readonly name: string | null;
  readonly lei: string | null;
  /** ISO 3166-1 alpha-2. */
  readonly country: string | null;
}

export interface BondInstrument extends BondTerms {
  readonly kind: "bullet" | "bill";
}

export interface OptionTerms {
  readonly underlyingId: string | null;
  readonly optionType: "call" | "put";
  readonly exerciseStyle: "european" | "american";
  readonly strikePrice: number;
  readonly expirationDay: CivilDay;
}

export interface PriipsTerms {
  /** Null leaves the choice to the engine: 1 for derivatives, 2 for the rest. */
  readonly category: 1 | 2 | 3 | 4 | null;
  readonly holdingYears: number | null;
}

export type AssetClass = "equity" | "bond" | "fund" | "option" | "future" | "fx" | "other";

/** By terms first, then by the first letters of the CFI code (ISO 10962). */
export function assetClass(instrument: Instrument): AssetClass {
  if (instrument.option !== null) return "option";
  if (instrument.bond !== null) return "bond";
  const code = instrument.cfiCode ?? "";
  switch (code[0]) {
    case "E":
      return "equity";
    case "D":
      return "bond";
    case "C":
      return "fund";
    case "O":
    case "H":
      return "option";
    case "F":
      return "future";
    default:
      return code.startsWith("IF") ? "fx" : "other";
  }
}
