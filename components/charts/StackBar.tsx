import type { ComponentChildren } from "preact";
import { Legend } from "./Legend.tsx";
import { percent } from "./scale.ts";

export interface Part {
  readonly key: string;
  readonly label: ComponentChildren;
  readonly class: string;
  readonly value: number;
}

/** Parts of one whole, side by side. */
export function StackBar(
  { parts, summary, legend = true }: {
    parts: readonly Part[];
    summary: string;
    legend?: boolean;
  },
) {
  const total = parts.reduce((sum, part) => sum + part.value, 0);
  let reached = 0;
  return (
    <div class="chart stack-bar">
      <svg role="img" aria-label={summary}>
        <rect class="s-rest" width="100%" height="16" rx="2" />
        {total > 0 && parts.map((part) => {
          const x = reached / total;
          reached += part.value;
          return (
            <rect
              key={part.key}
              class={part.class}
              x={percent(x)}
              width={percent(part.value / total)}
              height="16"
            />
          );
        })}
      </svg>
      {legend && <Legend items={parts.map((part) => ({ label: part.label, class: part.class }))} />}
    </div>
  );
}
