import { DateTime } from "../../ui/DateTime.tsx";

/** Who proposed a change of the bill and when, and who decided over it. */
export function ProposedBy(
  { author, atMs, decidedBy }: { author: string; atMs: number; decidedBy: string | null },
) {
  return (
    <>
      <bdi>{author}</bdi> <DateTime atMs={atMs} />
      {decidedBy !== null && (
        <div class="muted small">
          decided by <bdi>{decidedBy}</bdi>
        </div>
      )}
    </>
  );
}
