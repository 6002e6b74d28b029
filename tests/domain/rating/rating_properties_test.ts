import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { bondFromCleanPrice, bondFromYield } from "@/lib/domain/rating/bond.ts";
import { canonicalJson, type JsonValue } from "@/lib/domain/rating/canonical_json.ts";
import { civilDay } from "@/lib/domain/rating/civil_day.ts";
import type { BondTerms } from "@/lib/domain/rating/coupon_schedule.ts";
import { midpoint } from "@/lib/domain/rating/decimal_text.ts";
import {
  type EuropeanOption,
  optionPrice,
  presentTerms,
} from "@/lib/domain/rating/european_option.ts";
import { checkIdentifier, type IdentifierType, isinFrom } from "@/lib/domain/rating/identifiers.ts";
import { impliedVolatility } from "@/lib/domain/rating/implied_volatility.ts";
import { priceSeries } from "@/lib/domain/rating/price_series.ts";
import { rateInstrument } from "@/lib/domain/rating/rate_instrument.ts";
import { seriesStatistics } from "@/lib/domain/rating/series_statistics.ts";
import { significant } from "@/lib/domain/rating/significant.ts";
import { sortedCopy } from "@/lib/domain/rating/sorted_copy.ts";
import {
  cornishFisherValueAtRisk,
  historicalTail,
  parametricTail,
} from "@/lib/domain/rating/value_at_risk.ts";
import { minstdCloses } from "@/tests/support/minstd.ts";
import { within } from "@/tests/support/printed.ts";
import { sampleInput } from "@/tests/support/rating_samples.ts";

// fast-check prints the seed of a failure; a fixed one makes every run the same.
const RUNS = { seed: 20_261_123, numRuns: 300 };

const optionTerms = fc.record({
  model: fc.constantFrom("black_scholes_merton" as const, "black_76" as const),
  optionType: fc.constantFrom("call" as const, "put" as const),
  underlyingPrice: fc.double({ min: 1, max: 1_000, noNaN: true }),
  strikePrice: fc.double({ min: 1, max: 1_000, noNaN: true }),
  timeYears: fc.double({ min: .01, max: 5, noNaN: true }),
  riskFreeRate: fc.double({ min: -.05, max: .2, noNaN: true }),
  dividendYield: fc.double({ min: -.05, max: .2, noNaN: true }),
  volatility: fc.double({ min: .02, max: 2, noNaN: true }),
});

Deno.test("call minus put is the discounted difference of underlying and strike", () => {
  fc.assert(
    fc.property(optionTerms, (terms: EuropeanOption) => {
      const { discountedUnderlying, discountedStrike } = presentTerms(terms);
      const call = optionPrice({ ...terms, optionType: "call" });
      const put = optionPrice({ ...terms, optionType: "put" });
      within(call - put, discountedUnderlying - discountedStrike, 1e-9 * (1 + discountedStrike));
    }),
    RUNS,
  );
});

Deno.test("the implied volatility of a model price gives that price back", () => {
  fc.assert(
    fc.property(optionTerms, (terms: EuropeanOption) => {
      const price = optionPrice(terms);
      const found = impliedVolatility(terms, price);
      if (!found.ok) {
        // Far from the money the price is its bound to the last bit.
        assertEquals(found.error.code, "price_outside_arbitrage_bounds");
        return;
      }
      within(optionPrice({ ...terms, volatility: found.value }), price, 1e-9 * (1 + price));
    }),
    RUNS,
  );
});

const bondTerms = fc.record({
  couponRate: fc.double({ min: 0, max: .15, noNaN: true }),
  couponFrequency: fc.constantFrom(1 as const, 2 as const, 4 as const, 12 as const),
  dayCount: fc.constantFrom(
    ...(["act_act_icma", "30_360_us", "30e_360", "act_365f", "act_360", "act_act_isda"] as const),
  ),
  maturityDay: fc.integer({ min: civilDay(2027, 1, 1), max: civilDay(2060, 12, 31) }),
  issueDay: fc.constant(null),
  firstCouponDay: fc.constant(null),
  exDividendDays: fc.constantFrom(0, 8),
  endOfMonth: fc.boolean(),
  yieldConvention: fc.constantFrom("street" as const, "icma" as const, "ust_31cfr356" as const),
});
const settlement = civilDay(2026, 11, 23);
const yields = fc.double({ min: -.02, max: .25, noNaN: true });

