import { accept, refuse, type Result } from "@/lib/domain/result.ts";

/** A strong entity tag (RFC 9110, section 8.8.3) around an opaque version. */
export function entityTag(version: string): string {
  return `"${version.replaceAll(/[^\x21\x23-\x7e]/g, "_")}"`;
}

/** Whether `If-None-Match` names this version, so that 304 answers a GET. */
export function isUnchanged(req: Request, version: string): boolean {
  const header = req.headers.get("if-none-match");
  if (header === null) return false;
  const tags = header.split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return tags.includes("*") || tags.includes(entityTag(version));
}

/**
 * What a write is conditional on: `undefined` nothing, `null` that there is nothing yet
 * (`If-None-Match: *`), text the present version (`If-Match`). Error: `precondition_failed` for tags
 * that can't match.
 */
export function writeCondition(req: Request): Result<string | null | undefined> {
  const ifNoneMatch = req.headers.get("if-none-match")?.trim();
  const ifMatch = req.headers.get("if-match")?.trim();
  if (ifNoneMatch === "*" && ifMatch === undefined) return accept(null);
  if (ifNoneMatch !== undefined) {
    return never("For a write, If-None-Match may only be *, and without If-Match");
  }
  if (ifMatch === undefined || ifMatch === "*") return accept(undefined);
  const version = /^"([\x21\x23-\x7e]*)"$/.exec(ifMatch)?.[1];
  return version === undefined
    ? never("If-Match must be one strong entity tag, as the ETag header gave it")
    : accept(version);
}

function never(detail: string): Result<never> {
  return refuse({ code: "precondition_failed", detail });
}
