import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import Papa from "papaparse";
import {
  alignRange,
  closerRange,
  instantText,
  parseUsageRange,
  slotStarts,
} from "@/lib/portal/usage_range.ts";
import { usageCsv } from "@/lib/portal/usage_csv.ts";
import { HOSTILE_NAMES } from "../support/hostile_names.ts";
import { partSeries, usageSeries } from "@/lib/portal/usage_series.ts";

const NOW = Date.UTC(2026, 10, 24, 15, 32, 5);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const SEED = 20_261_124;

Deno.test("an address without a range shows the last 30 days by day", () => {
  const range = parseUsageRange(new URLSearchParams(), NOW);
  assertEquals(range.granularity, "day");
  assertEquals(new Date(range.toMs).toISOString(), "2026-11-25T00:00:00.000Z");
  assertEquals(new Date(range.fromMs).toISOString(), "2026-10-26T00:00:00.000Z");
  assertEquals(range.clipped, null);
});

Deno.test("any query at all gives a bounded, aligned, forward range", () => {
  const text = fc.oneof(
    fc.string(),
    fc.constant(instantText(NOW)),
    fc.constant("9999-99-99T99:99"),
  );
  const query = fc.record({
    from: text,
    to: text,
    granularity: fc.oneof(fc.constantFrom("minute", "hour", "day", "window", "__proto__")),
  });
  fc.assert(
    fc.property(query, (asked) => {
      const range = parseUsageRange(new URLSearchParams(asked), NOW);
      const starts = slotStarts(range);
      assert(starts.length >= 1 && starts.length <= 400);
      assert(range.fromMs < range.toMs);
      assertEquals(starts.length, new Set(starts).size);
    }),
    { seed: SEED },
  );
});

Deno.test("a huge range keeps its end, is cut at its start, and says so", () => {
  const range = alignRange({ fromMs: 0, toMs: NOW, granularity: "minute" });
  assertEquals((range.toMs - range.fromMs) / 60_000, 180);
  assert(range.clipped !== null);
});

Deno.test("a link to a closer look covers exactly its slot", () => {
  const start = Date.UTC(2026, 10, 24);
  const closer = closerRange(start, "day");
  assertEquals(closer, { fromMs: start, toMs: start + DAY, granularity: "hour" });
  assertEquals(closerRange(start, "minute"), null);
});

Deno.test("chart, table and CSV are one model: rows, columns and total agree", () => {
  const range = alignRange({ fromMs: NOW - 5 * HOUR, toMs: NOW, granularity: "hour" });
  const starts = slotStarts(range);
  const point = fc.record({
    startMs: fc.constantFrom(...starts, 0),
    meter: fc.constantFrom("risk_score", "greeks", "constructor"),
    units: fc.bigInt(0n, 10n ** 15n),
  });
  fc.assert(
    fc.property(fc.array(point), (points) => {
      const series = usageSeries(points, { range, order: ["risk_score"], filters: {} });
      const inside = points.filter(({ startMs }) => startMs !== 0)
        .reduce((sum, { units }) => sum + units, 0n);
      const columns = series.parts.reduce((sum, { total }) => sum + total, 0n);
      const rows = starts.reduce(
        (sum, _, at) => sum + series.parts.reduce((slot, one) => slot + (one.units[at] ?? 0n), 0n),
        0n,
      );
      assertEquals([series.total, columns, rows], [inside, inside, inside]);
      const csv = usageCsv(series).trimEnd().split("\r\n").slice(1)
        .reduce((sum, line) => sum + BigInt(line.split(",").at(-1) ?? 0), 0n);
      assertEquals(csv, inside);
    }),
    { seed: SEED },
  );
});

Deno.test("beyond the largest parts one more sums the rest, and nothing is lost", () => {
  const range = alignRange({ fromMs: NOW - HOUR, toMs: NOW, granularity: "hour" });
  const startMs = slotStarts(range)[0] ?? 0;
  const points = Array.from({ length: 30 }, (_, at) => ({
    startMs,
    part: `key_${at}`,
    units: BigInt(at + 1),
  }));
  const terms = { measure: "calls", split: "key", order: [], filters: null } as const;
  const series = partSeries(points, { range, ...terms, label: (part) => part });
  assertEquals(series.parts.length, 8);
  assertEquals(series.parts.at(-1)?.label, "23 others");
  assertEquals(series.total, 465n);
});

Deno.test("a key's name can neither break a CSV file nor run as a formula", () => {
  const range = alignRange({ fromMs: NOW - HOUR, toMs: NOW, granularity: "hour" });
  const startMs = slotStarts(range)[0] ?? 0;
  for (const name of HOSTILE_NAMES) {
    const terms = { measure: "calls", split: "key", order: [], filters: null } as const;
    const series = partSeries([{ startMs, part: "key_1", units: 5n }], {
      range,
      ...terms,
      label: () => name,
    });
    const { data }: { readonly data: readonly (readonly string[])[] } = Papa.parse(
      usageCsv(series).trimEnd(),
    );
    const [header = [], row = []] = data;
    assertEquals([header.length, row.length], [3, 3], name);
    assert(!/^[=+@\t\r-]/.test(header[1] ?? ""), name);
    assertEquals(row.slice(1), ["5", "5"], name);
  }
});
