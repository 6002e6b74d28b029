import { accept, refuse, type Result } from "../domain/result.ts";
import type { RatingPart } from "../domain/rating/rating_parts.ts";
import type { RatingProblem } from "./problems.ts";
import {
  rateOne,
  type Rating,
  type RatingBody,
  type RatingCall,
  type RatingDeps,
} from "./rate_one.ts";
import { BATCH_ITEMS_MAX } from "./schemas.ts";

/** One item's answer, at its place in the request. */
export type BatchItem =
  | { readonly index: number; readonly ok: true; readonly rating: RatingBody }
  | { readonly index: number; readonly ok: false; readonly problem: RatingProblem };

export interface BatchRating {
  readonly items: readonly BatchItem[];
  /** Sums over the items that were rated. */
  readonly units: ReadonlyMap<RatingPart, bigint>;
}

/** Rates up to `BATCH_ITEMS_MAX` items. A bad item gets its own problem and costs nothing. */
export async function rateBatch(
  call: RatingCall,
  deps: RatingDeps,
): Promise<Result<BatchRating, RatingProblem>> {
  const bodies = itemsOf(call.body);
  if (!bodies.ok) return bodies;
  const results = await rateAll(bodies.value.map((body) => ({ ...call, body })), deps);
  return accept({
    items: results.map(batchItem),
    units: sumUnits(results.flatMap((result) => result.ok ? [result.value] : [])),
  });
}

/** Items that are rated at the same time: each may have to read its instrument. */
const BATCH_CONCURRENCY = 50;

async function rateAll(
  calls: readonly RatingCall[],
  deps: RatingDeps,
): Promise<readonly Result<Rating, RatingProblem>[]> {
  const results: Result<Rating, RatingProblem>[] = [];
  for (let start = 0; start < calls.length; start += BATCH_CONCURRENCY) {
    const slice = calls.slice(start, start + BATCH_CONCURRENCY);
    results.push(...await Promise.all(slice.map((one) => rateOne(one, deps))));
  }
  return results;
}

/** Items stay unchecked here, so that one bad item does not refuse the others. */
function itemsOf(body: unknown): Result<readonly unknown[], RatingProblem> {
  const items = typeof body === "object" && body !== null && "items" in body ? body.items : null;
  if (!Array.isArray(items) || items.length === 0) return refuse(NO_ITEMS);
  if (items.length > BATCH_ITEMS_MAX) return refuse(TOO_MANY);
  const extra = Object.keys(body ?? {}).find((key) => key !== "items");
  if (extra === undefined) return accept(items);
  return refuse({
    code: "validation_failed",
    detail: `A batch has no member ${extra}: it holds items alone`,
    pointer: `/${extra.replaceAll("~", "~0").replaceAll("/", "~1")}`,
  });
}

const NO_ITEMS: RatingProblem = {
  code: "validation_failed",
  detail: "A batch needs a list `items` with at least one rating request",
  pointer: "/items",
};

const TOO_MANY: RatingProblem = {
  code: "batch_too_large",
  detail: `A batch holds at most ${BATCH_ITEMS_MAX} items. Split it`,
  pointer: "/items",
};

function batchItem(result: Result<Rating, RatingProblem>, index: number): BatchItem {
  return result.ok
    ? { index, ok: true, rating: result.value.body }
    : { index, ok: false, problem: result.error };
}

function sumUnits(ratings: readonly Rating[]): ReadonlyMap<RatingPart, bigint> {
  const sums = new Map<RatingPart, bigint>();
  for (const { units } of ratings) {
    for (const [part, count] of units) sums.set(part, (sums.get(part) ?? 0n) + count);
  }
  return sums;
}
