import type { UsageSeries } from "@/components/portal/UsageChart.tsx";
import type { MeterName, Units } from "@/lib/domain/plan.ts";
import type { UsagePoint } from "@/lib/ports/usage.ts";
import { closerRange, instantText, slotStarts, type UsageRange } from "./usage_range.ts";

/**
 * Points as slots by meter, zeros filled in. Meters come in the order given, then by name. Points
 * outside the range are a reader's mistake and are left out, so that rows, columns and total agree.
 */
export function usageSeries(
  points: readonly UsagePoint[],
  { range, order, filters }: {
    readonly range: UsageRange;
    readonly order: readonly MeterName[];
    /** Query parts to keep when leading closer in; `null` for a chart without links. */
    readonly filters: Readonly<Record<string, string>> | null;
  },
): UsageSeries {
  const starts = slotStarts(range);
  const index = new Map(starts.map((startMs, at) => [startMs, at]));
  const byMeter = new Map<MeterName, Units[]>();
  for (const { startMs, meter, units } of points) {
    const at = index.get(startMs);
    if (at === undefined) continue;
    const row = byMeter.get(meter) ?? starts.map(() => 0n);
    row[at] = (row[at] ?? 0n) + units;
    byMeter.set(meter, row);
  }
  const meters = [...byMeter].sort(([a], [b]) =>
    rank(order, a) - rank(order, b) || (a < b ? -1 : 1)
  )
    .map(([meter, units]) => ({ meter, units, total: sum(units) }));
  return {
    granularity: range.granularity,
    slots: starts.map((startMs) => ({
      startMs,
      href: filters === null ? null : closerHref(startMs, range, filters),
    })),
    meters,
    total: sum(meters.map(({ total }) => total)),
  };
}

function closerHref(
  startMs: number,
  { granularity }: UsageRange,
  filters: Readonly<Record<string, string>>,
): string | null {
  const closer = closerRange(startMs, granularity);
  if (closer === null) return null;
  const query = new URLSearchParams({
    ...filters,
    from: instantText(closer.fromMs),
    to: instantText(closer.toMs),
    granularity: closer.granularity,
  });
  return `/portal/usage?${query}`;
}

function rank(order: readonly MeterName[], meter: MeterName): number {
  const at = order.indexOf(meter);
  return at === -1 ? order.length : at;
}

function sum(units: readonly Units[]): Units {
  return units.reduce((total, one) => total + one, 0n);
}
