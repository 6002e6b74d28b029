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
            plot={plot}
          />
        ))}
        <svg
          class="bars"
          y={TOP}
          width="100%"
          height={plot}
          viewBox={`0 0 ${slots.length * SLOT_WIDTH} ${plot}`}
          preserveAspectRatio="none"
        >
          {barPaths({ slots, series, plot, max: axis.max }).map((path) => (
            <path key={path.class} class={path.class} d={path.d} />
          ))}
        </svg>
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
  readonly plot: number;
}

/** Where the pointer is, and what it reads; the bars lie over it and let it through. */
function Column({ slot, at, count, series, plot }: ColumnProps) {
  const hit = `<title>${escapeText(tooltip(slot, series, at))}</title>` +
    `<rect class="hit" x="${percent(at / count)}" width="${percent(1 / count)}" y="${TOP}" ` +
    `height="${plot}"></rect>`;
  // As elements of their own, the parts of two weeks by hour would take most of the page's time.
  const markup = { __html: hit };
  const mark = labelled(at, count);
  return (
    <>
      {slot.href === undefined
        ? <g class="column" dangerouslySetInnerHTML={markup} />
        : <a class="column" href={slot.href} tabIndex={-1} dangerouslySetInnerHTML={markup} />}
      {mark !== "none" && (
        <text
          x={percent((at + 0.5) / count)}
          y={TOP + plot + 17}
          text-anchor="middle"
          class={mark === "minor" ? "minor-label" : undefined}
        >
          {slot.shortLabel}
        </text>
      )}
    </>
  );
}

/** Of the picture that the bars are stretched from; whole numbers keep its text short. */
const SLOT_WIDTH = 100;

/** All bars of a series as one path, those of projected slots as another. */
function barPaths(
  { slots, series, plot, max }: {
    readonly slots: readonly BarSlot[];
    readonly series: readonly BarSeries[];
    readonly plot: number;
    readonly max: number;
  },
): readonly { readonly class: string; readonly d: string }[] {
  const gap = slots.length > 60 ? 8 : 18;
  const width = SLOT_WIDTH - gap;
  const inset = series.length > 1 ? 0.75 : 0;
  const reached = slots.map(() => 0);
  const paths = new Map<string, string>();
  for (const one of series) {
    for (const [at, slot] of slots.entries()) {
      const value = one.values[at] ?? 0;
      if (value <= 0) continue;
      const size = plot * value / max;
      const top = (reached[at] ?? 0) + size;
      reached[at] = top;
      const height = Math.max(0.5, size - inset).toFixed(2);
      const kind = slot.projected === true ? `${one.class} projected` : one.class;
      const bar = `M${at * SLOT_WIDTH + gap / 2} ${(plot - top).toFixed(2)}h${width}v${height}` +
        `h-${width}z`;
      paths.set(kind, (paths.get(kind) ?? "") + bar);
    }
  }
  return [...paths].map(([kind, d]) => ({ class: kind, d }));
}

function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function tooltip(slot: BarSlot, series: readonly BarSeries[], at: number): string {
  const lines = series
    .filter((one) => (one.values[at] ?? 0) > 0)
    .map((one) => `${one.label}: ${one.texts[at] ?? ""}`);
  return [slot.label, ...lines].join("\n");
}

/** A far-off limit must not flatten the bars. */
function shownThreshold(value: number | undefined, totals: readonly number[]): number {
  if (value === undefined) return 0;
  return value <= 2 * Math.max(...totals, 0) ? value : 0;
}
