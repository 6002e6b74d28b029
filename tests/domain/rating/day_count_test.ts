import { assertEquals } from "@std/assert";
import { civilDay, formatCivilDay, parseCivilDay } from "@/lib/domain/rating/civil_day.ts";
import { thirtyDayMonths, yearFraction } from "@/lib/domain/rating/day_count.ts";
import { printed, within } from "@/tests/support/printed.ts";

Deno.test("C1: ACT/ACT over 2003-11-01 to 2004-05-01 (QuantLib daycounters.cpp:121)", () => {
  const from = civilDay(2003, 11, 1);
  const to = civilDay(2004, 5, 1);
  printed(yearFraction("act_act_isda", { from, to }), "0.497724380567");
  within(
    yearFraction("act_act_icma", { from, to, reference: { from, to, frequency: 2 } }),
    .5,
    1e-15,
  );
});

Deno.test("C2: ACT/ACT of a short last period (QuantLib daycounters.cpp:190)", () => {
  const from = civilDay(2000, 1, 30);
  const to = civilDay(2000, 6, 30);
  const reference = { from, to: civilDay(2000, 7, 30), frequency: 2 };
  printed(yearFraction("act_act_isda", { from, to }), "0.415300546448");
  printed(yearFraction("act_act_icma", { from, to, reference }), "0.417582417582");
});

Deno.test("C3: ACT/ACT ISDA over 2003-07-15 to 2004-01-15 (QuantLib daycounters.cpp:168)", () => {
  const period = { from: civilDay(2003, 7, 15), to: civilDay(2004, 1, 15) };
  printed(yearFraction("act_act_isda", period), "0.504004790778");
});

const VARIANTS = ["30_360_bond_basis", "30e_360", "30_360_us"] as const;

const THIRTY: readonly [string, string, string, readonly number[]][] = [
  ["C4", "2007-02-28", "2007-08-31", [183, 182, 180]],
  ["C5", "2006-08-31", "2007-02-28", [178, 178, 178]],
  ["C5", "2008-02-28", "2008-03-31", [33, 32, 33]],
];

for (const [id, from, to, days] of THIRTY) {
  Deno.test(`${id}: 30/360 days from ${from} to ${to} are ${days} (QuantLib daycounters.cpp:805)`, () => {
    const start = parseCivilDay(from) ?? NaN;
    const end = parseCivilDay(to) ?? NaN;
    assertEquals(VARIANTS.map((variant) => thirtyDayMonths(variant, start, end)), days);
  });
}

Deno.test("civil days agree with the calendar of the platform for two thousand years", () => {
  for (let day = -300_000; day < 450_000; day += 371) {
    const text = new Date(day * 86_400_000).toISOString();
    if (!text.startsWith("+") && !text.startsWith("-")) {
      assertEquals(formatCivilDay(day), text.slice(0, 10));
      assertEquals(parseCivilDay(text.slice(0, 10)), day);
    }
  }
});

Deno.test("days that do not exist are not read", () => {
  for (const text of ["2023-02-29", "2024-02-30", "2024-13-01", "2024-00-10", "2024-1-01", "x"]) {
    assertEquals(parseCivilDay(text), null);
  }
});
