import type { z } from "zod";
import { accept, type Refusal, refuse, type Result } from "../domain/result.ts";
import type { RatingProblem } from "./problems.ts";

/** Errors listed in one answer; the rest would not be read. */
const ERRORS_MAX = 20;

/** Parses a body by its schema; each error points into the body (RFC 6901). */
export function parseBody<T>(schema: z.ZodType<T>, body: unknown): Result<T, RatingProblem> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return accept(parsed.data);
  const errors = parsed.error.issues.slice(0, ERRORS_MAX).map(issueRefusal);
  const first = errors[0];
  return refuse({
    code: "validation_failed",
    detail: first === undefined ? "The request is not valid" : first.detail,
    ...(first?.pointer === undefined ? {} : { pointer: first.pointer }),
    errors,
  });
}

function issueRefusal(issue: z.core.$ZodIssue): Refusal {
  const path = issue.code === "unrecognized_keys" && issue.keys[0] !== undefined
    ? [...issue.path, issue.keys[0]]
    : issue.path;
  return { code: issue.code, detail: issue.message, pointer: pointerOf(path) };
}

function pointerOf(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join(
    "",
  );
}
