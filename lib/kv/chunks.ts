/** Cuts rows into values of `size` rows; a value may have 64 KiB, so the largest row decides. */
export function chunksOf<T>(rows: readonly T[], size: number): readonly (readonly T[])[] {
  const chunks: T[][] = [];
  for (let at = 0; at < rows.length; at += size) chunks.push(rows.slice(at, at + size));
  return chunks;
}

/** A page position within chunks, as opaque text; `null` for text that nobody was given. */
export function parseRowCursor(cursor: string | undefined): number | null {
  if (cursor === undefined) return 0;
  return /^\d{1,9}$/.test(cursor) ? Number(cursor) : null;
}
