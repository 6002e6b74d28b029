import { assert } from "@std/assert";
import { DAY_COUNTS } from "@/lib/domain/rating/day_count.ts";
import type { BondInstrument, Instrument, OptionTerms } from "@/lib/domain/rating/instrument.ts";
import { priceSeries } from "@/lib/domain/rating/price_series.ts";
import { quoteView } from "@/lib/domain/rating/quote.ts";
import { rateInstrument, type RatingInput } from "@/lib/domain/rating/rate_instrument.ts";
import { RATING_PARTS } from "@/lib/domain/rating/rating_parts.ts";
import { seriesStatistics } from "@/lib/domain/rating/series_statistics.ts";
import {
  AS_OF_MS,
  NO_FACTS,
  PARAMETERS,
  sampleInstrument,
} from "@/tests/support/rating_samples.ts";

const RUNS = 100_000;
const SEED = 20_261_123;

/** Numbers that break arithmetic, beside plain ones. */
const HOSTILE = [
  ...[0, -0, 1, -1, 1e-12, 1e15, -1e15, 5e-324, 1e-300, 1e300, 1.7976931348623157e308],
  ...[NaN, Infinity, -Infinity, 2 ** 53, -(2 ** 53), 0.1, 100, 1e-6, 0.999999999, 50],
];

/** A seeded stream of choices (Lehmer's minstd). */
function chooser(seed: number) {
  let state = seed;
  const unit = () => (state = state * 16_807 % 2_147_483_647) / 2_147_483_647;
  const pick = <T>(items: readonly T[]): T => {
    const item = items[Math.floor(unit() * items.length)];
    if (item === undefined) throw new RangeError("Nothing to pick from");
    return item;
  };
  const number = () =>
    unit() < .4 ? pick(HOSTILE) : (unit() - .5) * 10 ** Math.floor(unit() * 24 - 8);
  const maybe = <T>(make: () => T): T | null => unit() < .3 ? null : make();
  const day = () =>
    unit() < .1 ? Math.trunc(number() % 1e6) || 0 : 20_000 + Math.floor(unit() * 9e3);
  const decimal = () =>
    pick(["0", "-1", "0.000000000001", "999999999999999", "-999999999999999.999999999999"].concat(
      [String(Math.floor(unit() * 1e6)), (unit() * 300).toFixed(4)],
    ));
  return { unit, pick, number, maybe, day, decimal };
}

type Chooser = ReturnType<typeof chooser>;

function hostileInput(c: Chooser): RatingInput {
  const quote = () =>
    quoteView({
      bid: c.maybe(c.decimal),
      ask: c.maybe(c.decimal),
      last: c.maybe(c.decimal),
      volume: c.maybe(() => Math.floor(c.unit() * 1e9)),
      timestampMs: AS_OF_MS - Math.floor(c.unit() * 1e9) + 1e6,
      source: "tenant_push",
    });
  return {
    asOfMs: AS_OF_MS + Math.floor((c.unit() - .5) * 1e11),
    include: new Set(RATING_PARTS),
    instrument: hostileInstrument(c),
    view: c.maybe(quote),
    underlying: c.maybe(quote),
    statistics: hostileStatistics(c),
    beta: null,
    screening: null,
    parameters: {
      risk: {
        confidence: c.pick([9_500, 9_750, 9_900]),
        horizonDays: c.pick([1, 10, 250]),
        quantile: c.pick(["order_statistic", "type7"] as const),
        holdingYears: c.maybe(() => c.pick([1 / 12, 1, 5, 40])),
      },
      bond: { settlementDay: c.maybe(c.day), yieldToMaturity: c.maybe(c.number) },
      greeks: {
        model: c.pick(["black_scholes_merton", "black_76"] as const),
        riskFreeRate: c.maybe(c.number),
        dividendYield: c.number(),
        volatility: c.maybe(() => Math.abs(c.number())),
        underlyingPrice: c.maybe(() => Math.abs(c.number())),
      },
      policy: {
        ...PARAMETERS.policy,
        sriMax: c.maybe(c.number),
        issuerShareMax: c.maybe(c.number),
      },
      facts: {
        ...NO_FACTS,
        averageDailyTransactions: c.maybe(c.number),
        previousClose: c.maybe(c.number),
        luldReferencePrice: c.maybe(c.number),
        luldTier: c.maybe(() => c.pick([1, 2] as const)),
        isNmsStock: c.maybe(() => c.unit() < .5),
        orderPrice: c.maybe(c.decimal),
        orderQuantity: c.maybe(c.number),
        issuerPositionValue: c.maybe(c.number),
        portfolioValue: c.maybe(c.number),
      },
    },
  };
}

