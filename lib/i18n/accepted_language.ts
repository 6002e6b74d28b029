import { type Language, languageOf, LANGUAGES } from "./messages.ts";

/**
 * The language that a visitor's browser asks for first among ours, by `Accept-Language` (RFC 9110);
 * English where it asks for none of them.
 */
export function acceptedLanguage(header: string | null): Language {
  const asked = (header ?? "").split(",").map((part) => {
    const [tag = "", ...params] = part.trim().split(/\s*;\s*/);
    const quality = params.find((param) => param.startsWith("q="))?.slice(2);
    return { tag, quality: quality === undefined ? 1 : Number(quality) };
  });
  // Sorting is stable: of equal wishes the first is meant.
  const best = asked.filter(({ tag, quality }) => quality > 0 && isOurs(tag))
    .sort((a, b) => b.quality - a.quality)[0];
  return languageOf(best?.tag ?? "en");
}

function isOurs(tag: string): boolean {
  return LANGUAGES.some((language) => language === tag.split("-")[0]?.toLowerCase());
}
