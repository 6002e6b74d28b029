import type { WriteCondition } from "@/lib/ports/rating.ts";

/** `"version"` as a strong entity tag (RFC 9110, section 8.8.3). */
export function entityTag(version: string): string {
  return `"${version}"`;
}

/** Whether the client already holds this version. */
export function isUnchanged(headers: Headers, version: string): boolean {
  const tags = headers.get("if-none-match");
  if (tags === null) return false;
  return tags.split(",").map((tag) => tag.trim().replace(/^W\//, ""))
    .some((tag) => tag === "*" || tag === entityTag(version));
}

/** What `If-Match` and `If-None-Match: *` ask of a write. */
export function writeCondition(headers: Headers): WriteCondition {
  if (headers.get("if-none-match")?.trim() === "*") return { ifVersion: null };
  const tag = headers.get("if-match")?.trim();
  if (tag === undefined || tag === "*") return {};
  return { ifVersion: tag.replace(/^"(.*)"$/, "$1") };
}