function hostileInstrument(c: Chooser): Instrument {
  const bond = (): BondInstrument => ({
    kind: c.pick(["bullet", "bill"] as const),
    couponRate: Math.abs(c.number()),
    couponFrequency: c.pick([0, 1, 2, 4, 12] as const),
    dayCount: c.pick(DAY_COUNTS),
    maturityDay: c.day(),
    issueDay: c.maybe(c.day),
    firstCouponDay: c.maybe(c.day),
    exDividendDays: c.pick([0, 7, 60]),
    endOfMonth: c.unit() < .5,
    yieldConvention: c.pick(["street", "icma", "ust_31cfr356"] as const),
  });
  const option = (): OptionTerms => ({
    underlyingId: null,
    optionType: c.pick(["call", "put"] as const),
    exerciseStyle: "european",
    strikePrice: Math.abs(c.number()),
    expirationDay: c.day(),
  });
  return sampleInstrument({
    isin: c.pick(["US0378331005", "", "ZZZZZZZZZZZZ", "\u0000", "💥💥💥💥💥💥"]),
    cusip: c.maybe(() => c.pick(["037833100", "#########", "é"])),
    currency: c.maybe(() => c.pick(["USD", "", "QQQ"])),
    mic: c.maybe(() => c.pick(["XNAS", "", "toolong"])),
    bond: c.maybe(bond),
    option: c.maybe(option),
    priips: {
      category: c.maybe(() => c.pick([1, 2, 3, 4] as const)),
      holdingYears: c.maybe(() => c.pick([1 / 12, 40])),
    },
    credit: c.maybe(() => ({ qualityStep: c.pick([0, 3, 6] as const) })),
  });
}

const LENGTHS = [0, 1, 2, 70, 76, 251, 260];

/** Mostly short; one in forty is long enough for every figure. */
function hostileStatistics(c: Chooser) {
  const length = c.unit() < .025 ? 520 : c.pick(LENGTHS);
  const days = new Int32Array(length);
  const closes = new Float64Array(length);
  const style = c.pick(["flat", "wild", "calm", "hostile"] as const);
  for (let i = 0; i < length; i += 1) {
    days[i] = (days[i - 1] ?? 19_000) + (c.unit() < .01 ? 30 : 1);
    closes[i] = style === "flat"
      ? 100
      : style === "calm"
      ? 100 + c.unit()
      : style === "wild"
      ? 10 ** (c.unit() * 27 - 12)
      : Math.abs(c.number());
  }
  const series = priceSeries({ days, closes, volumes: closes.map(() => c.number()) });
  return series.ok ? seriesStatistics(series.value) : null;
}

/** The path of the first value that JSON can't carry, or null. */
function unfitPath(value: unknown, path = ""): string | null {
  if (typeof value === "number") return Number.isFinite(value) ? null : `${path} is ${value}`;
  if (typeof value !== "object" || value === null) return null;
  for (const [key, member] of Object.entries(value)) {
    const found = unfitPath(member, `${path}/${key}`);
    if (found !== null) return found;
  }
  return null;
}

Deno.test(`no NaN and no Infinity leaves the engine in ${RUNS} hostile ratings (seed ${SEED})`, () => {
  const c = chooser(SEED);
  const statuses = new Map<string, number>();
  for (let run = 0; run < RUNS; run += 1) {
    const parts = rateInstrument(hostileInput(c));
    const unfit = unfitPath(parts);
    assert(unfit === null, `seed ${SEED}, run ${run}: ${unfit}`);
    for (const [part, { status }] of Object.entries(parts)) {
      statuses.set(`${part} ${status}`, (statuses.get(`${part} ${status}`) ?? 0) + 1);
    }
  }
  // The fuzz must reach the arithmetic, not only the refusals before it.
  for (const part of ["risk_score ok", "bond_analytics ok", "greeks ok", "price_feed ok"]) {
    assert((statuses.get(part) ?? 0) > 1_000, `${part}: ${statuses.get(part) ?? 0} of ${RUNS}`);
  }
});