Deno.test("a bond's price gives back the yield that made it, to 1e-10", () => {
  fc.assert(
    fc.property(bondTerms, yields, (terms: BondTerms, yieldToMaturity) => {
      const made = bondFromYield(terms, { settlement, yieldToMaturity });
      assert(made.ok);
      const found = bondFromCleanPrice(terms, { settlement, cleanPrice: made.value.cleanPrice });
      assert(found.ok);
      // Days before its end a bond's price hardly depends on its yield: 1e-10 of price decides.
      const slack = 1e-13 / Math.max(made.value.modifiedDuration, 1e-3);
      within(found.value.yieldToMaturity, yieldToMaturity, 1e-10 + slack);
    }),
    RUNS,
  );
});

Deno.test("duration and convexity agree with finite differences of the price", () => {
  fc.assert(
    fc.property(bondTerms, yields, (terms: BondTerms, yieldToMaturity) => {
      const at = (y: number) => {
        const found = bondFromYield(terms, { settlement, yieldToMaturity: y });
        assert(found.ok);
        return found.value;
      };
      const here = at(yieldToMaturity);
      const h = 1e-5;
      const up = at(yieldToMaturity + h).dirtyPrice;
      const down = at(yieldToMaturity - h).dirtyPrice;
      const slope = -(up - down) / (2 * h) / here.dirtyPrice;
      within(here.modifiedDuration, slope, 1e-6 * (1 + here.modifiedDuration));
      const bend = (up - 2 * here.dirtyPrice + down) / (h * h) / here.dirtyPrice;
      within(here.convexity, bend, 1e-2 + 1e-4 * here.convexity);
    }),
    RUNS,
  );
});

const returns = fc.array(fc.double({ min: -.2, max: .2, noNaN: true }), {
  minLength: 300,
  maxLength: 400,
});

Deno.test("value at risk and expected shortfall rise with confidence, and shortfall is the larger", () => {
  fc.assert(
    fc.property(returns, (values) => {
      const sorted = Float64Array.from(values).sort();
      const prefix = new Float64Array(sorted.length + 1);
      for (const [i, value] of sorted.entries()) prefix[i + 1] = (prefix[i] ?? 0) + value;
      const shape = { mean: 0, deviation: .02, skewness: -.2, excessKurtosis: 1 };
      let last = { historical: -Infinity, parametric: -Infinity, bent: -Infinity };
      for (const confidence of [9_000, 9_500, 9_750, 9_900]) {
        const historical = historicalTail({ sorted, prefix }, confidence);
        const parametric = parametricTail(.02, confidence);
        const bent = cornishFisherValueAtRisk(shape, confidence) ?? NaN;
        assert(historical.valueAtRisk >= last.historical && bent > last.bent);
        assert(parametric.valueAtRisk > last.parametric);
        assert(historical.expectedShortfall >= historical.valueAtRisk - 1e-12);
        assert(parametric.expectedShortfall > parametric.valueAtRisk);
        last = { historical: historical.valueAtRisk, parametric: parametric.valueAtRisk, bent };
      }
    }),
    { ...RUNS, numRuns: 100 },
  );
});

Deno.test("the risk score does not change when all prices are multiplied", () => {
  const { days, closes } = minstdCloses(1_281);
  const scoreAt = (factor: number) => {
    const series = priceSeries({ days, closes: closes.map((close) => close * factor) });
    assert(series.ok);
    const statistics = seriesStatistics(series.value);
    const part = rateInstrument(sampleInput({ statistics, asOfMs: 1.79e12 })).risk_score;
    assert(part?.status === "ok");
    return part;
  };
  const plain = scoreAt(1);
  fc.assert(
    fc.property(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), (factor) => {
      const scaled = scoreAt(factor);
      assertEquals([scaled.sri, scaled.mrm], [plain.sri, plain.mrm]);
      within(scaled.vev, plain.vev ?? NaN, 1e-11);
      within(scaled.max_drawdown, plain.max_drawdown ?? NaN, 1e-11);
    }),
    { ...RUNS, numRuns: 40 },
  );
});

