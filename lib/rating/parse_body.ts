import type { z } from "zod";
import { accept, type Refusal, refuse, type Result } from "../domain/result.ts";
import type { RatingProblem } from "./problems.ts";

/** Errors listed in one answer; the rest would not be read. */
const ERRORS_MAX = 20;

/** Parses a body by its schema; each error points into the body (RFC 6901). */
export function parseBody<T>(schema: z.ZodType<T>, body: unknown): Result<T, RatingProblem> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return accept(parsed.data);
  const errors = parsed.error.issues.flatMap(unfolded).slice(0, ERRORS_MAX).map(issueRefusal);
  const first = errors[0];
  return refuse({
    code: "validation_failed",
    detail: first === undefined ? "The request is not valid" : first.detail,
    ...(first?.pointer === undefined ? {} : { pointer: first.pointer }),
    errors,
  });
}

type Issue = z.core.$ZodIssue;

/** Of a choice between forms, the complaints about the form that came nearest, if one did. */
function unfolded(issue: Issue): readonly Issue[] {
  if (issue.code !== "invalid_union") return [issue];
  const branches = issue.errors.map((issues) => issues.flatMap(unfolded));
  const depth = (issues: readonly Issue[]) =>
    Math.max(0, ...issues.map(({ path, code }) => path.length + Number(code === UNKNOWN_MEMBER)));
  const nearest = branches.toSorted((a, b) => depth(b) - depth(a))[0] ?? [];
  if (depth(nearest) === 0) return [{ ...issue, message: NO_FORM_FITS }];
  return nearest.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
}

const UNKNOWN_MEMBER = "unrecognized_keys";
const NO_FORM_FITS = "The value is missing or has none of the permitted forms";

function issueRefusal(issue: Issue): Refusal {
  const path = issue.code === UNKNOWN_MEMBER && issue.keys[0] !== undefined
    ? [...issue.path, issue.keys[0]]
    : issue.path;
  return { code: issue.code, detail: issue.message, pointer: pointerOf(path) };
}

function pointerOf(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join(
    "",
  );
}
