/** What a call pays for its own price: `deno bench benchmarks/pricing_bench.ts`. */
import { formatDecimal } from "@/lib/domain/money.ts";
import type { Price } from "@/lib/domain/plan.ts";
import { marginalCost, priceUnits } from "@/lib/domain/pricing.ts";
import { tierLadder } from "@/lib/domain/tiers.ts";

const UNIT = 4n * 10n ** 11n;
const GRADUATED: Price = {
  model: "graduated",
  tiers: tierLadder(
    { upTo: 100_000n, unitAmount: UNIT, flatAmount: 0n },
    { upTo: 1_000_000n, unitAmount: UNIT / 2n, flatAmount: 0n },
    { upTo: null, unitAmount: UNIT / 4n, flatAmount: 0n },
  ),
};
const PER_UNIT: Price = { model: "per_unit", unitAmount: UNIT };

Deno.bench("marginal cost, per unit", () => {
  marginalCost(PER_UNIT, 1_000n, 50_000n, 1n);
});

Deno.bench("marginal cost, graduated, third rung", () => {
  marginalCost(GRADUATED, 25_000n, 2_000_000n, 1n);
});

Deno.bench("price of a period with its trace, graduated", () => {
  priceUnits(GRADUATED, 25_000n, 2_000_000n);
});

Deno.bench("exact decimal of an amount", () => {
  formatDecimal(123_456_789_000_000n, "usd");
});
