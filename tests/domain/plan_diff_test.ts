import { assertEquals } from "@std/assert";
import { diffPlans } from "@/lib/domain/plan_diff.ts";
import { tierLadder } from "@/lib/domain/tiers.ts";
import { emptyPlan, usd } from "@/tests/support/samples.ts";

const BEFORE = emptyPlan({
  features: ["batch"],
  meters: [{
    meter: "risk_score",
    price: { model: "per_unit", unitAmount: usd("0.004") },
    includedUnits: 0n,
    quota: null,
  }],
});

Deno.test("a plan does not differ from a later revision with the same terms", () => {
  assertEquals(diffPlans(BEFORE, { ...BEFORE, revision: 9, status: "draft" }), []);
});

Deno.test("a diff names each change by its path, with exact money", () => {
  const after = {
    ...BEFORE,
    baseFee: usd("10"),
    features: [],
    meters: [{
      meter: "risk_score",
      price: {
        model: "graduated" as const,
        tiers: tierLadder({ upTo: null, unitAmount: usd("0.0035"), flatAmount: 0n }),
      },
      includedUnits: 0n,
      quota: null,
    }],
  };
  const price = ["meters", "risk_score", "price"];
  assertEquals(diffPlans(BEFORE, after), [
    { path: ["base_fee"], before: "0.00", after: "10.00" },
    { path: [...price, "model"], before: "per_unit", after: "graduated" },
    { path: [...price, "tier 1", "up_to"], before: null, after: "open" },
    { path: [...price, "tier 1", "unit_amount"], before: null, after: "0.0035" },
    { path: [...price, "tier 1", "flat_amount"], before: null, after: "0.00" },
    { path: [...price, "unit_amount"], before: "0.004", after: null },
    { path: ["features", "batch"], before: "yes", after: null },
  ]);
});

Deno.test("a new plan differs from nothing in every term", () => {
  assertEquals(diffPlans(null, BEFORE).every((change) => change.before === null), true);
});
