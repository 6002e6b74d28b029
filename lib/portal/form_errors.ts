import type { Refusal } from "@/lib/domain/result.ts";

/**
 * Errors by the last word of their pointer, which forms use as field names: `/branding/color` is
 * `color`. What points nowhere is under `form`. `words` puts a refusal into the reader's language.
 */
export function fieldErrors(
  refusal: Refusal,
  words: (part: Refusal) => string = ({ detail }) => detail,
): Readonly<Record<string, string>> {
  const parts = refusal.errors ?? [refusal];
  return Object.fromEntries(
    parts.map((part) => [part.pointer?.split("/").at(-1) || "form", words(part)]),
  );
}
