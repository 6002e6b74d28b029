import { assert, assertEquals } from "@std/assert";
import {
  type CreditClass,
  type CreditQualityStep,
  creditRiskClass,
  marketRiskClass,
  PRIIPS_PERIODS,
  priipsValueAtRisk,
  type RiskClass,
  scoreOutOf100,
  summaryRiskIndicator,
  varEquivalentVolatility,
  volatilityClass,
} from "@/lib/domain/rating/priips.ts";
import { printed, within } from "@/tests/support/printed.ts";

const SOURCE = "(EU) 2017/653, Annex II";

function volatility(valueAtRisk: number, years: number): number {
  const found = varEquivalentVolatility(valueAtRisk, years);
  assert(found.ok);
  return found.value;
}

interface Case {
  readonly id: string;
  readonly deviation: number;
  readonly periods: number;
  readonly skewness: number;
  readonly excessKurtosis: number;
  readonly years: number;
  readonly valueAtRisk?: string;
  readonly vev: string;
  readonly mrm: RiskClass;
}

const CASES: readonly Case[] = [
  {
    id: "P1",
    deviation: .01,
    periods: 256,
    skewness: 0,
    excessKurtosis: 0,
    years: 1,
    valueAtRisk: "-0.3264",
    vev: "0.1600943375",
    mrm: 4,
  },
  {
    id: "P2",
    deviation: .01,
    periods: 1280,
    skewness: -.5,
    excessKurtosis: 3,
    years: 5,
    valueAtRisk: "-0.7676483224",
    vev: "0.1605049049",
    mrm: 4,
  },
  {
    id: "P3",
    deviation: .005,
    periods: 1280,
    skewness: -.3,
    excessKurtosis: 5,
    years: 5,
    valueAtRisk: "-0.3673726281",
    vev: "0.0802001109",
    mrm: 3,
  },
  {
    id: "P4",
    deviation: .06,
    periods: 12,
    skewness: .2,
    excessKurtosis: 1,
    years: 1,
    valueAtRisk: "-0.4243791171",
    vev: "0.2058158357",
    mrm: 5,
  },
  {
    id: "P5",
    deviation: .05,
    periods: 256,
    skewness: -.5,
    excessKurtosis: 8,
    years: 1,
    vev: "0.8049424723",
    mrm: 7,
  },
  {
    id: "P5",
    deviation: .0002,
    periods: 256,
    skewness: 0,
    excessKurtosis: 0,
    years: 1,
    vev: "0.0033018718",
    mrm: 1,
  },
  {
    id: "P5",
    deviation: 0,
    periods: 256,
    skewness: 0,
    excessKurtosis: 0,
    years: 1,
    vev: "0.0001020382",
    mrm: 1,
  },
];

for (const { id, periods, years, valueAtRisk, vev, mrm, ...shape } of CASES) {
  Deno.test(`${id}: equivalent volatility ${vev} is class ${mrm} (${SOURCE}, points 12 and 13)`, () => {
    const found = priipsValueAtRisk(shape, periods);
    if (valueAtRisk !== undefined) printed(found, valueAtRisk);
    printed(volatility(found, years), vev);
    assertEquals(marketRiskClass(volatility(found, years), "daily"), mrm);
  });
}

Deno.test(`P4: monthly prices raise the class by one, up to 7 (${SOURCE}, Part 1)`, () => {
  assertEquals(marketRiskClass(.2058158357, "monthly"), 6);
  assertEquals(marketRiskClass(.9, "monthly"), 7);
  assertEquals(marketRiskClass(.2058158357, "weekly"), 5);
});

Deno.test(`P6: lower bounds of volatility classes are inclusive (${SOURCE}, point 2)`, () => {
  assertEquals([.005, .05, .12, .2, .3, .8].map(volatilityClass), [2, 3, 4, 5, 6, 7]);
  assertEquals(
    [.00499, .0499, .1199, .1999, .2999, .7999].map(volatilityClass),
    [1, 2, 3, 4, 5, 6],
  );
});

const SRI_ROWS = ["1234567", "1234567", "3334567", "5555567", "5555567", "6666667"];

Deno.test(`P7: the summary indicator is the table of market and credit classes (${SOURCE}, point 52)`, () => {
  const markets: readonly RiskClass[] = [1, 2, 3, 4, 5, 6, 7];
  const credits: readonly CreditClass[] = [1, 2, 3, 4, 5, 6];
  const rows = credits.map((credit) =>
    markets.map((market) => summaryRiskIndicator(market, credit)).join("")
  );
  assertEquals(rows, SRI_ROWS);
});

Deno.test("credit classes follow the maturity table and are never below 1", () => {
  const steps: readonly CreditQualityStep[] = [0, 1, 2, 3, 4, 5, 6];
  const row = (years: number) => steps.map((step) => creditRiskClass(step, years)).join("");
  assertEquals([row(1), row(1.01), row(12), row(12.01)], [
    "1112346",
    "1123456",
    "1123456",
    "1123566",
  ]);
});

Deno.test("a skew that leaves no volatility is refused, not turned into NaN", () => {
  const found = varEquivalentVolatility(1.93, 1);
  assertEquals(found.ok ? "" : found.error.code, "insufficient_data");
});

Deno.test("the display score lies in the seventh of its indicator", () => {
  within(scoreOutOf100(4, .1601), 50.92, .01);
  for (const indicator of [1, 2, 3, 4, 5, 6, 7] as const) {
    for (const vev of [0, .003, .005, .049, .12, .19, .25, .5, 1, 9]) {
      const score = scoreOutOf100(indicator, vev);
      assert(score >= (indicator - 1) * 100 / 7 && score <= indicator * 100 / 7 + 1e-9);
    }
  }
});

Deno.test("periods a year are those of the regulation", () => {
  assertEquals(PRIIPS_PERIODS, { daily: 256, weekly: 52, monthly: 12 });
});
