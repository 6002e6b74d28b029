import type { ComponentChildren } from "preact";
import type { Units } from "@/lib/domain/plan.ts";
import { meterClass } from "../charts/palette.ts";
import { StackedBars } from "../charts/StackedBars.tsx";
import { formatCompact, formatTime, formatUnits, type TimeStyle } from "../ui/format.ts";
import { useViewer } from "../ui/viewer.ts";
import { meterLabel } from "@/lib/domain/meter.ts";

export interface UsageSlot {
  readonly startMs: number;
  /** Where a click on the bar leads, a closer look at its time. */
  readonly href: string | null;
}

/** Units by time and meter: a chart and its table are made from this one model, so they agree. */
export interface UsageSeries {
  readonly granularity: "minute" | "hour" | "day";
  readonly slots: readonly UsageSlot[];
  readonly meters: readonly {
    readonly meter: string;
    /** One per slot. */
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
      series={series.meters.map((one, at) => ({
        key: one.meter,
        label: meterLabel(one.meter),
        class: meterClass(one.meter, at),
        values: one.units.map(Number),
        texts: one.units.map((units) => formatUnits(units, locale)),
      }))}
    >
      {children}
    </StackedBars>
  );
}

function axisStyle({ granularity, slots }: UsageSeries): TimeStyle {
  if (granularity === "day") return "day";
  return slots.length > 48 && granularity === "hour" ? "day" : "minute";
}
