import type { z } from "zod";
import { accept, type Refusal, refuse, type Result } from "@/lib/domain/result.ts";

/** Issues that one answer lists; the rest is counted. */
const MAX_ISSUES = 20;

/**
 * Parses a decoded body by its schema. Error: `validation_failed`, with one entry per issue that
 * points (RFC 6901) at the value.
 */
export function validate<T>(schema: z.ZodType<T>, value: unknown): Result<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return accept(parsed.data);
  const issues = parsed.error.issues.flatMap(spread);
  const errors = issues.slice(0, MAX_ISSUES);
  const [first] = errors;
  const more = issues.length - 1;
  const place = first?.pointer === "" || first?.pointer === undefined ? "" : `${first.pointer}: `;
  return refuse({
    code: "validation_failed",
    detail: `${place}${first?.detail ?? "The value is not valid"}` +
      (more > 0 ? `, and ${more} more` : ""),
    errors,
    ...(first?.pointer === undefined ? {} : { pointer: first.pointer }),
  });
}

/** One entry per unknown key, which zod reports together. */
function spread(issue: z.core.$ZodIssue): Refusal[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      code: "validation_failed",
      detail: "This member is not known here",
      pointer: pointerTo([...issue.path, key]),
    }));
  }
  return [{ code: "validation_failed", detail: issue.message, pointer: pointerTo(issue.path) }];
}

/** RFC 6901. */
export function pointerTo(path: readonly PropertyKey[]): string {
  return path.map((part) => "/" + String(part).replaceAll("~", "~0").replaceAll("/", "~1")).join(
    "",
  );
}
