import { z } from "zod";
import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import type { OperatorCall } from "./operation.ts";

const LIMIT_MAX = 200;

export const LIMIT_QUERY = { limit: z.coerce.number().int().min(1).max(LIMIT_MAX).default(50) };
/** Members of the query of every list that has pages. */
export const PAGE_QUERY = { ...LIMIT_QUERY, cursor: z.string().max(4_096).optional() };

type PagedCall = OperatorCall<{ readonly limit: number; readonly cursor?: string | undefined }>;

export interface PageWanted {
  readonly limit: number;
  /** Where the store goes on; absent for the first page. */
  readonly cursor?: string;
}

/** Error: `invalid_cursor`. */
export function pageWanted(call: PagedCall): Result<PageWanted> {
  const { limit, cursor = null } = call.input;
  const opened = call.services.cursors.open(cursor, scopeOf(call));
  if (!opened.ok) return opened;
  return accept(opened.value === undefined ? { limit } : { limit, cursor: opened.value });
}

/** Text for `next_cursor`. */
export function sealCursor(call: PagedCall, position: string | null): string | null {
  return call.services.cursors.seal(position, scopeOf(call));
}

/** A page of a list that is read whole, in the order given. Error: `invalid_cursor`. */
export function sliceOf<T>(
  items: readonly T[],
  { limit, cursor }: PageWanted,
  keyOf: (item: T) => string,
): Result<{ readonly items: readonly T[]; readonly position: string | null }> {
  const before = cursor === undefined ? -1 : items.findIndex((item) => keyOf(item) === cursor);
  if (cursor !== undefined && before === -1) {
    const detail = "The list has changed; start again without a cursor";
    return refuse({ code: "invalid_cursor", detail, pointer: "/cursor" });
  }
  const page = items.slice(before + 1, before + 1 + limit);
  const last = page.at(-1);
  const isEnd = before + 1 + limit >= items.length;
  return accept({ items: page, position: isEnd || last === undefined ? null : keyOf(last) });
}

function scopeOf({ operationId }: PagedCall) {
  return { owner: "operator", list: operationId };
}
