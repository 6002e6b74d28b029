/** The entries, by state. */
export const OUTBOX_PATH = "/operator/outbox";

/** The page of one entry. */
export function entryPath(entryId: string): string {
  return `${OUTBOX_PATH}/${encodeURIComponent(entryId)}`;
}
