import { invariant } from "@/lib/domain/invariant.ts";
import { COMPLIANCE_POLICY_DEFAULT, type ComplianceFacts } from "@/lib/domain/rating/compliance.ts";
import type { Instrument } from "@/lib/domain/rating/instrument.ts";
import { priceSeries } from "@/lib/domain/rating/price_series.ts";
import { type Quote, quoteView } from "@/lib/domain/rating/quote.ts";
import type { RatingInput, RatingParameters } from "@/lib/domain/rating/rate_instrument.ts";
import { RATING_PARTS } from "@/lib/domain/rating/rating_parts.ts";
import { type SeriesStatistics, seriesStatistics } from "@/lib/domain/rating/series_statistics.ts";
import { minstdCloses } from "./minstd.ts";

export const AS_OF_MS = Date.UTC(2026, 10, 23, 14, 30);

export const NO_FACTS: ComplianceFacts = {
  averageDailyTransactions: null,
  previousClose: null,
  luldReferencePrice: null,
  luldTier: null,
  isNmsStock: null,
  orderPrice: null,
  orderQuantity: null,
  issuerPositionValue: null,
  portfolioValue: null,
};

export const PARAMETERS: RatingParameters = {
  risk: { confidence: 9_900, horizonDays: 1, quantile: "order_statistic", holdingYears: null },
  bond: { settlementDay: null, yieldToMaturity: null },
  greeks: {
    model: "black_scholes_merton",
    riskFreeRate: null,
    dividendYield: 0,
    volatility: null,
    underlyingPrice: null,
  },
  policy: COMPLIANCE_POLICY_DEFAULT,
  facts: NO_FACTS,
};

export function sampleInstrument(more: Partial<Instrument> = {}): Instrument {
  return {
    isin: "US0378331005",
    cusip: "037833100",
    sedol: null,
    figi: null,
    cfiCode: "ESVUFR",
    currency: "USD",
    mic: "XNAS",
    issuer: { name: "Apple Inc", lei: null, country: "US" },
    issueDay: null,
    bond: null,
    option: null,
    priips: { category: null, holdingYears: null },
    credit: null,
    isNegativeTargetMarket: null,
    benchmarkId: null,
    ...more,
  };
}

export function sampleQuote(more: Partial<Quote> = {}): Quote {
  return {
    bid: "66.20",
    ask: "66.24",
    last: "66.22",
    volume: 48_211_034,
    timestampMs: AS_OF_MS - 820,
    source: "tenant_push",
    ...more,
  };
}

/** Five years of weekdays up to the day before `AS_OF_MS`, with volumes. */
export function sampleStatistics(count = 1_281): SeriesStatistics {
  const { days, closes } = minstdCloses(count, { firstDay: 18_985 });
  const volumes = Float64Array.from(closes, (_, i) => 1_000_000 + i);
  const series = priceSeries({ days, closes, volumes });
  const statistics = series.ok ? seriesStatistics(series.value) : null;
  invariant(statistics !== null, "The sample series is valid");
  return statistics;
}

export function sampleInput(more: Partial<RatingInput> = {}): RatingInput {
  return {
    asOfMs: AS_OF_MS,
    include: new Set(RATING_PARTS),
    instrument: sampleInstrument(),
    view: quoteView(sampleQuote()),
    underlying: null,
    statistics: sampleStatistics(),
    beta: null,
    screening: null,
    parameters: PARAMETERS,
    ...more,
  };
}
