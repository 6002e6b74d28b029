import type { UsageSeries } from "@/components/portal/UsageChart.tsx";

/**
 * One row per slot, one column per meter, as the page's table has them; RFC 4180. Nothing needs
 * quoting: times, whole numbers and meter names, which are lowercase words.
 */
export function usageCsv(series: UsageSeries): string {
  const header = ["start_utc", ...series.meters.map(({ meter }) => meter), "all"];
  const rows = series.slots.map((slot, at) => {
    const units = series.meters.map((one) => one.units[at] ?? 0n);
    const all = units.reduce((total, one) => total + one, 0n);
    return [new Date(slot.startMs).toISOString(), ...units.map(String), String(all)];
  });
  return [header, ...rows].map((cells) => `${cells.join(",")}\r\n`).join("");
}
