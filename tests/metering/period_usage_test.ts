import { assertEquals } from "@std/assert";
import { PeriodUsage } from "@/lib/metering/period_usage.ts";
import type { PeriodTotal } from "@/lib/ports/usage.ts";

const PERIOD = "2026-11-01";

function setUp(totals: () => readonly PeriodTotal[]) {
  let nowMs = 0;
  let reads = 0;
  const usage = new PeriodUsage({
    usage: {
      periodTotals: () => {
        reads++;
        return Promise.resolve(totals());
      },
    },
    clock: { nowMs: () => nowMs },
    maxAgeMs: 5_000,
  });
  return { usage, reads: () => reads, pass: (ms: number) => nowMs += ms };
}

function total(units: bigint, planRevision = "growth@1"): PeriodTotal {
  return { meter: "risk_score", planRevision, units };
}

Deno.test("units of all plan versions of the period count towards one figure", async () => {
  const { usage } = setUp(() => [total(40n, "growth@1"), total(2n, "growth@2")]);
  assertEquals([...await usage.load("tn_a", PERIOD)], [["risk_score", 42n]]);
});

Deno.test("own units count at once and are not counted again when they are folded", async () => {
  let folded = 10n;
  const { usage, pass } = setUp(() => [total(folded)]);
  await usage.load("tn_a", PERIOD);
  usage.add("tn_a", PERIOD, [["risk_score", 3n]]);
  assertEquals(usage.peek("tn_a", PERIOD)?.get("risk_score"), 13n);
  folded = 13n;
  pass(5_000);
  usage.peek("tn_a", PERIOD);
  await Promise.resolve();
  assertEquals(usage.peek("tn_a", PERIOD)?.get("risk_score"), 13n);
});

Deno.test("a figure never falls because own units are not folded yet", async () => {
  const { usage, pass } = setUp(() => [total(10n)]);
  await usage.load("tn_a", PERIOD);
  usage.add("tn_a", PERIOD, [["risk_score", 3n]]);
  pass(5_000);
  usage.peek("tn_a", PERIOD);
  for (let turn = 0; turn < 4; turn++) await Promise.resolve();
  assertEquals(usage.peek("tn_a", PERIOD)?.get("risk_score"), 13n);
});

Deno.test("units of other instances show after the stated age, without making a call wait", async () => {
  let folded = 10n;
  const { usage, reads, pass } = setUp(() => [total(folded)]);
  await usage.load("tn_a", PERIOD);
  folded = 50n;
  assertEquals(usage.peek("tn_a", PERIOD)?.get("risk_score"), 10n);
  pass(5_000);
  assertEquals(usage.peek("tn_a", PERIOD)?.get("risk_score"), 10n);
  for (let turn = 0; turn < 4; turn++) await Promise.resolve();
  assertEquals(usage.peek("tn_a", PERIOD)?.get("risk_score"), 50n);
  assertEquals(reads(), 2);
});

Deno.test("a tenant never sees another tenant's or another period's figure", async () => {
  const { usage } = setUp(() => []);
  await usage.load("tn_a", PERIOD);
  usage.add("tn_a", PERIOD, [["risk_score", 3n]]);
  assertEquals(usage.peek("tn_b", PERIOD), null);
  assertEquals(usage.peek("tn_a", "2026-12-01"), null);
});
