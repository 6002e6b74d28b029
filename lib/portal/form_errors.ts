import type { Refusal } from "@/lib/domain/result.ts";

/**
 * Errors by the last word of their pointer, which forms use as field names: `/branding/color` is
 * `color`. What points nowhere is under `form`.
 */
export function fieldErrors(refusal: Refusal): Readonly<Record<string, string>> {
  const parts = refusal.errors ?? [refusal];
  return Object.fromEntries(
    parts.map(({ pointer, detail }) => [pointer?.split("/").at(-1) || "form", detail]),
  );
}
