import { assertEquals, assertThrows } from "@std/assert";
import type { Tier } from "@/lib/domain/plan.ts";
import { MAX_TIERS, MAX_UNITS, parseLadder, tierLadder } from "@/lib/domain/tiers.ts";

function tier(upTo: bigint | null, unitAmount = 1n, flatAmount = 0n): Tier {
  return { upTo, unitAmount, flatAmount };
}

function faults(...tiers: Tier[]): readonly (readonly [string, string | undefined])[] {
  const result = parseLadder(tiers);
  if (result.ok) return [];
  return (result.error.errors ?? []).map(({ code, pointer }) => [code, pointer] as const);
}

Deno.test("parseLadder() takes rungs that rise and end open", () => {
  assertEquals(faults(tier(null)), []);
  assertEquals(faults(tier(1n), tier(2n), tier(null)), []);
});

Deno.test("parseLadder() names every way a ladder can be wrong", () => {
  assertEquals(faults(), [["tiers_empty", ""]]);
  assertEquals(faults(tier(10n)), [["tier_last_not_open", "/0/up_to"]]);
  assertEquals(faults(tier(0n), tier(null)), [["tier_not_rising", "/0/up_to"]]);
  assertEquals(faults(tier(10n), tier(10n), tier(null)), [["tier_not_rising", "/1/up_to"]]);
  assertEquals(faults(tier(10n), tier(5n), tier(null)), [["tier_not_rising", "/1/up_to"]]);
  assertEquals(faults(tier(null), tier(null)), [["tier_open_not_last", "/0/up_to"]]);
  assertEquals(faults(tier(null, -1n)), [["negative_amount", "/0/unit_amount"]]);
  assertEquals(faults(tier(null, 0n, -1n)), [["negative_amount", "/0/flat_amount"]]);
  assertEquals(faults(tier(MAX_UNITS + 1n), tier(null)), [["tier_out_of_range", "/0/up_to"]]);
  const many = Array.from({ length: MAX_TIERS }, (_, at) => tier(BigInt(at + 1)));
  assertEquals(faults(...many, tier(null)), [["tiers_too_many", ""]]);
});

Deno.test("parseLadder() lists all faults at once", () => {
  assertEquals(faults(tier(5n, -1n), tier(3n)).map(([code]) => code), [
    "negative_amount",
    "tier_not_rising",
    "tier_last_not_open",
  ]);
});

Deno.test("tierLadder() throws where parseLadder() refuses", () => {
  assertThrows(() => tierLadder(tier(1n)), Error, "must be open");
});
