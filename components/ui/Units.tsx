import type { Units as UnitCount } from "@/lib/domain/plan.ts";
import { formatUnits } from "./format.ts";
import { useViewer } from "./viewer.ts";

export function Units({ units, of }: { units: UnitCount; of?: UnitCount | null }) {
  const { locale } = useViewer();
  return (
    <span class="num">
      {formatUnits(units, locale)}
      {of !== undefined && of !== null && (
        <span class="muted">{` of ${formatUnits(of, locale)}`}</span>
      )}
    </span>
  );
}
