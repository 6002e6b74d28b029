import type { UsageSeries } from "@/components/portal/UsageChart.tsx";
import { csvText } from "@/lib/billing/csv_text.ts";

/** One row per slot, one column per part, as the page's table has them. Meters keep their own names. */
export function usageCsv(series: UsageSeries): string {
  const names = series.parts.map(({ key, label }) => series.split === "key" ? label : key);
  const rows = series.slots.map((slot, at) => {
    const units = series.parts.map((one) => one.units[at] ?? 0n);
    const all = units.reduce((total, one) => total + one, 0n);
    return [new Date(slot.startMs).toISOString(), ...units.map(String), String(all)];
  });
  return csvText([["start_utc", ...names, "all"], ...rows]);
}
