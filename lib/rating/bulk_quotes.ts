import { accept, refuse, type Result } from "../domain/result.ts";
import type { QuotePut } from "../ports/rating.ts";
import { parseBody } from "./parse_body.ts";
import { isAhead, type PriceDeps, QUOTE_AHEAD, quoteOf, quoteResult } from "./prices.ts";
import type { RatingProblem } from "./problems.ts";
import { BULK_LINES_MAX, BulkLineSchema } from "./schemas.ts";

/** One line's fate; `line` counts from 1, as editors do. */
export type BulkLine =
  | {
    readonly line: number;
    readonly ok: true;
    readonly id: string;
    readonly version: string;
    readonly is_latest: boolean;
  }
  | { readonly line: number; readonly ok: false; readonly problem: RatingProblem };

/**
 * Stores quotes from NDJSON text or a JSON array, line by line: bad lines are reported and the good
 * ones are stored. Blank lines are skipped. More than `BULK_LINES_MAX` lines are refused whole.
 */
export async function putQuotesBulk(
  { tenantId, text }: { tenantId: string; text: string },
  deps: PriceDeps,
): Promise<Result<readonly BulkLine[], RatingProblem>> {
  const lines = linesOf(text);
  if (!lines.ok) return lines;
  const nowMs = deps.clock.nowMs();
  const checked = lines.value.map((line) => checkLine(line, nowMs));
  const good = checked.flatMap((line) => line.ok ? [line.put] : []);
  const outcomes = await deps.prices.putQuotes(tenantId, good);
  for (const { instrumentId } of good) deps.cache.forget(tenantId, instrumentId);
  let next = 0;
  return accept(checked.map((line): BulkLine => {
    if (!line.ok) return line;
    const outcome = outcomes[next];
    next += 1;
    const result = outcome === undefined ? refuse(UNANSWERED) : quoteResult(outcome);
    if (!result.ok) return { line: line.line, ok: false, problem: result.error };
    const { version, isLatest } = result.value;
    return { line: line.line, ok: true, id: line.put.instrumentId, version, is_latest: isLatest };
  }));
}

interface RawLine {
  readonly line: number;
  /** Undefined when the line is not JSON. */
  readonly value: unknown;
  readonly isJson: boolean;
}

type CheckedLine =
  | { readonly line: number; readonly ok: true; readonly put: QuotePut }
  | { readonly line: number; readonly ok: false; readonly problem: RatingProblem };

const UNANSWERED: RatingProblem = {
  code: "conflict",
  detail: "The line was not stored. Try again",
};
const NOT_JSON: RatingProblem = { code: "invalid_json", detail: "The line is not a JSON object" };
const NO_LINES: RatingProblem = {
  code: "validation_failed",
  detail: "The body has no lines. Send one JSON object a line, or a JSON array of them",
};
const TOO_MANY: RatingProblem = {
  code: "batch_too_large",
  detail: `At most ${BULK_LINES_MAX} quotes fit in one call. Split it`,
};

function linesOf(text: string): Result<readonly RawLine[], RatingProblem> {
  const trimmed = text.trim();
  if (trimmed === "") return refuse(NO_LINES);
  if (trimmed.startsWith("[")) return arrayLines(trimmed);
  const lines: RawLine[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    if (lines.length === BULK_LINES_MAX) return refuse(TOO_MANY);
    lines.push({ line: index + 1, ...parseJson(line) });
  }
  return accept(lines);
}

function arrayLines(text: string): Result<readonly RawLine[], RatingProblem> {
  const { value, isJson } = parseJson(text);
  if (!isJson || !Array.isArray(value)) {
    return refuse({ code: "invalid_json", detail: "The body starts as a JSON array but is none" });
  }
  if (value.length === 0) return refuse(NO_LINES);
  if (value.length > BULK_LINES_MAX) return refuse(TOO_MANY);
  return accept(value.map((item, index) => ({ line: index + 1, value: item, isJson: true })));
}

function checkLine({ line, value, isJson }: RawLine, nowMs: number): CheckedLine {
  if (!isJson) return { line, ok: false, problem: NOT_JSON };
  const parsed = parseBody(BulkLineSchema, value);
  if (!parsed.ok) return { line, ok: false, problem: parsed.error };
  const { id: instrumentId, ...body } = parsed.value;
  if (body.bid === undefined && body.ask === undefined && body.last === undefined) {
    return { line, ok: false, problem: NO_PRICE };
  }
  const put = { instrumentId, ...quoteOf(body) };
  return isAhead(put.quote, nowMs)
    ? { line, ok: false, problem: QUOTE_AHEAD }
    : { line, ok: true, put };
}

const NO_PRICE: RatingProblem = {
  code: "validation_failed",
  detail: "A quote needs at least one of bid, ask and last",
};

function parseJson(text: string): { value: unknown; isJson: boolean } {
  try {
    return { value: JSON.parse(text), isJson: true };
  } catch {
    return { value: undefined, isJson: false };
  }
}
