import { formatPercent } from "./format.ts";
import { useViewer } from "./viewer.ts";

/** Long work: how far it is, in words too. `done` and `total` count the same things. */
export function Progress(
  { label, done, total, note }: { label: string; done: number; total: number; note?: string },
) {
  const { locale } = useViewer();
  const share = total <= 0 ? 1 : Math.min(1, Math.max(0, done / total));
  return (
    <div class="progress">
      <div class="row-between">
        <span>{label}</span>
        <span class="num muted">{formatPercent(share, locale)}</span>
      </div>
      <progress value={share} max={1} aria-label={label} />
      {note !== undefined && <span class="muted">{note}</span>}
    </div>
  );
}
