import { de } from "./de.ts";
import { en } from "./en.ts";
import { es } from "./es.ts";
import { fr } from "./fr.ts";
import { ja } from "./ja.ts";
import { zh } from "./zh.ts";
import type { MessageKey, Messages } from "./message_key.ts";

const CATALOGUES = { en, de, fr, es, ja, zh } satisfies Record<string, Messages>;

export type Language = keyof typeof CATALOGUES;

/** In the order that a language menu shows them. */
export const LANGUAGES: readonly Language[] = ["en", "de", "fr", "es", "ja", "zh"];

/** What each language calls itself. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = {
  en: "English",
  de: "Deutsch",
  fr: "Français",
  es: "Español",
  ja: "日本語",
  zh: "中文",
};

export type MessageParams = Readonly<Record<string, string | number | bigint>>;

/** The catalogue's text with `{name}` replaced; a placeholder without a value stays as it is. */
export function translate(language: Language, key: MessageKey, params: MessageParams = {}): string {
  return CATALOGUES[language][key].replace(
    /\{(\w+)\}/g,
    (whole, name: string) => Object.hasOwn(params, name) ? String(params[name]) : whole,
  );
}

/** The language of a BCP 47 tag such as `de-CH`; English for those we don't speak. */
export function languageOf(tag: string): Language {
  const primary = tag.split("-")[0]?.toLowerCase() ?? "";
  return LANGUAGES.find((language) => language === primary) ?? "en";
}

/** The best language for an `Accept-Language` header; English when it names none of ours. */
export function acceptedLanguage(header: string | null): Language {
  const wishes = (header ?? "").slice(0, 500).split(",").map((wish) => {
    const [tag = "", quality = ""] = wish.trim().split(/\s*;\s*q=/);
    return { tag, weight: quality === "" ? 1 : Number(quality) };
  });
  const known = wishes.filter(({ tag, weight }) =>
    weight > 0 && LANGUAGES.some((language) => language === tag.split("-")[0]?.toLowerCase())
  );
  const best = known.sort((a, b) => b.weight - a.weight)[0];
  return best === undefined ? "en" : languageOf(best.tag);
}
