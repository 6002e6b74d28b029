import { assert, assertEquals } from "@std/assert";
import { maxDrawdown, wealthFromReturns } from "@/lib/domain/rating/drawdown.ts";
import { EWMA_LAMBDA, ewmaStep, ewmaVariance } from "@/lib/domain/rating/ewma.ts";
import { moments } from "@/lib/domain/rating/moments.ts";
import { normalDensity } from "@/lib/domain/rating/normal.ts";
import { prefixSums } from "@/lib/domain/rating/series_statistics.ts";
import {
  cornishFisherValueAtRisk,
  historicalTail,
  parametricTail,
  standardQuantile,
  type7Quantile,
} from "@/lib/domain/rating/value_at_risk.ts";
import { printed, within } from "@/tests/support/printed.ts";

const UBIQUE = [.003, .026, .015, -.009, .014, .024, .015, .066, -.014, .039];

function tailOf(returns: ArrayLike<number>) {
  const sorted = Float64Array.from(returns).sort();
  return { sorted, prefix: prefixSums(sorted) };
}

Deno.test("E1: one step of EWMA gives 0.00013 and 1.14 % (Hull, RMFI exercise 5.2)", () => {
  const variance = ewmaStep(.01 ** 2, { value: .02, lambda: .9 });
  printed(variance, "0.00013");
  printed(Math.sqrt(variance), "0.0114");
});

Deno.test("E2: EWMA variances follow the table of RiskMetrics, Technical Document, 1996", () => {
  const percent = [
    ...[.633, .115, -.459, .093, .176, -.087, -.142, .324, -.943, -.528],
    ...[-.107, -.159, -.445, .053, .152, -.318, .424, -.708, -.105, -.257],
  ];
  const variances = [
    ...[.401, .378, .368, .346, .327, .308, .291, .28, .316, .314],
    ...[.296, .28, .275, .258, .244, .236, .232, .248, .234, .224],
  ];
  for (const [i, expected] of variances.entries()) {
    const returns = Float64Array.from(percent.slice(0, i + 1));
    within(ewmaVariance(returns, EWMA_LAMBDA.daily), expected, 1e-3);
  }
});

for (
  const [id, sigma, oneDay, tenDays] of [
    ["V1", 10e6 * .02, "465270", "1471312"],
    ["V2", 5e6 * .01, "116317", "367828"],
  ] as const
) {
  Deno.test(`${id}: ten days of 99 % value at risk are ${tenDays} (Hull, value at risk)`, () => {
    const { valueAtRisk } = parametricTail(sigma, 9_900);
    printed(valueAtRisk, oneDay);
    printed(valueAtRisk * Math.sqrt(10), tenDays);
    // Hull rounds to hundreds.
    within(valueAtRisk, Math.round(Number(oneDay) / 100) * 100, 50);
  });
}

Deno.test("V3: expected shortfall of a standard normal is the density over the tail", () => {
  printed(parametricTail(1, 9_500).expectedShortfall, "2.0627128075");
  printed(parametricTail(1, 9_750).expectedShortfall, "2.3378027922");
  printed(parametricTail(1, 9_900).expectedShortfall, "2.6652142203");
});

Deno.test("V4: the type 7 quantile is numpy's (empyrical test_stats.py:1331)", () => {
  const sorted = [1, 81, 82, 83, 84, 85];
  within(type7Quantile(sorted, 1_000), 41, 1e-12);
  within(type7Quantile(sorted, 2_000), 81, 1e-12);
  within(type7Quantile([1, 2], 3_000), 1.3, 1e-12);
});

Deno.test("V5: expected shortfall of ten returns (ubique paramcondvar, histcondvar)", () => {
  const { mean, sampleDeviation } = moments(UBIQUE);
  within(mean, .0179, 1e-12);
  printed(sampleDeviation, "0.02323049");
  const z = standardQuantile(9_500);
  printed(-(mean - sampleDeviation * normalDensity(z) / .05), "0.0300178");
  within(historicalTail(tailOf(UBIQUE), 9_500).expectedShortfall, .014, 1e-12);
});

Deno.test("V6: modified value at risk of the same returns", () => {
  const shape = moments(UBIQUE);
  printed(shape.skewness, "0.6174813132");
  printed(shape.excessKurtosis, "0.0375811349");
  const input = { ...shape, deviation: shape.sampleDeviation };
  // The published figures hold at the quantile itself; its domain check is tested on its own.
  const bent = (confidence: number) => {
    const z = -standardQuantile(confidence);
    const { skewness: s, excessKurtosis: k } = shape;
    return -(shape.mean +
      shape.sampleDeviation *
        (z + (z * z - 1) * s / 6 + (z ** 3 - 3 * z) * k / 24 - (2 * z ** 3 - 5 * z) * s * s / 36));
  };
  printed(bent(9_500), "0.0160492702");
  printed(bent(9_900), "0.0224652699");
  for (const confidence of [9_500, 9_900]) {
    const found = cornishFisherValueAtRisk(input, confidence);
    if (found !== null) within(found, bent(confidence), 1e-15);
  }
  printed(cornishFisherValueAtRisk(input, 9_500), "0.0160492702");
});

Deno.test("modified value at risk is withheld where the expansion is not a distribution", () => {
  const wild = { mean: 0, deviation: .01, skewness: -3, excessKurtosis: 1 };
  assertEquals(cornishFisherValueAtRisk(wild, 9_900), null);
});

const DRAWDOWNS: readonly [readonly number[], string][] = [
  [[1, 10, -4, 2, 3, 2, 1, -10], "-0.10"],
  [[0, -6, -7, -1, -9, -2, -6, -8, -5], "-0.365907303"],
  [[10, -10, 10], "-0.10"],
];

for (const [percent, expected] of DRAWDOWNS) {
  Deno.test(`V7: the deepest drawdown of ${percent} % is ${expected} (empyrical test_stats.py:243)`, () => {
    const wealth = wealthFromReturns(percent.map((value) => value / 100));
    printed(maxDrawdown(wealth), expected);
  });
}

Deno.test("V8: annual volatility is empyrical's (test_stats.py:301)", () => {
  const plain = [1, 10, -4, 2, 3, 2, 1, -10].map((value) => value / 100);
  const padded = [0, 1, 10, -4, 2, 3, 2, 1, -10].map((value) => value / 100);
  within(moments(plain).sampleDeviation * Math.sqrt(252), .9136465399704637, 1e-15);
  within(moments(padded).sampleDeviation * Math.sqrt(52), .38851569394870583, 1e-15);
  within(moments(padded).sampleDeviation * Math.sqrt(12), .18663690238892558, 1e-15);
});

Deno.test("historical value at risk picks the fifth worst of five hundred at 99 % (Hull)", () => {
  const tail = tailOf(Array.from({ length: 500 }, (_, i) => -i));
  assertEquals(historicalTail(tail, 9_900).valueAtRisk, 495);
});

Deno.test("equal returns have no skewness and no kurtosis, whatever their rounding", () => {
  const flat = moments(Array.from({ length: 1_000 }, () => .1 / 3));
  assertEquals([flat.deviation, flat.skewness, flat.excessKurtosis], [0, 0, 0]);
  assert(flat.count === 1_000);
});
