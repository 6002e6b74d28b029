import type { Units } from "@/lib/domain/plan.ts";
import { formatUnits } from "../ui/format.ts";
import { useSay, useViewer } from "../ui/viewer.ts";

export interface PipelineStage {
  readonly name: string;
  readonly units: Units;
  readonly note: string;
  readonly class: string;
}

/**
 * Where the units of a period are on their way to Stripe. The stages are disjoint and add up to what
 * was acknowledged. `difference`, of lines at rest, is a defect and is shown as one; lines that move
 * while they are counted are no snapshot together.
 */
export function PipelineDiagram(
  { acknowledged, stages, difference }: {
    acknowledged: Units;
    stages: readonly PipelineStage[];
    difference: Units;
  },
) {
  const { locale } = useViewer();
  const say = useSay();
  const total = stages.reduce((sum, stage) => sum + stage.units, 0n);
  const verdict = difference !== 0n
    ? "pipeline_differs"
    : total === acknowledged
    ? "pipeline_balanced"
    : "pipeline_moved";
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
        {say(verdict, {
          total: formatUnits(total, locale),
          acknowledged: formatUnits(acknowledged, locale),
          difference: formatUnits(difference, locale),
        })}
      </p>
    </div>
  );
}
