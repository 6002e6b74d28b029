import type { UsageMeasure, UsageSeries, UsageSplit } from "@/components/portal/UsageChart.tsx";
import { meterLabel } from "@/lib/domain/meter.ts";
import type { MeterName, Units } from "@/lib/domain/plan.ts";
import type { UsagePoint } from "@/lib/ports/usage.ts";
import { closerRange, instantText, slotStarts, type UsageRange } from "./usage_range.ts";

/** Units or calls of one part in the slot that begins at `startMs`. */
export interface PartPoint {
  readonly startMs: number;
  readonly part: string;
  readonly units: Units;
}

export interface SeriesTerms {
  readonly range: UsageRange;
  readonly measure: UsageMeasure;
  readonly split: UsageSplit;
  /** Parts that come first, in this order; the others follow by their key. */
  readonly order: readonly string[];
  readonly label: (part: string) => string;
  /** Of the part that sums the rest; English where it is not said. */
  readonly others?: (count: number) => string;
  /** Query parts to keep when leading closer in; `null` for a chart without links. */
  readonly filters: Readonly<Record<string, string>> | null;
}

/** Parts of one chart; what is beyond the largest ones is summed as one more. */
const PARTS_MAX = 8;
const OTHER = "other";

/** Units by meter; see `partSeries`. */
export function usageSeries(
  points: readonly UsagePoint[],
  terms: Pick<SeriesTerms, "range" | "filters"> & {
    readonly order: readonly MeterName[];
    readonly label?: (meter: MeterName) => string;
  },
): UsageSeries {
  return partSeries(points.map(({ startMs, meter, units }) => ({ startMs, part: meter, units })), {
    label: meterLabel,
    ...terms,
    measure: "units",
    split: "meter",
  });
}

/**
 * Points as slots by part, zeros filled in. Points outside the range are a reader's mistake and are
 * left out, so that rows, columns and total agree.
 */
export function partSeries(
  points: readonly PartPoint[],
  { range, measure, split, order, label, filters, others = othersInEnglish }: SeriesTerms,
): UsageSeries {
  const starts = slotStarts(range);
  const index = new Map(starts.map((startMs, at) => [startMs, at]));
  const byPart = new Map<string, Units[]>();
  for (const { startMs, part, units } of points) {
    const at = index.get(startMs);
    if (at === undefined) continue;
    const row = byPart.get(part) ?? starts.map(() => 0n);
    row[at] = (row[at] ?? 0n) + units;
    byPart.set(part, row);
  }
  const all = [...byPart].map(([part, units]) => ({ part, units, total: sum(units) }));
  const [shown, rest] = largest(all);
  const parts = [
    ...shown.sort((a, b) => rank(order, a.part) - rank(order, b.part) || (a.part < b.part ? -1 : 1))
      .map(({ part, units, total }) => ({ key: part, label: label(part), units, total })),
    ...rest.length === 0 ? [] : [{
      key: OTHER,
      label: others(rest.length),
      units: starts.map((_, at) => sum(rest.map(({ units }) => units[at] ?? 0n))),
      total: sum(rest.map(({ total }) => total)),
    }],
  ];
  return {
    granularity: range.granularity,
    measure,
    split,
    slots: starts.map((startMs) => ({
      startMs,
      href: filters === null ? null : closerHref(startMs, range, filters),
    })),
    parts,
    total: sum(parts.map(({ total }) => total)),
  };
}

function othersInEnglish(count: number): string {
  return `${count} others`;
}

function largest<P extends { readonly total: Units }>(parts: P[]): [P[], P[]] {
  if (parts.length <= PARTS_MAX) return [parts, []];
  const bySize = [...parts].sort((a, b) => a.total > b.total ? -1 : a.total < b.total ? 1 : 0);
  return [bySize.slice(0, PARTS_MAX - 1), bySize.slice(PARTS_MAX - 1)];
}

function closerHref(
  startMs: number,
  { granularity }: UsageRange,
  filters: Readonly<Record<string, string>>,
): string | null {
  const closer = closerRange(startMs, granularity);
  if (closer === null) return null;
  // By hand: a chart of a year has four hundred of these, and times need one escape only.
  const time = (atMs: number) => instantText(atMs).replace(":", "%3A");
  const query = new URLSearchParams(filters);
  const kept = query.size === 0 ? "" : `${query}&`;
  return `/portal/usage?${kept}from=${time(closer.fromMs)}&to=${time(closer.toMs)}` +
    `&granularity=${closer.granularity}`;
}

function rank(order: readonly string[], part: string): number {
  const at = order.indexOf(part);
  return at === -1 ? order.length : at;
}

function sum(units: readonly Units[]): Units {
  return units.reduce((total, one) => total + one, 0n);
}
