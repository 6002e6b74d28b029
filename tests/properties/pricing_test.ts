import fc from "fast-check";
import { assert, assertEquals } from "@std/assert";
import type { Price, Tier, TierLadder } from "@/lib/domain/plan.ts";
import { marginalCost, priceUnits } from "@/lib/domain/pricing.ts";
import { tierLadder } from "@/lib/domain/tiers.ts";

/** Fixed, so that a failure repeats; fast-check prints it together with the smallest example. */
const RUN = { seed: 20261124, numRuns: 500 };

const amount = fc.bigInt({ min: 0n, max: 10n ** 15n });
const units = fc.bigInt({ min: 0n, max: 10n ** 9n });
const included = fc.oneof(fc.constant(0n), fc.bigInt({ min: 0n, max: 10_000n }));

const ladder: fc.Arbitrary<TierLadder> = fc.tuple(
  fc.uniqueArray(fc.bigInt({ min: 1n, max: 10n ** 9n }), { maxLength: 8 }),
  fc.array(fc.tuple(amount, fc.oneof(fc.constant(0n), amount)), { minLength: 9, maxLength: 9 }),
).map(([bounds, amounts]) => {
  const rising = [...bounds].sort((a, b) => (a < b ? -1 : 1));
  const tiers: Tier[] = [...rising, null].map((upTo, at) => {
    const [unitAmount, flatAmount] = amounts[at] ?? [0n, 0n];
    return { upTo, unitAmount, flatAmount };
  });
  return tierLadder(...tiers);
});

const graduated = ladder.map((tiers): Price => ({ model: "graduated", tiers }));
const volume = ladder.map((tiers): Price => ({ model: "volume", tiers }));
const rising: fc.Arbitrary<Price> = fc.oneof(
  graduated,
  amount.map((unitAmount): Price => ({ model: "per_unit", unitAmount })),
  amount.map((flat): Price => ({ model: "flat", amount: flat })),
  fc.tuple(fc.bigInt({ min: 1n, max: 5_000n }), amount).map(
    ([packageUnits, packageAmount]): Price => ({ model: "package", packageUnits, packageAmount }),
  ),
);
const anyPrice = fc.oneof(rising, volume);

Deno.test("a graduated price is the sum of its rungs, computed unit by rung on its own", () => {
  fc.assert(
    fc.property(ladder, units, (tiers, count) => {
      let sum = 0n;
      let below = 0n;
      for (const [at, tier] of tiers.entries()) {
        const within = (tier.upTo === null || count < tier.upTo ? count : tier.upTo) - below;
        if (within > 0n || at === 0) sum += within * tier.unitAmount + tier.flatAmount;
        below = tier.upTo ?? below;
        if (count <= below) break;
      }
      assertEquals(priceUnits({ model: "graduated", tiers }, 0n, count).amount, sum);
    }),
    RUN,
  );
});

Deno.test("cost never falls as usage rises, exact or billed, unless volume pricing says so", () => {
  fc.assert(
    fc.property(rising, included, units, units, (price, free, a, b) => {
      const [less, more] = a < b ? [a, b] : [b, a];
      const low = priceUnits(price, free, less);
      const high = priceUnits(price, free, more);
      assert(low.amount <= high.amount);
      assert(low.amountMinor <= high.amountMinor);
    }),
    RUN,
  );
});

Deno.test("split and merged windows price the same: marginal costs sum to the total", () => {
  fc.assert(
    fc.property(
      anyPrice,
      included,
      fc.array(fc.bigInt({ min: 0n, max: 10n ** 6n }), { maxLength: 12 }),
      (price, free, windows) => {
        let used = 0n;
        let paid = priceUnits(price, free, 0n).amount;
        for (const window of windows) {
          paid += marginalCost(price, free, used, window);
          used += window;
        }
        assertEquals(paid, priceUnits(price, free, used).amount);
      },
    ),
    RUN,
  );
});

Deno.test("a marginal cost is the difference of two totals on either side of every rung's end", () => {
  const few = fc.bigInt({ min: 0n, max: 4n });
  fc.assert(
    fc.property(anyPrice, included, fc.nat(9), few, few, (price, free, rung, into, added) => {
      const tiers = price.model === "graduated" || price.model === "volume" ? price.tiers : [];
      const end = free + (tiers[rung % Math.max(1, tiers.length)]?.upTo ?? 0n);
      const before = end + into > 2n ? end + into - 2n : 0n;
      const difference = priceUnits(price, free, before + added).amount -
        priceUnits(price, free, before).amount;
      assertEquals(marginalCost(price, free, before, added), difference);
    }),
    { ...RUN, numRuns: 4_000 },
  );
});

Deno.test("a trace covers every unit once and adds up to the price", () => {
  fc.assert(
    fc.property(anyPrice, included, units, (price, free, count) => {
      const { trace, amount: total, amountMinor } = priceUnits(price, free, count);
      const covered = trace.reduce((sum, part) => sum + part.toUnits - part.fromUnits, 0n);
      assertEquals(covered, price.model === "flat" ? 0n : count);
      assertEquals(trace.reduce((sum, part) => sum + part.amount, 0n), total);
      assertEquals(trace.reduce((sum, part) => sum + part.amountMinor, 0n), amountMinor);
      for (const part of trace) assertEquals(part.quantity * part.unitAmount, part.amount);
    }),
    RUN,
  );
});

Deno.test("rounding moves a line by at most half a minor unit", () => {
  fc.assert(
    fc.property(anyPrice, included, units, (price, free, count) => {
      for (const part of priceUnits(price, free, count).trace) {
        const off = part.amountMinor * 10n ** 12n - part.amount;
        assert(-(10n ** 12n) <= 2n * off && 2n * off <= 10n ** 12n);
      }
    }),
    RUN,
  );
});

Deno.test("volume pricing equals one price for all units, that of the rung reached", () => {
  fc.assert(
    fc.property(ladder, units, (tiers, count) => {
      const rung = tiers.find((tier) => tier.upTo === null || count <= tier.upTo);
      assert(rung !== undefined);
      const expected = count * rung.unitAmount + rung.flatAmount;
      assertEquals(priceUnits({ model: "volume", tiers }, 0n, count).amount, expected);
    }),
    RUN,
  );
});