const RIGHT: readonly [IdentifierType, string][] = [
  ["isin", "US0378331005"],
  ["isin", "IE00B4L5Y983"],
  ["isin", "AU0000XVGZA3"],
  ["cusip", "38259P508"],
  ["cusip", "DUS0421C5"],
  ["sedol", "B0YBKJ7"],
  ["sedol", "7108899"],
  ["lei", "213800KUD8LAJWSQ9D15"],
  ["lei", "HWUPKR0MPOU8FGXBT394"],
  ["figi", "BBG000BLNR78"],
];

for (const [type, text] of RIGHT) {
  Deno.test(`the check digit of ${type} ${text} catches every single-digit error`, () => {
    for (let place = 0; place < text.length; place += 1) {
      if (!/[0-9]/.test(text[place] ?? "")) continue;
      for (const digit of "0123456789") {
        if (digit === text[place]) continue;
        const wrong = text.slice(0, place) + digit + text.slice(place + 1);
        assertEquals([wrong, checkIdentifier(type, wrong).ok], [wrong, false]);
      }
    }
  });
}

Deno.test("an ISIN made from any national number is right", () => {
  const numbers = fc.stringMatching(/^[A-Z0-9]{9}$/);
  fc.assert(
    fc.property(numbers, (number) => checkIdentifier("isin", isinFrom("FR", number)).ok),
    RUNS,
  );
});

Deno.test("the bucket sort gives what the platform's sort gives, crowded or spread", () => {
  const values = fc.array(
    fc.oneof(
      fc.double({ min: -.05, max: .05, noNaN: true }),
      fc.double({ min: -50, max: 50, noNaN: true }),
      fc.constant(.01),
    ),
    { minLength: 0, maxLength: 1_500 },
  );
  fc.assert(
    fc.property(values, fc.constantFrom(.02, 1e-12, 0, 40), (list, spread) => {
      // Zeros of both signs are equal to the order, and to every sum.
      const array = Float64Array.from(list, (value) => value + 0);
      assertEquals(sortedCopy(array, { centre: 0, spread }), array.slice().sort());
    }),
    RUNS,
  );
});

Deno.test("twelve significant digits are what the text of the number would keep", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const rounded = significant(value);
      assert(rounded !== null);
      within(rounded, value, Math.abs(value) * 5.1e-12 + Number.MIN_VALUE);
      const digits = Math.abs(rounded).toExponential().replace(/e.*$/, "").replace(".", "");
      assert(digits.length <= 12, `${value} became ${rounded}`);
      assertEquals(significant(rounded), rounded);
    }),
    { ...RUNS, numRuns: 5_000 },
  );
  assertEquals([significant(NaN), significant(Infinity), significant(-0)], [null, null, 0]);
});

Deno.test("the midpoint of two decimals is exact", () => {
  const decimals = fc.tuple(fc.integer({ min: -1e9, max: 1e9 }), fc.integer({ min: 0, max: 6 }))
    .map(([units, scale]) => (units / 10 ** scale).toFixed(scale));
  fc.assert(
    fc.property(decimals, decimals, (a, b) => {
      const exact = (text: string) => {
        const [whole = "0", fraction = ""] = text.replace("-", "").split(".");
        const units = BigInt(whole + fraction.padEnd(12, "0"));
        return text.startsWith("-") ? -units : units;
      };
      assertEquals(2n * exact(midpoint(a, b)), exact(a) + exact(b));
    }),
    RUNS,
  );
  assertEquals(midpoint("231.10", "231.14"), "231.12");
  assertEquals(midpoint("1", "2"), "1.5");
  assertEquals(midpoint("-0.01", "0"), "-0.005");
});

Deno.test("canonical JSON is the same for any order of members, and reads back as it was", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const json = JSON.parse(JSON.stringify(value)) as JsonValue;
      const text = canonicalJson(json);
      assertEquals(JSON.parse(text), json);
      assertEquals(canonicalJson(JSON.parse(text)), text);
    }),
    RUNS,
  );
  assertEquals(canonicalJson({ b: [1, 2.50], a: "x" }), canonicalJson({ a: "x", b: [1, 2.5] }));
});
