import { de } from "./de.ts";
import { en } from "./en.ts";
import { es } from "./es.ts";
import { fr } from "./fr.ts";
import { ja } from "./ja.ts";
import { zh } from "./zh.ts";
import type { MessageKey, Messages } from "./message_key.ts";

const CATALOGUES = { en, de, fr, es, ja, zh } satisfies Record<string, Messages>;

export type Language = keyof typeof CATALOGUES;

export const LANGUAGES: readonly Language[] = ["en", "de", "fr", "es", "ja", "zh"];

export type MessageParams = Readonly<Record<string, string | number | bigint>>;

/** The catalogue's text with `{name}` replaced. */
export function translate(language: Language, key: MessageKey, params: MessageParams = {}): string {
  return fillIn(CATALOGUES[language][key], params);
}

/** `{name}` replaced; a placeholder without a value stays as it is. */
export function fillIn(text: string, params: MessageParams): string {
  return text.replace(
    /\{(\w+)\}/g,
    (whole, name: string) => Object.hasOwn(params, name) ? String(params[name]) : whole,
  );
}

/** The language of a BCP 47 tag such as `de-CH`; English for those we don't speak. */
export function languageOf(tag: string): Language {
  const primary = tag.split("-")[0]?.toLowerCase() ?? "";
  return LANGUAGES.find((language) => language === primary) ?? "en";
}
