import { assert, assertEquals } from "@std/assert";
import { ewmaVariance } from "@/lib/domain/rating/ewma.ts";
import { priipsValueAtRisk, varEquivalentVolatility } from "@/lib/domain/rating/priips.ts";
import { type PriceSeries, priceSeries, seriesUntil } from "@/lib/domain/rating/price_series.ts";
import { type SeriesStatistics, seriesStatistics } from "@/lib/domain/rating/series_statistics.ts";
import { srriClass, srriVolatility } from "@/lib/domain/rating/srri.ts";
import { historicalTail, type7Quantile } from "@/lib/domain/rating/value_at_risk.ts";
import { minstdCloses, minstdReturns, minstdState } from "@/tests/support/minstd.ts";
import { printed, within } from "@/tests/support/printed.ts";

function seriesOf(columns: { days: ArrayLike<number>; closes: ArrayLike<number> }): PriceSeries {
  const series = priceSeries(columns);
  assert(series.ok, series.ok ? "" : series.error.detail);
  return series.value;
}

function statisticsOf(
  columns: { days: ArrayLike<number>; closes: ArrayLike<number> },
): SeriesStatistics {
  const statistics = seriesStatistics(seriesOf(columns));
  assert(statistics !== null);
  return statistics;
}

Deno.test("the reference series is the C++ standard's minstd", () => {
  assertEquals(minstdState(10_000), 1_043_618_065);
  assertEquals([...minstdReturns(3)], [
    -.019999686945229623,
    -.01473848847427335,
    .010224212887801327,
  ]);
});

Deno.test("P8: the reference series has these value at risk and equivalent volatility", () => {
  const shape = statisticsOf(minstdCloses(1_281)).moments;
  for (
    const [years, valueAtRisk, vev] of [
      [1, "-0.3715801249677", "0.1812987297"],
      [5, "-0.8762935001767", "0.1812502732"],
    ] as const
  ) {
    const found = priipsValueAtRisk(shape, 256 * years);
    printed(found, valueAtRisk);
    const volatility = varEquivalentVolatility(found, years);
    assert(volatility.ok);
    printed(volatility.value, vev);
  }
});

Deno.test("P9: moments, EWMA, tails and drawdown of the reference series", () => {
  const statistics = statisticsOf(minstdCloses(1_281));
  assertEquals(statistics.returns.length, 1_280);
  printed(statistics.moments.deviation, "0.0113254633583");
  printed(statistics.moments.skewness, "-0.00966315863324");
  printed(statistics.moments.excessKurtosis, "-1.15845430222");
  printed(ewmaVariance(statistics.returns, .94), "1.179804476969e-4");
  within(statistics.ewmaDeviation, Math.sqrt(1.179804476969e-4), 1e-14);
  const tails = [9_500, 9_750, 9_900].map((confidence) => historicalTail(statistics, confidence));
  const values = ["0.017935331556", "0.018959988001", "0.019746332392"];
  const shortfalls = ["0.019001588106", "0.019555396411", "0.019885025117"];
  for (const [i, tail] of tails.entries()) {
    printed(tail.valueAtRisk, values[i] ?? "");
    printed(tail.expectedShortfall, shortfalls[i] ?? "");
  }
  printed(-type7Quantile(statistics.sorted, 500), "0.017865224446");
  printed(statistics.maxDrawdown, "-0.374504824927");
});

Deno.test("R1: SRRI classes start at their lower bounds (CESR/10-673)", () => {
  const volatilities = [.0049, .005, .0199, .02, .05, .1, .15, .25];
  assertEquals(volatilities.map(srriClass), [1, 2, 2, 3, 4, 5, 6, 7]);
});

Deno.test("R2: the reference returns read as weekly are class 4 (CESR/10-673)", () => {
  // The reference takes the values for simple returns.
  const closes = [100];
  for (const value of minstdReturns(260)) closes.push((closes.at(-1) ?? 0) * (1 + value));
  const days = closes.map((_, week) => 18_000 + 7 * week);
  const volatility = srriVolatility(seriesOf({ days, closes }));
  within(volatility, .0830199277739, 1e-12);
  assertEquals(srriClass(volatility ?? NaN), 4);
});

Deno.test("SRRI takes the last close of each week, and nothing from too short a history", () => {
  const long = minstdCloses(1_400);
  assert(srriVolatility(seriesOf(long)) !== null);
  const short = minstdCloses(1_250);
  assertEquals(srriVolatility(seriesOf(short)), null);
});

Deno.test("only the last five years count", () => {
  const statistics = statisticsOf(minstdCloses(2_600));
  assert(statistics.returns.length < 1_320 && statistics.returns.length > 1_280);
});

Deno.test("the state before the last close is that of the series without it", () => {
  const { days, closes } = minstdCloses(700);
  const whole = statisticsOf({ days, closes });
  const before = statisticsOf({ days: days.subarray(0, 699), closes: closes.subarray(0, 699) });
  assertEquals(whole.beforeLast.close, before.lastClose);
  within(whole.beforeLast.ewmaDeviation, before.ewmaDeviation ?? NaN, 1e-15);
});

const WRONG: readonly [string, { days: number[]; closes: number[] }, string][] = [
  ["a close of 0", { days: [1, 2], closes: [1, 0] }, "non_positive_price"],
  ["a negative close", { days: [1, 2], closes: [1, -1] }, "non_positive_price"],
  ["a close that is not a number", { days: [1, 2], closes: [1, NaN] }, "non_finite_value"],
  ["an infinite close", { days: [1, 2], closes: [1, Infinity] }, "non_finite_value"],
  ["a close beyond any price", { days: [1, 2], closes: [1, 1e300] }, "validation_failed"],
  ["the same date twice", { days: [1, 1], closes: [1, 1] }, "duplicate_date"],
  ["descending dates", { days: [2, 1], closes: [1, 1] }, "descending_dates"],
  ["columns of different length", { days: [1, 2], closes: [1] }, "validation_failed"],
  ["closes a year apart", { days: [1, 366, 731], closes: [1, 1, 1] }, "frequency_unknown"],
];

for (const [what, columns, code] of WRONG) {
  Deno.test(`${what} is refused as ${code}, with a sentence`, () => {
    const series = priceSeries(columns);
    assert(!series.ok);
    assertEquals(series.error.code, code);
    assert(/^[A-Z0-9]/.test(series.error.detail) && series.error.detail.length > 20);
  });
}

Deno.test("a frequency that the dates contradict is refused", () => {
  const { days, closes } = minstdCloses(100);
  const series = priceSeries({ days, closes, frequency: "monthly" });
  assertEquals(series.ok ? "" : series.error.code, "frequency_mismatch");
});

Deno.test("a series cut at a day holds nothing later, and is itself when nothing is cut", () => {
  const series = seriesOf(minstdCloses(100));
  const last = series.days[99] ?? 0;
  assert(seriesUntil(series, last) === series);
  const cut = seriesUntil(series, (series.days[40] ?? 0) + 0);
  assertEquals(cut.days.length, 41);
  assertEquals(cut.closes.length, 41);
});
