import type { ComponentChildren } from "preact";
import { Legend } from "./Legend.tsx";
import { labelled, niceAxis, percent } from "./scale.ts";

export interface BarSlot {
  readonly key: string;
  /** Whole label, for the tooltip. */
  readonly label: string;
  /** Under the axis. */
  readonly shortLabel: string;
  readonly projected?: boolean;
  /** Bars with an address lead closer in. */
  readonly href?: string | undefined;
}

export interface BarSeries {
  readonly key: string;
  readonly label: string;
  readonly class: string;
  /** One per slot, in drawing units. */
  readonly values: readonly number[];
  /** The same figures as text. */
  readonly texts: readonly string[];
}

export interface StackedBarsProps {
  /** What the chart shows, in a sentence, for those who don't see it. */
  readonly summary: string;
  readonly slots: readonly BarSlot[];
  readonly series: readonly BarSeries[];
  readonly axisText: (value: number) => string;
  readonly threshold?: { readonly value: number; readonly label: string } | undefined;
  readonly height?: number;
  readonly wholeNumbers?: boolean;
  /** The same figures as a table, or a word where they are. */
  readonly children?: ComponentChildren;
}

const BOTTOM = 22;
const TOP = 12;

/**
 * Bars in percentages, so that the picture fits any width without scaling its text, and no inline
 * style is needed, which a strict content policy would refuse. Axis labels hang out to the left.
 */
export function StackedBars(props: StackedBarsProps) {
  const { slots, series, threshold, height = 240 } = props;
  const totals = slots.map((_, at) => series.reduce((sum, one) => sum + (one.values[at] ?? 0), 0));
  const highest = Math.max(0, ...totals, shownThreshold(threshold?.value, totals));
  const axis = niceAxis(highest, { whole: props.wholeNumbers ?? true });
  const plot = height - BOTTOM - TOP;
  const y = (value: number) => TOP + plot * (1 - value / axis.max);
  return (
    <figure class="chart">
      <figcaption class="sr-only">{props.summary}</figcaption>
      <svg height={height} aria-hidden="true">
        <g>
          {axis.ticks.map((tick) => (
            <g key={tick}>
              <line
                x1="0"
                x2="100%"
                y1={y(tick)}
                y2={y(tick)}
                class={tick === 0 ? "axis" : "rule"}
              />
              <text x="-8" y={y(tick) + 4} text-anchor="end">{props.axisText(tick)}</text>
            </g>
          ))}
        </g>
        {slots.map((slot, at) => (
          <Column
            key={slot.key}
            slot={slot}
            at={at}
            count={slots.length}
            series={series}
            top={TOP}
            plot={plot}
            max={axis.max}
          />
        ))}
        {threshold !== undefined && threshold.value <= axis.max && (
          <g>
            <line
              class="threshold"
              x1="0"
              x2="100%"
              y1={y(threshold.value)}
              y2={y(threshold.value)}
            />
            <text class="threshold-label" x="100%" y={y(threshold.value) - 6} text-anchor="end">
              {threshold.label}
            </text>
          </g>
        )}
      </svg>
      {series.length > 1 && (
        <Legend items={series.map((one) => ({ label: one.label, class: one.class }))} />
      )}
      {props.children}
    </figure>
  );
}

interface ColumnProps {
  readonly slot: BarSlot;
  readonly at: number;
  readonly count: number;
  readonly series: readonly BarSeries[];
  readonly top: number;
  readonly plot: number;
  readonly max: number;
}

function Column(props: ColumnProps) {
  const { slot, at, count } = props;
  const bars = { __html: barsMarkup(props) };
  const mark = labelled(at, count);
  return (
    <>
      {slot.href === undefined
        ? <g class="column" dangerouslySetInnerHTML={bars} />
        : <a class="column" href={slot.href} tabIndex={-1} dangerouslySetInnerHTML={bars} />}
      {mark !== "none" && (
        <text
          x={percent((at + 0.5) / count)}
          y={props.top + props.plot + 17}
          text-anchor="middle"
          class={mark === "minor" ? "minor-label" : undefined}
        >
          {slot.shortLabel}
        </text>
      )}
    </>
  );
}

/**
 * The bars of a slot as markup: a chart of two weeks by hour has thousands of them, and as elements of
 * their own they would take most of the page's time. All of it is numbers, class names of ours, and one
 * escaped text.
 */
function barsMarkup({ slot, at, count, series, top, plot, max }: ColumnProps): string {
  const gap = count > 60 ? 0.08 : 0.18;
  const x = percent((at + gap / 2) / count);
  const width = percent((1 - gap) / count);
  const inset = series.length > 1 ? 0.75 : 0;
  let reached = 0;
  let bars = "";
  for (const one of series) {
    const value = one.values[at] ?? 0;
    if (value <= 0) continue;
    const size = plot * value / max;
    reached += size;
    const y = (top + plot - reached).toFixed(2);
    const height = Math.max(0.5, size - inset).toFixed(2);
    const kind = slot.projected === true ? `${one.class} projected` : one.class;
    bars += `<rect class="${kind}" x="${x}" width="${width}" y="${y}" height="${height}"></rect>`;
  }
  const hit = `<rect class="hit" x="${percent(at / count)}" width="${percent(1 / count)}" ` +
    `y="${top}" height="${plot}"></rect>`;
  return `<title>${escapeText(tooltip(slot, series, at))}</title>${hit}${bars}`;
}

function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function tooltip(slot: BarSlot, series: readonly BarSeries[], at: number): string {
  const lines = series
    .filter((one) => (one.values[at] ?? 0) > 0)
    .map((one) => `${one.label}: ${one.texts[at] ?? ""}`);
  return [slot.label, ...(lines.length === 0 ? ["nothing"] : lines)].join("\n");
}

/** A far-off limit must not flatten the bars. */
function shownThreshold(value: number | undefined, totals: readonly number[]): number {
  if (value === undefined) return 0;
  return value <= 2 * Math.max(...totals, 0) ? value : 0;
}
