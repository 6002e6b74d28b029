/** Rows per stored value: a row is below 400 bytes, a value may have 64 KiB. */
export const ROWS_PER_CHUNK = 100;

/** Cuts rows into values that Deno KV takes. */
export function chunksOf<T>(rows: readonly T[]): readonly (readonly T[])[] {
  const chunks: T[][] = [];
  for (let at = 0; at < rows.length; at += ROWS_PER_CHUNK) {
    chunks.push(rows.slice(at, at + ROWS_PER_CHUNK));
  }
  return chunks;
}

/** A page position within chunks, as opaque text; `null` for text that nobody was given. */
export function parseRowCursor(cursor: string | undefined): number | null {
  if (cursor === undefined) return 0;
  return /^\d{1,9}$/.test(cursor) ? Number(cursor) : null;
}
