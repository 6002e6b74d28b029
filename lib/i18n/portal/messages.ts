import { fillIn, type Language, languageOf, type MessageParams } from "../messages.ts";
import { de } from "./de.ts";
import { en } from "./en.ts";
import { es } from "./es.ts";
import { fr } from "./fr.ts";
import { ja } from "./ja.ts";
import { zh } from "./zh.ts";

export type PortalKey = keyof typeof en;

/** A whole catalogue: a missing or an extra key does not compile. */
export type PortalMessages = Readonly<Record<PortalKey, string>>;

const CATALOGUES = { en, de, fr, es, ja, zh } satisfies Record<Language, PortalMessages>;

/** A text of the portal with `{name}` replaced, in one language. */
export type Say = (key: PortalKey, params?: MessageParams) => string;

/** For a BCP 47 tag such as `de-CH`; English for languages we don't speak. */
export function sayIn(locale: string): Say {
  const catalogue = CATALOGUES[languageOf(locale)];
  return (key, params = {}) => fillIn(catalogue[key], params);
}

/** The text of a code that comes from elsewhere, e.g. `why_rate_limited`; `null` where none has it. */
export function portalKey(text: string): PortalKey | null {
  return isKey(text) ? text : null;
}

function isKey(text: string): text is PortalKey {
  return Object.hasOwn(en, text);
}

/** What is said of a number: `units` where there are `units_one` and `units_other`. */
export type CountKey = {
  [Key in PortalKey]: Key extends `${infer Base}_one`
    ? `${Base}_other` extends PortalKey ? Base : never
    : never;
}[PortalKey];

/** As `Say`, for a number that is shown as `{count}` in the locale's digits. */
export type Count = (key: CountKey, count: number | bigint, params?: MessageParams) => string;

/**
 * One or more, as the language tells them apart. None of ours has more forms for whole numbers than
 * these, but for the “de” after a million in French and Spanish, which figures go without.
 */
export function countIn(locale: string): Count {
  const say = sayIn(locale);
  const rules = new Intl.PluralRules(languageOf(locale));
  const digits = new Intl.NumberFormat(locale);
  return (key, count, params = {}) => {
    const form = rules.select(Number(count)) === "one" ? "one" : "other";
    return say(`${key}_${form}`, { ...params, count: digits.format(count) });
  };
}
