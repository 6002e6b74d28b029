import type { Units } from "@/lib/domain/plan.ts";
import { formatUnits } from "../ui/format.ts";
import { useViewer } from "../ui/viewer.ts";

export interface PipelineStage {
  readonly name: string;
  readonly units: Units;
  readonly note: string;
  readonly class: string;
}

/**
 * Where the units of a period are on their way to Stripe. The stages are disjoint and add up to what
 * was acknowledged; a difference is a defect and is shown as one.
 */
export function PipelineDiagram(
  { acknowledged, stages, difference }: {
    acknowledged: Units;
    stages: readonly PipelineStage[];
    difference: Units;
  },
) {
  const { locale } = useViewer();
  return (
    <div class="stack-sm">
      <ol class="pipeline">
        {stages.map((stage) => (
          <li key={stage.name}>
            <svg aria-hidden="true">
              <rect width="100%" height="6" rx="1" class={stage.class} />
            </svg>
            <span class="name">{stage.name}</span>
            <span class="value">{formatUnits(stage.units, locale)}</span>
            <span class="note">{stage.note}</span>
          </li>
        ))}
      </ol>
      <p class="small muted">
        Together{" "}
        {formatUnits(stages.reduce((sum, stage) => sum + stage.units, 0n), locale)}; acknowledged
        {" "}
        {formatUnits(acknowledged, locale)}
        {difference === 0n
          ? ". The books balance."
          : `. Difference ${formatUnits(difference, locale)}.`}
      </p>
    </div>
  );
}
