import type { ComponentChildren } from "preact";
import { Legend } from "./Legend.tsx";
import type { Part } from "./StackBar.tsx";

const RADIUS = 42;
const AROUND = 2 * Math.PI * RADIUS;

/** Shares as a ring, with the total in words inside. */
export function Donut(
  { parts, summary, children }: {
    parts: readonly Part[];
    summary: string;
    children?: ComponentChildren;
  },
) {
  const total = parts.reduce((sum, part) => sum + part.value, 0);
  let reached = 0;
  return (
    <div class="donut">
      <svg viewBox="0 0 100 100" role="img" aria-label={summary}>
        <circle class="donut-track" cx="50" cy="50" r={RADIUS} stroke="var(--line)" />
        {total > 0 && parts.filter((part) => part.value > 0).map((part) => {
          const start = reached / total;
          reached += part.value;
          return (
            <circle
              key={part.key}
              class={`donut-arc ${part.class}`}
              cx="50"
              cy="50"
              r={RADIUS}
              stroke-dasharray={`${(part.value / total * AROUND - 0.8).toFixed(2)} ${AROUND}`}
              stroke-dashoffset={(-start * AROUND).toFixed(2)}
              transform="rotate(-90 50 50)"
            />
          );
        })}
        {children}
      </svg>
      <Legend items={parts.map((part) => ({ label: part.label, class: part.class }))} />
    </div>
  );
}
