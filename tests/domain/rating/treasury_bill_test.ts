import { assert, assertEquals } from "@std/assert";
import {
  billAnalytics,
  billDiscountFromPrice,
  billEquivalentYield,
  billPriceFromDiscount,
} from "@/lib/domain/rating/treasury_bill.ts";
import { printed, within } from "@/tests/support/printed.ts";

Deno.test("B5: a 90-day bill at 7.610 % costs 98.097500 (31 CFR 356 App. B, VI.A)", () => {
  printed(billPriceFromDiscount({ discountRate: .0761, days: 90 }), "98.097500");
  within(billDiscountFromPrice({ price: 98.0975, days: 90 }), .0761, 1e-12);
});

Deno.test("B6: a 20-day bill at 99.559444 yields 0.080756 (31 CFR 356 App. B, VI.D.1)", () => {
  const found = billEquivalentYield({ price: 99.559444, days: 20, yearDays: 365 });
  assert(found.ok);
  within(found.value, .080756, 2e-6);
});

Deno.test("a long bill's yield solves the quadratic it comes from", () => {
  const days = 350;
  const found = billEquivalentYield({ price: 95, days, yearDays: 365 });
  assert(found.ok);
  const y = found.value;
  within(95 * (1 + (days / 365 - .5) * y) * (1 + y / 2), 100, 1e-9);
});

Deno.test("duration and convexity of a bill agree with finite differences", () => {
  for (const maturity of [90, 300]) {
    const found = billAnalytics({ price: 97, settlement: 19_000, maturity: 19_000 + maturity });
    assert(found.ok);
    const { equivalentYield: y, modifiedDuration, convexity } = found.value;
    const price = (at: number) =>
      maturity <= 182.5
        ? 100 / (1 + at * maturity / 365)
        : 100 / ((1 + (maturity / 365 - .5) * at) * (1 + at / 2));
    within(price(y), 97, 1e-9);
    const h = 1e-5;
    within(modifiedDuration, -(price(y + h) - price(y - h)) / (2 * h) / 97, 1e-6);
    within(convexity, (price(y + h) - 2 * price(y) + price(y - h)) / (h * h) / 97, 1e-3);
  }
});

Deno.test("a bill that has matured or runs for longer than a year is refused", () => {
  const late = billAnalytics({ price: 99, settlement: 100, maturity: 100 });
  const long = billAnalytics({ price: 99, settlement: 100, maturity: 600 });
  assertEquals(late.ok ? "" : late.error.code, "matured");
  assertEquals(long.ok ? "" : long.error.code, "validation_failed");
});
