import { assert, assertEquals } from "@std/assert";
import { parsePlanDefinition } from "@/lib/catalog/plan_definition.ts";
import {
  applyAct,
  countFaults,
  definitionOf,
  draftOf,
  NEW_METER,
  NEW_PLAN,
  readAct,
  readDraft,
  settleLadder,
} from "@/lib/operator/plan_form.ts";
import { GROWTH } from "../support/billing_world.ts";

const TIERS = [
  { upTo: "900", unitAmount: "0.02", flatAmount: "0" },
  { upTo: "400", unitAmount: "0.01", flatAmount: "0" },
  { upTo: "", unitAmount: "0.005", flatAmount: "0" },
];
const LADDER = { ...NEW_METER, meter: "risk_score", model: "graduated" as const, tiers: TIERS };

Deno.test("a version goes through the editor's fields and back without a change", () => {
  const { revision: _r, planRevision: _p, status: _s, createdAtMs: _c, ...terms } = GROWTH;
  const meters = new Set(GROWTH.meters.map(({ meter }) => meter));
  const parsed = parsePlanDefinition(definitionOf(draftOf(GROWTH)), meters);
  assert(parsed.ok);
  assertEquals(parsed.value, terms);
});

Deno.test("buttons leave a ladder that rises, with its last tier open; saving moves no bound", () => {
  const draft = { ...NEW_PLAN, meters: [LADDER] };
  const bounds = (act: string) =>
    applyAct(draft, readAct(new URLSearchParams({ do: act }))).meters[0]?.tiers
      .map(({ upTo }) => upTo);
  assertEquals(bounds("refresh"), ["900", "901", ""]);
  assertEquals(bounds("add_tier:0"), ["900", "901", "1802", ""]);
  assertEquals(bounds("drop_tier:0:0"), ["400", ""]);
  assertEquals(bounds("save"), ["900", "400", ""]);
  assertEquals(settleLadder({ ...LADDER, tiers: [] }).tiers.length, 1);
});

Deno.test("what is no whole number is named by its place, and never read as another", () => {
  const wrong = ["", " ", "-1", "1.5", "1e3", "0x10", "9".repeat(16), "ten"];
  for (const text of wrong) {
    const draft = { ...NEW_PLAN, burst: text, meters: [{ ...LADDER, includedUnits: text }] };
    const places = countFaults(draft).map(({ pointer }) => pointer);
    assertEquals(places, ["/limits/burst", "/meters/0/included_units"], JSON.stringify(text));
  }
  assertEquals(countFaults({ ...NEW_PLAN, meters: [LADDER] }), []);
  assertEquals(countFaults({ ...NEW_PLAN, requestsPerSecond: "0.5" }), []);
  assertEquals(countFaults({ ...NEW_PLAN, requestsPerSecond: "fast" }).length, 1);
});

Deno.test("numbers are read as people type them", () => {
  const form = new URLSearchParams({
    "m0-meter": "risk_score",
    "m0-model": "graduated",
    "m0-included": "1,000",
    "m0-quota": "2 500",
    "m0-t0-upTo": "10_000",
    "m0-t0-unit": " 0.02 ",
    "m0-t0-flat": "0",
  });
  const [meter] = readDraft(form).meters;
  assertEquals(
    [meter?.includedUnits, meter?.quotaUnits, meter?.tiers[0]?.upTo, meter?.tiers[0]?.unitAmount],
    ["1000", "2500", "10000", "0.02"],
  );
});
