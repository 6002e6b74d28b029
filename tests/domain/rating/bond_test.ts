import { assert, assertEquals } from "@std/assert";
import { type BondAnalytics, bondFromCleanPrice, bondFromYield } from "@/lib/domain/rating/bond.ts";
import { parseCivilDay } from "@/lib/domain/rating/civil_day.ts";
import type { BondTerms } from "@/lib/domain/rating/coupon_schedule.ts";
import type { Result } from "@/lib/domain/result.ts";
import { printed, within } from "@/tests/support/printed.ts";

function day(text: string): number {
  const parsed = parseCivilDay(text);
  assert(parsed !== null);
  return parsed;
}

function bond(couponRate: number, maturity: string, more: Partial<BondTerms> = {}): BondTerms {
  return {
    couponRate,
    couponFrequency: 2,
    dayCount: "act_act_icma",
    maturityDay: day(maturity),
    issueDay: null,
    firstCouponDay: null,
    exDividendDays: 0,
    endOfMonth: false,
    yieldConvention: "street",
    ...more,
  };
}

function value(result: Result<BondAnalytics>): BondAnalytics {
  assert(result.ok, result.ok ? "" : result.error.detail);
  return result.value;
}

function atYield(terms: BondTerms, settlement: string, yieldToMaturity: number): BondAnalytics {
  return value(bondFromYield(terms, { settlement: day(settlement), yieldToMaturity }));
}

function atPrice(terms: BondTerms, settlement: string, cleanPrice: number): BondAnalytics {
  return value(bondFromCleanPrice(terms, { settlement: day(settlement), cleanPrice }));
}

const UST = { yieldConvention: "ust_31cfr356" } as const;
const THIRTY = { dayCount: "30_360_us" } as const;

Deno.test("B1: a regular Treasury bond is 99.057893 in both modes (31 CFR 356 App. B, II.A)", () => {
  for (const yieldConvention of ["ust_31cfr356", "street"] as const) {
    const terms = bond(.0875, "2020-05-15", { issueDay: day("1990-05-15"), yieldConvention });
    printed(atYield(terms, "1990-05-15", .0884).cleanPrice, "99.057893");
  }
});

Deno.test("B4: a reopened Treasury note is 99.730918 with 0.367403 accrued (31 CFR 356 App. B, II.D)", () => {
  const treasury = atYield(bond(.095, "1995-11-15", UST), "1985-11-29", .0954);
  printed(treasury.accruedInterest, "0.367403");
  printed(treasury.cleanPrice, "99.730918");
  printed(atYield(bond(.095, "1995-11-15"), "1985-11-29", .0954).cleanPrice, "99.73857276");
});

Deno.test("B7: PRICE of the spreadsheet documentation is 94.63436162 (Microsoft)", () => {
  printed(atYield(bond(.0575, "2017-11-15", THIRTY), "2008-02-15", .065).cleanPrice, "94.63436162");
});

Deno.test("B8: YIELD of the spreadsheet documentation is 0.065 (Microsoft)", () => {
  const found = atPrice(bond(.0575, "2016-11-15", THIRTY), "2008-02-15", 95.04287);
  within(found.yieldToMaturity, .065, 1e-7);
});

Deno.test("B9: PRICE of the spreadsheet documentation is 95.04287 (LibreOffice)", () => {
  printed(atYield(bond(.0575, "2007-11-15", THIRTY), "1999-02-15", .065).cleanPrice, "95.04287");
});

Deno.test("B10: DURATION is 5.993775 and MDURATION 5.73567 (Microsoft, LibreOffice)", () => {
  const found = atYield(bond(.08, "2016-01-01"), "2008-01-01", .09);
  printed(found.macaulayDuration, "5.993775");
  printed(found.modifiedDuration, "5.73567");
  printed(found.modifiedDuration, "5.7356698");
});

Deno.test("B11: DURATION over thirty years is 10.9191453 (Microsoft)", () => {
  printed(atYield(bond(.08, "2048-01-01"), "2018-07-01", .09).macaulayDuration, "10.9191453");
});

