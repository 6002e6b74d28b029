import { assert } from "@std/assert";
import { civilDay } from "@/lib/domain/rating/civil_day.ts";
import {
  continuousDuration,
  continuousPresentValue,
  continuousYield,
} from "@/lib/domain/rating/continuous_yield.ts";
import { yearFraction } from "@/lib/domain/rating/day_count.ts";
import { printed } from "@/tests/support/printed.ts";

Deno.test("B19: a zero at 3 % continuous is 94.098006 and 91.278949 (QuantLib bonds.cpp:800)", () => {
  const from = civilDay(2004, 11, 30);
  for (const [year, price] of [[2006, "94.098006"], [2007, "91.278949"]] as const) {
    const timeYears = yearFraction("act_360", { from, to: civilDay(year, 11, 30) });
    printed(continuousPresentValue([{ timeYears, amount: 100 }], .03), price);
  }
});

Deno.test("B20: Hull's two-year bond is worth 98.39 and yields 6.76 % continuous", () => {
  const rates = [.05, .058, .064, .068];
  const flows = rates.map((_, i) => ({ timeYears: (i + 1) / 2, amount: i === 3 ? 103 : 3 }));
  const price = flows.reduce(
    (sum, { timeYears, amount }, i) => sum + amount * Math.exp(-(rates[i] ?? 0) * timeYears),
    0,
  );
  printed(price, "98.39");
  printed(continuousYield(flows, price), "0.0676");
});

Deno.test("B21: Hull's three-year bond is worth 94.213 with a duration of 2.653", () => {
  const flows = Array.from(
    { length: 6 },
    (_, i) => ({ timeYears: (i + 1) / 2, amount: i === 5 ? 105 : 5 }),
  );
  const price = continuousPresentValue(flows, .12);
  printed(price, "94.213");
  printed(continuousDuration(flows, .12), "2.653");
  const found = continuousYield(flows, price);
  assert(found !== null);
  printed(2 * (Math.exp(found / 2) - 1), "0.123673");
});
