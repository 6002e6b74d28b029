import type { Refusal } from "@/lib/domain/result.ts";

/** Errors by field name, from the pointers of a refusal; the whole under `form` when it has none. */
export function fieldErrors(refusal: Refusal): Readonly<Record<string, string>> {
  const parts = refusal.errors ?? [refusal];
  return Object.fromEntries(
    parts.map(({ pointer, detail }) => [pointer?.replace(/^\//, "") || "form", detail]),
  );
}
