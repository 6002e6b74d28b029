import type { Page } from "@/lib/ports/tenancy.ts";
import type { KvLike } from "../kv_like.ts";

/** Index rows that a filtered page may look at before it returns what it has. */
const MAX_SCAN = 2_000;
/** Rows that are read at the same time. */
const TOGETHER = 50;

export interface NewestFirst<T> {
  /** Of an index whose keys go on with a time in milliseconds, and whose values are the rows' keys. */
  readonly prefix: Deno.KvKey;
  /** Older rows count as gone, whether or not the database has swept them up. */
  readonly sinceMs: number;
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly isWanted: (row: T) => boolean;
}

/** A page of rows by an index in order of time, newest first. */
export async function newestFirst<T>(
  kv: KvLike,
  { prefix, sinceMs, limit, cursor, isWanted }: NewestFirst<T>,
): Promise<Page<T>> {
  const items: T[] = [];
  let position = cursor;
  for (let seen = 0; seen < MAX_SCAN;) {
    const start: Deno.KvKey = [...prefix, sinceMs];
    const parts = position === undefined ? [Infinity] : partsOf(position);
    // Everything from there on has grown too old since the last page.
    if (Number(parts[0]) < sinceMs) return { items, cursor: null };
    const end: Deno.KvKey = [...prefix, ...parts];
    const index: Deno.KvEntry<Deno.KvKey>[] = [];
    const options = { reverse: true, limit: TOGETHER };
    for await (const entry of kv.list<Deno.KvKey>({ start, end }, options)) index.push(entry);
    const rows = await Promise.all(index.map(({ value }) => kv.get<T>(value)));
    for (const [at, { value }] of rows.entries()) {
      if (items.length === limit) return { items, cursor: position ?? null };
      position = JSON.stringify(index[at]?.key.slice(prefix.length));
      if (value !== null && isWanted(value)) items.push(value);
    }
    if (index.length < TOGETHER) return { items, cursor: null };
    seen += index.length;
  }
  return { items, cursor: position ?? null };
}

/** Positions were made above and came back sealed. */
function partsOf(position: string): Deno.KvKey {
  const parts: Deno.KvKeyPart[] = JSON.parse(position);
  return parts;
}
