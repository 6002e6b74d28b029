import type { ComponentChildren } from "preact";
import type { Units } from "@/lib/domain/plan.ts";
import { meterClass, seriesClass, statusClass } from "../charts/palette.ts";
import { StackedBars } from "../charts/StackedBars.tsx";
import { formatCompact, formatTime, formatUnits, type TimeStyle } from "../ui/format.ts";
import { useViewer } from "../ui/viewer.ts";

export interface UsageSlot {
  readonly startMs: number;
  /** Where a click on the bar leads, a closer look at its time. */
  readonly href: string | null;
}

export type UsageMeasure = "units" | "calls";
/** What the parts of a series are. */
export type UsageSplit = "meter" | "key" | "feature" | "status";

/** Units or calls by time and part: a chart and its table are made from this one model, so they agree. */
export interface UsageSeries {
  readonly granularity: "minute" | "hour" | "day";
  readonly measure: UsageMeasure;
  readonly split: UsageSplit;
  readonly slots: readonly UsageSlot[];
  readonly parts: readonly {
    readonly key: string;
    readonly label: string;
    /** Units or calls, one per slot. */
    readonly units: readonly Units[];
    readonly total: Units;
  }[];
  readonly total: Units;
}

export function UsageChart(
  { series, summary, height, children }: {
    series: UsageSeries;
    summary: string;
    height?: number;
    children?: ComponentChildren;
  },
) {
  const { locale, timeZone } = useViewer();
  const zone = series.granularity === "day" ? "UTC" : timeZone;
  const text = (atMs: number, style: TimeStyle) =>
    formatTime(atMs, { style, locale, timeZone: zone });
  return (
    <StackedBars
      summary={summary}
      height={height ?? 240}
      axisText={(value) => formatCompact(value, locale)}
      slots={series.slots.map((slot) => ({
        key: String(slot.startMs),
        label: text(slot.startMs, series.granularity === "day" ? "date" : "datetime"),
        shortLabel: text(slot.startMs, axisStyle(series)),
        href: slot.href ?? undefined,
      }))}
      series={series.parts.map((one, at) => ({
        key: one.key,
        label: one.label,
        class: partClass(series.split, { key: one.key, at }),
        values: one.units.map(Number),
        texts: one.units.map((units) => formatUnits(units, locale)),
      }))}
    >
      {children}
    </StackedBars>
  );
}

function partClass(split: UsageSplit, { key, at }: { key: string; at: number }): string {
  if (key === OTHER_PARTS) return "s-rest";
  switch (split) {
    case "meter":
      return meterClass(key, at);
    case "status":
      return statusClass(Number(key), at);
    case "key":
    case "feature":
      return seriesClass(at);
  }
}

/** Key of the part that sums what is beyond the largest ones. */
export const OTHER_PARTS = "other";

function axisStyle({ granularity, slots }: UsageSeries): TimeStyle {
  if (granularity === "day") return "day";
  return slots.length > 48 && granularity === "hour" ? "day" : "minute";
}
