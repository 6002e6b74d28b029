import type { ComponentChildren } from "preact";
import { Legend } from "./Legend.tsx";
import { labelled, linePath, niceAxis, percent } from "./scale.ts";

export interface AreaSeries {
  readonly key: string;
  readonly label: string;
  readonly class: string;
  readonly values: readonly number[];
}

export interface AreaChartProps {
  readonly summary: string;
  /** One per point, under the axis. */
  readonly labels: readonly string[];
  readonly series: readonly AreaSeries[];
  readonly axisText: (value: number) => string;
  readonly height?: number;
  readonly children?: ComponentChildren;
}

const BOTTOM = 22;
const TOP = 12;

/** Stacked areas; each path covers everything below it, drawn from the top of the stack down. */
export function AreaChart(props: AreaChartProps) {
  const { labels, series, height = 200 } = props;
  const stacks = stackUp(series);
  const axis = niceAxis(Math.max(0, ...(stacks.at(-1) ?? [])));
  const plot = height - BOTTOM - TOP;
  return (
    <figure class="chart">
      <svg height={height} role="img" aria-label={props.summary}>
        <g aria-hidden="true">
          {axis.ticks.map((tick) => {
            const y = TOP + plot * (1 - tick / axis.max);
            return (
              <g key={tick}>
                <line x1="0" x2="100%" y1={y} y2={y} class={tick === 0 ? "axis" : "rule"} />
                <text x="-8" y={y + 4} text-anchor="end">{props.axisText(tick)}</text>
              </g>
            );
          })}
        </g>
        <svg y={TOP} width="100%" height={plot} viewBox="0 0 100 100" preserveAspectRatio="none">
          {series.map((one, at) => ({ one, stack: stacks[at] ?? [] })).reverse().map((
            { one, stack },
          ) => (
            <g key={one.key}>
              <path
                class={`area ${one.class}`}
                d={`${linePath(stack, axis.max)}L100 100L0 100Z`}
              />
            </g>
          ))}
        </svg>
        {labels.map((label, at) => {
          const mark = labelled(at, labels.length);
          if (mark === "none") return null;
          return (
            <text
              key={at}
              x={percent(at / Math.max(1, labels.length - 1))}
              y={TOP + plot + 17}
              text-anchor={at === 0 ? "start" : "middle"}
              class={mark === "minor" ? "minor-label" : undefined}
              aria-hidden="true"
            >
              {label}
            </text>
          );
        })}
      </svg>
      {series.length > 1 && (
        <Legend items={series.map((one) => ({ label: one.label, class: one.class }))} />
      )}
      {props.children}
    </figure>
  );
}

function stackUp(series: readonly AreaSeries[]): readonly (readonly number[])[] {
  const stacks: number[][] = [];
  for (const { values } of series) {
    const below = stacks.at(-1);
    stacks.push(values.map((value, at) => value + (below?.[at] ?? 0)));
  }
  return stacks;
}
