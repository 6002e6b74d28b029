import { labelled, percent } from "./scale.ts";

export interface PriceLineProps {
  readonly summary: string;
  /** One per point, under the axis. */
  readonly labels: readonly string[];
  readonly values: readonly number[];
  readonly axisText: (value: number) => string;
}

const HEIGHT = 200;
const BOTTOM = 22;
const TOP = 12;
const PLOT = HEIGHT - BOTTOM - TOP;
/** Days are long words. */
const LABELS = 4;
const STEPS = [1, 2, 2.5, 5, 10];

/** Prices over time. The axis holds their own range: a price has no use for a zero far below it. */
export function PriceLine({ summary, labels, values, axisText }: PriceLineProps) {
  const ticks = rangeTicks(values);
  const low = ticks[0] ?? 0;
  const span = (ticks.at(-1) ?? 1) - low;
  const shareOf = (value: number) => (value - low) / span;
  const last = Math.max(1, values.length - 1);
  const path = values.map((value, at) =>
    `${at === 0 ? "M" : "L"}${(at / last * 100).toFixed(2)} ${
      (100 - shareOf(value) * 100).toFixed(2)
    }`
  ).join("");
  return (
    <figure class="chart">
      <svg height={HEIGHT} role="img" aria-label={summary}>
        <g aria-hidden="true">
          {ticks.map((tick) => {
            const y = TOP + PLOT * (1 - shareOf(tick));
            return (
              <g key={tick}>
                <line x1="0" x2="100%" y1={y} y2={y} class={tick === low ? "axis" : "rule"} />
                <text x="-8" y={y + 4} text-anchor="end">{axisText(tick)}</text>
              </g>
            );
          })}
        </g>
        <svg y={TOP} width="100%" height={PLOT} viewBox="0 0 100 100" preserveAspectRatio="none">
          <path class="price-line" d={path} />
        </svg>
        {labels.map((label, at) => {
          const mark = labelled(at, labels.length, LABELS);
          if (mark === "none") return null;
          return (
            <text
              key={at}
              x={percent(at / last)}
              y={TOP + PLOT + 17}
              text-anchor={at === 0 ? "start" : at === last ? "end" : "middle"}
              class={mark === "minor" ? "minor-label" : undefined}
              aria-hidden="true"
            >
              {label}
            </text>
          );
        })}
      </svg>
    </figure>
  );
}

/** Round marks from below the lowest to above the highest value, four or so. */
export function rangeTicks(values: readonly number[]): readonly number[] {
  const [lowest, highest] = values.length === 0
    ? [0, 1]
    : [Math.min(...values), Math.max(...values)];
  const spread = highest > lowest ? highest - lowest : Math.abs(highest) || 1;
  const power = 10 ** Math.floor(Math.log10(spread / 4));
  const step = (STEPS.find((one) => one * power >= spread / 4) ?? 10) * power;
  const first = Math.floor(lowest / step);
  const count = Math.max(1, Math.ceil(highest / step) - first);
  return Array.from(
    { length: count + 1 },
    (_, at) => Number(((first + at) * step).toPrecision(12)),
  );
}
