import { accept, type Refusal, refuse, type Result } from "../result.ts";
import { alphanumericValue, doubleAddDoubleDigit } from "./check_digits.ts";
import { isIsinPrefix } from "./country_registry.ts";

/** Identifiers that carry a check digit. */
export type IdentifierType = "isin" | "cusip" | "sedol" | "lei" | "figi";

export const IDENTIFIER_TYPES = ["isin", "cusip", "sedol", "lei", "figi"] as const;

export interface IdentifierRefusal extends Refusal {
  readonly code: "format_invalid" | "checksum_invalid";
}

type Checked = Result<string, IdentifierRefusal>;

/** Checks form and check digit of upper-case text; the value is the text itself. */
export function checkIdentifier(type: IdentifierType, text: string): Checked {
  switch (type) {
    case "isin":
      return checkIsin(text);
    case "cusip":
      return checkCusip(text);
    case "sedol":
      return checkSedol(text);
    case "lei":
      return checkLei(text);
    case "figi":
      return checkFigi(text);
  }
}

/** ISO 6166: prefix, nine characters, Luhn digit over the expanded letters. */
export function checkIsin(text: string): Checked {
  if (!/^[A-Z]{2}[A-Z0-9]{9}[0-9]$/.test(text)) {
    return malformed(text, "An ISIN is two letters, nine letters or digits, and a check digit");
  }
  if (!isIsinPrefix(text.slice(0, 2))) {
    return malformed(text, `${text.slice(0, 2)} is not a country or agency prefix`);
  }
  return verdict(text, luhnOfExpansion(text) === 0);
}

/** Nine characters, the last a modulus 10 double-add-double digit. */
function checkCusip(text: string): Checked {
  if (!/^[0-9A-Z*@#]{8}[0-9]$/.test(text)) {
    return malformed(text, "A CUSIP is eight characters of 0-9 A-Z * @ # and a check digit");
  }
  return verdict(text, doubleAddDoubleDigit(text.slice(0, 8)) === Number(text[8]));
}

/** Seven characters without vowels, weights 1 3 1 7 3 9 1. */
function checkSedol(text: string): Checked {
  if (!/^(?:[0-9]{6}|[B-DF-HJ-NP-TV-Z][0-9B-DF-HJ-NP-TV-Z]{5})[0-9]$/.test(text)) {
    return malformed(
      text,
      "A SEDOL is seven digits, or a consonant, five digits or consonants, and a check digit",
    );
  }
  let sum = 0;
  for (let i = 0; i < 7; i += 1) {
    sum += alphanumericValue(text.charCodeAt(i)) * (SEDOL_WEIGHTS[i] ?? 0);
  }
  return verdict(text, sum % 10 === 0);
}

/** ISO 17442: twenty characters, remainder 1 modulo 97 (ISO 7064). */
function checkLei(text: string): Checked {
  if (!/^[A-Z0-9]{18}[0-9]{2}$/.test(text)) {
    return malformed(text, "An LEI is eighteen letters or digits and two check digits");
  }
  let remainder = 0;
  for (let i = 0; i < text.length; i += 1) {
    const value = alphanumericValue(text.charCodeAt(i));
    remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97;
  }
  return verdict(text, remainder === 1);
}

/** Twelve characters: two consonants that are no country, G, eight without vowels, check digit. */
function checkFigi(text: string): Checked {
  if (!/^[B-DF-HJ-NP-TV-Z]{2}G[0-9B-DF-HJ-NP-TV-Z]{8}[0-9]$/.test(text)) {
    return malformed(
      text,
      "A FIGI is two consonants, G, eight digits or consonants, and a check digit",
    );
  }
  if (FIGI_EXCLUDED.has(text.slice(0, 2))) {
    return malformed(text, `A FIGI never starts with ${text.slice(0, 2)}, to differ from an ISIN`);
  }
  return verdict(text, doubleAddDoubleDigit(text.slice(0, 11)) === Number(text[11]));
}

/** The type whose form the text has and whose check digit is right, in the order of the list. */
export function detectIdentifier(text: string): IdentifierType | null {
  for (const type of IDENTIFIER_TYPES) if (checkIdentifier(type, text).ok) return type;
  return null;
}

/** Whether an ISIN holds the CUSIP (US, CA) or SEDOL (GB, IE) in its middle; null if it need not. */
export function isinHolds(
  isin: string,
  other: { type: "cusip" | "sedol"; value: string },
): boolean | null {
  const prefix = isin.slice(0, 2);
  if (other.type === "cusip" && (prefix === "US" || prefix === "CA")) {
    return isin.slice(2, 11) === other.value;
  }
  if (other.type === "sedol" && (prefix === "GB" || prefix === "IE")) {
    return isin.slice(2, 11) === `00${other.value}`;
  }
  return null;
}

/** The ISIN that a national number makes. */
export function isinFrom(prefix: string, nationalNumber: string): string {
  const body = prefix + nationalNumber.padStart(9, "0");
  return body + String((10 - luhnOfExpansion(`${body}0`)) % 10);
}

const SEDOL_WEIGHTS = [1, 3, 1, 7, 3, 9, 1];

/** Country codes of consonants that FIGI leaves out. */
const FIGI_EXCLUDED: ReadonlySet<string> = new Set(["BS", "BM", "GG", "GB", "GH", "KY", "VG"]);

function malformed(text: string, detail: string): Checked {
  return refuse({ code: "format_invalid", detail: `${detail}; got ${JSON.stringify(text)}` });
}

function verdict(text: string, isRight: boolean): Checked {
  if (isRight) return accept(text);
  return refuse({
    code: "checksum_invalid",
    detail: `The check digit of ${text} is wrong. Look for a mistyped character`,
  });
}

/** Luhn sum modulo 10, letters first written as two digits; 0 when the last digit is right. */
function luhnOfExpansion(text: string): number {
  let sum = 0;
  let isDoubled = false;
  for (let i = text.length - 1; i >= 0; i -= 1) {
    const value = alphanumericValue(text.charCodeAt(i));
    sum += luhnDigit(value % 10, isDoubled);
    isDoubled = !isDoubled;
    if (value < 10) continue;
    sum += luhnDigit(Math.floor(value / 10), isDoubled);
    isDoubled = !isDoubled;
  }
  return sum % 10;
}

function luhnDigit(digit: number, isDoubled: boolean): number {
  const value = isDoubled ? digit * 2 : digit;
  return value > 9 ? value - 9 : value;
}
