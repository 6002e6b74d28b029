/** The table under the usage chart: a page at a time, and nothing between two pages. */
import { assert, assertEquals } from "@std/assert";
import { alignRange } from "@/lib/portal/usage_range.ts";
import { usageRows } from "@/lib/portal/usage_rows.ts";
import { usageSeries } from "@/lib/portal/usage_series.ts";

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 10, 24, 12);

function twoWeeks(isUsed: (at: number) => boolean) {
  const range = alignRange({ fromMs: NOW - 336 * HOUR, toMs: NOW, granularity: "hour" });
  const points = Array.from({ length: 336 }, (_, at) => at).filter(isUsed)
    .map((at) => ({
      startMs: range.fromMs + at * HOUR,
      meter: "risk_score",
      units: BigInt(at + 1),
    }));
  return usageSeries(points, { range, order: [], filters: {} });
}

Deno.test("pages of the usage table hold each used slot once, newest first, at most sixty a page", () => {
  const series = twoWeeks((at) => at % 3 !== 0);
  const seen: number[] = [];
  let before: string | null = null;
  for (let page = 0; page < 10; page++) {
    const found = usageRows(series, before);
    assert(found.rows.length <= 60);
    assertEquals(found.isFirst, page === 0);
    seen.push(...found.rows.map(({ startMs }) => startMs));
    before = found.next;
    if (before === null) break;
  }
  assertEquals(seen, seen.toSorted((a, b) => b - a));
  assertEquals(new Set(seen).size, 224);
  const total = seen.map((startMs) => series.slots.findIndex((slot) => slot.startMs === startMs))
    .reduce((sum, at) => sum + (series.parts[0]?.units[at] ?? 0n), 0n);
  assertEquals(total, series.total);
});

Deno.test("any text in place of a page's end is the first page", () => {
  const series = twoWeeks(() => true);
  for (const text of ["", "x", "-5", "1e9", "999999999999999999"]) {
    assertEquals(usageRows(series, text), usageRows(series, null), text);
  }
  assertEquals(usageRows(series, "0").rows, []);
});
