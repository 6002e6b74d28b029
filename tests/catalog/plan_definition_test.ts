import { assert, assertEquals } from "@std/assert";
import { parsePlanDefinition, toPlanDefinition } from "@/lib/catalog/plan_definition.ts";
import { parsePlansFile } from "@/lib/catalog/plans_file.ts";

const METERS = new Set(["risk_score", "screening"]);

const PLAN = {
  plan_id: "growth",
  name: "Growth",
  currency: "usd",
  interval: "month",
  base_fee: "49.00",
  meters: [{
    meter: "risk_score",
    included_units: 1000,
    price: {
      model: "graduated",
      tiers: [{ up_to: 10_000, unit_amount: "0.004" }, { up_to: null, unit_amount: "0.0025" }],
    },
    quota: { units: 1_000_000, enforcement: "hard" },
  }],
  features: ["batch", "events:write"],
  limits: { requests_per_second: 50, burst: 100 },
};

function meter(price: unknown, included_units = 0) {
  return { ...PLAN, meters: [{ meter: "screening", included_units, price }] };
}

function tiers(...list: unknown[]) {
  return meter({ model: "graduated", tiers: list });
}

function faults(input: unknown): readonly (readonly [string, string | undefined])[] {
  const result = parsePlanDefinition(input, METERS);
  if (result.ok) return [];
  return (result.error.errors ?? []).map(({ code, pointer }) => [code, pointer] as const);
}

Deno.test("a plan definition survives a round trip", () => {
  const first = parsePlanDefinition(PLAN, METERS);
  assert(first.ok);
  const second = parsePlanDefinition(toPlanDefinition(first.value), METERS);
  assertEquals(second, first);
});

Deno.test("wrong ladders are refused, each with the pointer of its fault", () => {
  const at = "/meters/0/price/tiers";
  const unit_amount = "1";
  assertEquals(faults(tiers({ up_to: 5, unit_amount })), [["tier_last_not_open", `${at}/0/up_to`]]);
  assertEquals(
    faults(
      tiers({ up_to: 5, unit_amount }, { up_to: 4, unit_amount }, { up_to: null, unit_amount }),
    ),
    [["tier_not_rising", `${at}/1/up_to`]],
  );
  assertEquals(
    faults(tiers({ up_to: null, unit_amount }, { up_to: null, unit_amount })),
    [["tier_open_not_last", `${at}/0/up_to`]],
  );
  assertEquals(faults(tiers())[0]?.[1], at);
  assertEquals(faults(tiers({ up_to: null }))[0], ["invalid_field", `${at}/0`]);
  assertEquals(faults(tiers({ from: 1, up_to: null, unit_amount }))[0]?.[0], "invalid_field");
});

Deno.test("wrong money is refused, never rounded", () => {
  const at = "/meters/0/price/unit_amount";
  const price = (unit_amount: unknown) => faults(meter({ model: "per_unit", unit_amount }));
  assertEquals(price("-1"), [["invalid_amount", at]]);
  assertEquals(price("0.0000000000001"), [["too_many_decimals", at]]);
  assertEquals(price(0.004), [["invalid_field", at]]);
  assertEquals(price("0.000000000001"), []);
});

Deno.test("unknown words are refused", () => {
  assertEquals(faults({ ...PLAN, currency: "usdt" }), [["invalid_field", "/currency"]]);
  assertEquals(faults({ ...PLAN, interval: "week" }), [["invalid_field", "/interval"]]);
  assertEquals(faults({ ...PLAN, colour: "red" })[0]?.[0], "invalid_field");
  const unknown = { ...PLAN, meters: [{ ...PLAN.meters[0], meter: "telepathy" }] };
  assertEquals(faults(unknown), [["unknown_meter", "/meters/0/meter"]]);
  assertEquals(faults(meter({ model: "percent", unit_amount: "1" }))[0]?.[0], "invalid_field");
});

Deno.test("what Stripe can't bill is refused before anything is created", () => {
  const volume = { model: "volume", tiers: [{ up_to: null, unit_amount: "1" }] };
  assertEquals(faults(meter(volume, 10)), [
    ["included_units_not_billable", "/meters/0/included_units"],
  ]);
  const steps = Array.from({ length: 99 }, (_, at) => ({ up_to: at + 1, unit_amount: "1" }));
  const long = { model: "graduated", tiers: [...steps, { up_to: null, unit_amount: "1" }] };
  const meters = [...METERS, "extra"].map((name) => ({ meter: name, price: long }));
  assertEquals(
    parsePlanDefinition({ ...PLAN, meters }, new Set([...METERS, "extra"])).ok,
    false,
  );
  const twice = { ...PLAN, meters: [PLAN.meters[0], PLAN.meters[0]] };
  assertEquals(faults(twice), [["duplicate_meter", "/meters/1/meter"]]);
});

Deno.test("the shipped catalogue is valid and covers every price model", async () => {
  const text = await Deno.readTextFile(new URL("../../plans.json", import.meta.url));
  const file = parsePlansFile(text);
  assert(file.ok, file.ok ? "" : file.error.detail);
  assertEquals(file.value.plans.map(({ planId }) => planId), [
    "free",
    "starter",
    "growth",
    "scale",
  ]);
  const models = file.value.plans.flatMap(({ meters }) => meters.map(({ price }) => price.model));
  assertEquals([...new Set(models)].sort(), ["flat", "graduated", "package", "per_unit", "volume"]);
});

Deno.test("a file's faults point into the file", () => {
  const file = { meters: ["risk_score"], plans: [PLAN, { ...PLAN, base_fee: "x" }] };
  const result = parsePlansFile(JSON.stringify(file));
  assert(!result.ok);
  assertEquals(result.error.errors?.map(({ pointer }) => pointer), ["/plans/1/base_fee"]);
  assertEquals(parsePlansFile("{").ok, false);
  const twice = parsePlansFile(JSON.stringify({ meters: ["risk_score"], plans: [PLAN, PLAN] }));
  assertEquals(twice.ok ? "" : twice.error.errors?.[0]?.code, "duplicate_plan");
});
