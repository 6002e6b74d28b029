import { assertEquals, assertThrows } from "@std/assert";
import { formatDecimal, formatMinorDecimal, parseMoney } from "@/lib/domain/money.ts";
import type { Price, Tier } from "@/lib/domain/plan.ts";
import { marginalCost, priceUnits } from "@/lib/domain/pricing.ts";
import { tierLadder } from "@/lib/domain/tiers.ts";

function usd(text: string): bigint {
  const result = parseMoney(text, "usd");
  if (!result.ok) throw new Error(result.error.detail);
  return result.value;
}

function tier(upTo: bigint | null, unit: string, flat = "0"): Tier {
  return { upTo, unitAmount: usd(unit), flatAmount: usd(flat) };
}

function bill(price: Price, units: bigint, included = 0n): string {
  return formatMinorDecimal(priceUnits(price, included, units).amountMinor, "usd");
}

const FONTS = tierLadder(tier(5n, "7"), tier(10n, "6.5"), tier(null, "6"));
const FIVE_STEPS = tierLadder(
  tier(5n, "5"),
  tier(10n, "4"),
  tier(15n, "3"),
  tier(20n, "2"),
  tier(null, "1"),
);

const SOURCE_FONTS = "docs.stripe.com/subscriptions/pricing-models/tiered-pricing";
const SOURCE_STEPS = "stripe.com/docs/billing/subscriptions/tiers";
const SOURCE_DECIMAL = "stripe.com/docs/billing/subscriptions/decimal-amounts";
const SOURCE_TRANSFORM = "docs.stripe.com/billing/subscriptions/usage-based/transform-quantities";
const SOURCE_OVERAGE =
  "docs.stripe.com/billing/subscriptions/usage-based-v1/use-cases/flat-fee-and-overages";

Deno.test(`volume bills all units in the rung of the last (${SOURCE_FONTS})`, () => {
  const price: Price = { model: "volume", tiers: FONTS };
  const table = [[1n, "7.00"], [5n, "35.00"], [6n, "39.00"], [20n, "120.00"], [25n, "150.00"]];
  for (const [units, total] of table) assertEquals(bill(price, BigInt(units ?? 0n)), total);
});

Deno.test(`graduated bills each unit in its own rung (${SOURCE_FONTS})`, () => {
  const price: Price = { model: "graduated", tiers: FONTS };
  assertEquals(bill(price, 5n), "35.00");
  assertEquals(bill(price, 6n), "41.50");
  assertEquals(bill(price, 20n), "127.50");
  assertEquals(bill(price, 25n), "157.50");
});

Deno.test(`five steps, volume and graduated (${SOURCE_STEPS})`, () => {
  const volume: Price = { model: "volume", tiers: FIVE_STEPS };
  const graduated: Price = { model: "graduated", tiers: FIVE_STEPS };
  const rows: readonly (readonly [bigint, string, string])[] = [
    [1n, "5.00", "5.00"],
    [5n, "25.00", "25.00"],
    [6n, "24.00", "29.00"],
    [20n, "40.00", "70.00"],
    [25n, "25.00", "75.00"],
  ];
  for (const [units, byVolume, byGraduated] of rows) {
    assertEquals(bill(volume, units), byVolume);
    assertEquals(bill(graduated, units), byGraduated);
  }
});

Deno.test(`0.05 cents × 30 is 1.5 cents and bills 2 (${SOURCE_DECIMAL})`, () => {
  const price: Price = { model: "per_unit", unitAmount: usd("0.0005") };
  const priced = priceUnits(price, 0n, 30n);
  assertEquals(formatDecimal(priced.amount, "usd"), "0.015");
  assertEquals(priced.amountMinor, 2n);
});

Deno.test(`started packages count whole, divide by 60 and round up (${SOURCE_TRANSFORM})`, () => {
  const price: Price = { model: "package", packageUnits: 60n, packageAmount: usd("10") };
  assertEquals(bill(price, 0n), "0.00");
  assertEquals(bill(price, 1n), "10.00");
  assertEquals(bill(price, 60n), "10.00");
  assertEquals(bill(price, 61n), "20.00");
  assertEquals(bill(price, 150n), "30.00");
});

Deno.test(`1,000 included units, then 0.04 each (${SOURCE_OVERAGE})`, () => {
  const price: Price = { model: "per_unit", unitAmount: usd("0.04") };
  assertEquals(bill(price, 1_000n, 1_000n), "0.00");
  assertEquals(bill(price, 1_001n, 1_000n), "0.04");
  assertEquals(bill(price, 1_500n, 1_000n), "20.00");
});

Deno.test("included units equal a first graduated rung at zero, which is how Stripe is told", () => {
  const price: Price = { model: "graduated", tiers: FONTS };
  const shifted: Price = {
    model: "graduated",
    tiers: tierLadder(tier(100n, "0"), tier(105n, "7"), tier(110n, "6.5"), tier(null, "6")),
  };
  for (const units of [0n, 99n, 100n, 101n, 105n, 106n, 110n, 111n, 500n]) {
    assertEquals(bill(price, units, 100n), bill(shifted, units), `${units} units`);
  }
});

Deno.test("a graduated price is rounded per rung, as one Stripe invoice line each", () => {
  const price: Price = {
    model: "graduated",
    tiers: tierLadder(tier(1n, "0.005"), tier(2n, "0.005"), tier(null, "0.005")),
  };
  const priced = priceUnits(price, 0n, 3n);
  assertEquals(priced.trace.map((part) => part.amountMinor), [1n, 1n, 1n]);
  assertEquals(formatDecimal(priced.amount, "usd"), "0.015");
});

Deno.test("a rung's flat fee is its own line, owed once the rung is reached", () => {
  const price: Price = {
    model: "graduated",
    tiers: tierLadder(tier(10n, "0", "99"), tier(null, "9.95", "5")),
  };
  assertEquals(bill(price, 0n), "99.00");
  assertEquals(bill(price, 10n), "99.00");
  assertEquals(bill(price, 12n), "123.90");
  const trace = priceUnits(price, 0n, 12n).trace;
  assertEquals(trace.map(({ kind, tier, quantity }) => [kind, tier, quantity]), [
    ["units", 1, 10n],
    ["flat", 1, 1n],
    ["units", 2, 2n],
    ["flat", 2, 1n],
  ]);
});

Deno.test("a flat price does not look at usage, so a call costs nothing more", () => {
  const price: Price = { model: "flat", amount: usd("25") };
  assertEquals([bill(price, 0n), bill(price, 7n)], ["25.00", "25.00"]);
  assertEquals(marginalCost(price, 0n, 0n, 7n), 0n);
});

Deno.test("marginalCost() is negative only where volume pricing lowers the bill", () => {
  const volume: Price = { model: "volume", tiers: FIVE_STEPS };
  assertEquals(marginalCost(volume, 0n, 5n, 1n), usd("0") - usd("1"));
  const graduated: Price = { model: "graduated", tiers: FIVE_STEPS };
  assertEquals(marginalCost(graduated, 0n, 5n, 1n), usd("4"));
});

Deno.test("priceUnits() takes no negative usage", () => {
  assertThrows(() => priceUnits({ model: "per_unit", unitAmount: 1n }, 0n, -1n));
});
