import type { Refusal } from "@/lib/domain/result.ts";
import { PROBLEMS, type ProblemType } from "./problem_table.ts";

export interface ProblemOptions {
  readonly requestId?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Extra members of the problem document, e.g. `{ retry_after_seconds: 2 }`. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

const UNLISTED: ProblemType = { status: 422, title: "The request was refused" };

/** A refusal as an RFC 9457 problem document. */
export function problemResponse(refusal: Refusal, options: ProblemOptions = {}): Response {
  const { status } = problemType(refusal.code);
  return new Response(JSON.stringify(problemDocument(refusal, options)), {
    status,
    headers: {
      "content-type": "application/problem+json",
      "cache-control": "no-store",
      ...(status === 401 ? { "www-authenticate": challenge(refusal.code) } : {}),
      ...options.headers,
    },
  });
}

/** The members of the document; batches put it into the result of one item. */
export function problemDocument(
  { code, detail, pointer, errors }: Refusal,
  { requestId, extra }: ProblemOptions = {},
): Record<string, unknown> {
  const { status, title } = problemType(code);
  return {
    type: `/docs/problems/${code}`,
    title,
    status,
    detail,
    code,
    ...(pointer === undefined ? {} : { pointer }),
    ...(errors === undefined ? {} : { errors: errors.map(publicError) }),
    ...(requestId === undefined ? {} : { request_id: requestId }),
    ...extra,
  };
}

/** Status and title of a code; 422 for one that no table lists. */
export function problemType(code: string): ProblemType {
  return (Object.hasOwn(PROBLEMS, code) ? PROBLEMS[code] : undefined) ?? UNLISTED;
}

function publicError({ code, detail, pointer }: Refusal): Record<string, unknown> {
  return { code, detail, ...(pointer === undefined ? {} : { pointer }) };
}

/** RFC 6750: a request without a credential gets no error code. */
function challenge(code: string): string {
  const realm = 'Bearer realm="clawmeter"';
  return code === "missing_credential" ? realm : `${realm}, error="invalid_token"`;
}
