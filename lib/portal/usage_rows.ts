import type { UsageSeries } from "@/components/portal/UsageChart.tsx";
import type { Units } from "@/lib/domain/plan.ts";

/** A row of the table under the chart: one slot with something in it. */
export interface UsageRow {
  readonly startMs: number;
  readonly href: string | null;
  /** Place of the slot in the series. */
  readonly at: number;
  readonly total: Units;
}

export interface UsageRows {
  /** Newest first; empty slots are left out. */
  readonly rows: readonly UsageRow[];
  /** Query value of the next page, older slots; `null` on the last one. */
  readonly next: string | null;
  readonly isFirst: boolean;
}

/** Two weeks by hour are more rows than anybody reads, and than a page makes quickly. */
const ROWS_PER_PAGE = 60;

/** A page of the table. `before` is a start that an earlier page ended at; anything else is the first. */
export function usageRows(series: UsageSeries, before: string | null): UsageRows {
  const beforeMs = before !== null && /^\d{1,14}$/.test(before) ? Number(before) : Infinity;
  const found: UsageRow[] = [];
  for (let at = series.slots.length - 1; at >= 0 && found.length <= ROWS_PER_PAGE; at--) {
    const slot = series.slots[at];
    if (slot === undefined || slot.startMs >= beforeMs) continue;
    const total = series.parts.reduce((sum, one) => sum + (one.units[at] ?? 0n), 0n);
    if (total > 0n) found.push({ ...slot, at, total });
  }
  const rows = found.slice(0, ROWS_PER_PAGE);
  const last = rows.at(-1);
  return {
    rows,
    next: found.length > rows.length && last !== undefined ? String(last.startMs) : null,
    isFirst: beforeMs === Infinity,
  };
}
