import type { UsageSeries } from "@/components/portal/UsageChart.tsx";
import { csvText } from "./csv.ts";

/** One row per slot with units, one column per meter, as the page's table has them. */
export function usageCsv(series: UsageSeries): string {
  const rows = series.slots.map((slot, at) => {
    const units = series.meters.map((one) => one.units[at] ?? 0n);
    return [
      new Date(slot.startMs).toISOString(),
      ...units,
      units.reduce((total, one) => total + one, 0n),
    ];
  });
  return csvText(["start_utc", ...series.meters.map(({ meter }) => meter), "all"], rows);
}
