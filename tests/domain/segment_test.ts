import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  entryKey,
  type FoldGroup,
  groupWeight,
  mergeEntry,
  type Segment,
  SegmentTotals,
  sumUnits,
  takeGroups,
  type UsageEntry,
} from "@/lib/domain/segment.ts";

const ENTRY = fc.record({
  tenantId: fc.constantFrom("a", "ab", "b"),
  meter: fc.constantFrom("m", "bm"),
  planRevision: fc.constantFrom("p@1", "p@2"),
  periodId: fc.constantFrom("2026-05-01", "2026-06-01"),
  keyId: fc.constantFrom("k1", "k2"),
  units: fc.bigInt({ min: 1n, max: 2n ** 53n - 1n }),
});
const SEGMENTS = fc.array(
  fc.record({ atMs: fc.nat(20).map((window) => window * 5_000), entries: fc.array(ENTRY) }),
).map((parts): Segment[] =>
  parts.map(({ atMs, entries }, seq) => ({
    seq,
    windowStartMs: atMs,
    entries,
    cumulativeUnits: 0n,
  }))
);

function totals(segments: readonly Segment[]): readonly FoldGroup[] {
  const sums = new SegmentTotals();
  for (const segment of segments) sums.add(segment);
  return sums.groups();
}

function mergeEntries(entries: readonly UsageEntry[]): UsageEntry[] {
  const merged = new Map<string, UsageEntry>();
  for (const entry of entries) mergeEntry(merged, entryKey(entry), entry);
  return [...merged.values()];
}

function lineUnits(groups: readonly FoldGroup[]): bigint {
  return groups.reduce(
    (sum, group) => sum + (group.kind === "line" ? sumUnits(group.minutes) : 0n),
    0n,
  );
}

Deno.test("groups depend on what was recorded, not on the order in which it is added up", () => {
  fc.assert(
    fc.property(SEGMENTS, (segments) => {
      assertEquals(totals(segments), totals(segments.toReversed()));
      const merged = segments.map((segment) => ({
        ...segment,
        entries: mergeEntries(segment.entries),
      }));
      assertEquals(totals(merged), totals(segments));
    }),
    { seed: 3 },
  );
});

Deno.test("lines, hours, days and windows each hold every unit once", () => {
  fc.assert(
    fc.property(SEGMENTS, (segments) => {
      const groups = totals(segments);
      const recorded = sumUnits(segments.flatMap(({ entries }) => entries));
      const sums = { line: 0n, hours: 0n, days: 0n, window: 0n };
      for (const group of groups) {
        if (group.kind === "line") sums.line += sumUnits(group.minutes);
        if (group.kind === "rollup") {
          sums.hours += sumUnits(group.hours);
          sums.days += sumUnits(group.days);
        }
        if (group.kind === "window") sums.window += sumUnits(group.points);
      }
      assertEquals(sums, { line: recorded, hours: recorded, days: recorded, window: recorded });
    }),
    { seed: 4 },
  );
});

Deno.test("groups taken in any portions are all the groups, once, within the limit", () => {
  fc.assert(
    fc.property(SEGMENTS, fc.integer({ min: 1, max: 30 }), (segments, limit) => {
      const groups = totals(segments);
      const taken: FoldGroup[] = [];
      while (taken.length < groups.length) {
        const part = takeGroups(groups, { start: taken.length, limit });
        const weight = part.reduce((sum, group) => sum + groupWeight(group), 0);
        assertEquals(part.length === 1 || weight <= limit, true);
        taken.push(...part);
      }
      assertEquals(taken, groups);
    }),
    { seed: 5 },
  );
});

Deno.test("groups of many tenants are made with rests between, and are the same", () => {
  const entries = Array.from({ length: 3_000 }, (_, at): UsageEntry => ({
    tenantId: `t${at}`,
    meter: "m",
    planRevision: "p@1",
    periodId: "2026-05-01",
    keyId: "k",
    units: BigInt(at + 1),
  }));
  const sums = new SegmentTotals();
  sums.add({ seq: 0, windowStartMs: 0, entries, cumulativeUnits: 0n });
  const steps = sums.groupSteps();
  let rests = 0;
  let step = steps.next();
  for (; !step.done; step = steps.next()) rests += 1;
  assertEquals(step.value, sums.groups());
  // Each entry is added up once and makes a line, a rollup and a window.
  assertEquals([step.value.length, rests], [9_000, 6]);
});

Deno.test("names that would run together stay apart", () => {
  const entry = (tenantId: string, meter: string): UsageEntry => ({
    tenantId,
    meter,
    planRevision: "p@1",
    periodId: "2026-05-01",
    keyId: "k",
    units: 1n,
  });
  const entries = [entry("a", "bc"), entry("ab", "c"), entry("1:a", "b"), entry("", "1:a1:b")];
  assertEquals(mergeEntries(entries).length, 4);
  const groups = totals([{ seq: 0, windowStartMs: 0, entries, cumulativeUnits: 4n }]);
  assertEquals(groups.filter(({ kind }) => kind === "line").length, 4);
  assertEquals(lineUnits(groups), 4n);
});

Deno.test("leased units are told apart from others of the same line", () => {
  const base = {
    tenantId: "a",
    meter: "m",
    planRevision: "p@1",
    periodId: "2026-05-01",
    keyId: "k",
    units: 5n,
  };
  const entries = mergeEntries([base, { ...base, leasedBy: "ins" }, { ...base, leasedBy: "ins" }]);
  assertEquals(entries.length, 2);
  const leased = totals([{ seq: 0, windowStartMs: 0, entries, cumulativeUnits: 15n }])
    .filter((group) => group.kind === "leased");
  assertEquals(leased.map((group) => group.kind === "leased" && group.units), [10n]);
});