const GILTS: readonly [string, BondTerms, string, number, string][] = [
  ["B12", bond(.08, "2015-12-07"), "1999-05-24", .04445, "145.012268"],
  ["B12", bond(.08, "2015-12-07"), "1999-05-26", .04445, "145.047301"],
  ["B13", bond(.08, "2015-12-07"), "1999-06-07", .04445, "141.257676"],
  ["B14", bond(.0675, "2004-11-26", { exDividendDays: 8 }), "1999-05-10", .04634, "113.315543"],
  ["B14", bond(.0675, "2004-11-26", { exDividendDays: 8 }), "1999-05-17", .04634, "113.415969"],
  ["B14", bond(.0675, "2004-11-26", { exDividendDays: 8 }), "1999-05-18", .04634, "110.058738"],
];

for (const [id, terms, settlement, yieldToMaturity, dirty] of GILTS) {
  Deno.test(`${id}: the gilt settled on ${settlement} costs ${dirty} (UK DMO examples)`, () => {
    const icma = { ...terms, yieldConvention: "icma" } as const;
    printed(atYield(icma, settlement, yieldToMaturity).dirtyPrice, dirty);
  });
}

Deno.test("B14: accrued interest is negative once the gilt is ex-dividend (UK DMO examples)", () => {
  const terms = bond(.0675, "2004-11-26", { exDividendDays: 8 });
  const found = atYield(terms, "1999-05-18", .04634);
  assert(found.position.isExDividend);
  within(found.accruedInterest, -.0675 / 2 * 100 * 8 / 181, 1e-12);
});

Deno.test("B15: gilt analytics from a clean price of 103 (QuantLib bonds.cpp:1155)", () => {
  const found = atPrice(bond(.08, "2021-06-07"), "2013-05-29", 103);
  printed(found.accruedInterest, "3.8021978");
  printed(found.yieldToMaturity, "0.0749518");
  printed(found.modifiedDuration, "5.6760445");
  printed(found.convexity, "42.1531486");
  printed(found.dv01, "0.0606214");
});

Deno.test("B16: a 30/360 US bond settled on the 31st accrues 0.7 (QuantLib bonds.cpp:1715)", () => {
  const found = atPrice(bond(.015, "2018-08-13", THIRTY), "2017-07-31", 100);
  within(found.accruedInterest, .7, 1e-10);
  within(found.yieldToMaturity, .015, 1e-4);
  within(found.macaulayDuration, 1.022, 1e-3);
  within(found.convexity / 100, .015, 1e-3);
});

Deno.test("B17: an end-of-month bond is 99.204505 (QuantLib bonds.cpp:580)", () => {
  const terms = bond(.025, "2006-10-31", { endOfMonth: true });
  printed(atYield(terms, "2004-11-23", .02925).cleanPrice, "99.204505");
});

Deno.test("B18: price from yield and yield from price (QuantLib bonds.cpp:580)", () => {
  const terms = bond(.035, "2009-11-15");
  printed(atYield(terms, "2004-11-23", .03569).cleanPrice, "99.687192");
  printed(atPrice(terms, "2004-11-23", 99.6875).yieldToMaturity, "0.035689");
});

Deno.test("a matured, an unissued and an odd bond are refused, each by its own code", () => {
  const code = (terms: BondTerms, settlement: string) => {
    const result = bondFromYield(terms, { settlement: day(settlement), yieldToMaturity: .05 });
    return result.ok ? "ok" : result.error.code;
  };
  const terms = bond(.05, "2030-05-15", { issueDay: day("2020-05-15") });
  assertEquals(code(terms, "2030-05-15"), "matured");
  assertEquals(code(terms, "2020-05-14"), "not_issued");
  assertEquals(code(terms, "2020-05-15"), "ok");
  // 31 CFR 356 App. B, II.B and II.C: short and long first periods.
  assertEquals(
    code({ ...terms, issueDay: day("2020-06-01") }, "2020-07-01"),
    "odd_coupon_unsupported",
  );
  assertEquals(code({ ...terms, issueDay: day("2020-06-01") }, "2021-07-01"), "ok");
  assertEquals(
    code({ ...terms, firstCouponDay: day("2020-12-01") }, "2020-07-01"),
    "odd_coupon_unsupported",
  );
});

Deno.test("a price that no yield gives is refused", () => {
  const terms = bond(.05, "2030-05-15");
  const settlement = day("2029-06-01");
  const free = bondFromCleanPrice(terms, { settlement, cleanPrice: 0 });
  const dear = bondFromCleanPrice(terms, { settlement, cleanPrice: 1e9 });
  assertEquals([free.ok, dear.ok], [false, false]);
  if (!free.ok) assertEquals(free.error.code, "non_positive_price");
  if (!dear.ok) assertEquals(dear.error.code, "no_convergence");
});
