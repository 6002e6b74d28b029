import { invariant } from "../domain/invariant.ts";
import {
  civilDate,
  type CivilDay,
  daysInMonth,
  parseCivilDay,
} from "../domain/rating/civil_day.ts";
import {
  COMPLIANCE_POLICY_DEFAULT,
  type ComplianceFacts,
  type CompliancePolicy,
} from "../domain/rating/compliance.ts";
import type { BondInstrument, Instrument, OptionTerms } from "../domain/rating/instrument.ts";
import type { PriceColumns } from "../domain/rating/price_series.ts";
import type { Quote } from "../domain/rating/quote.ts";
import type { RatingParameters } from "../domain/rating/rate_instrument.ts";
import { BPS } from "../domain/rating/value_at_risk.ts";
import type { HistoryBody, InstrumentTerms, ParametersBody, QuoteBody } from "./schemas.ts";

/** From checked request bodies to the engine's own types. */

export function toInstrument(terms: InstrumentTerms): Instrument {
  return {
    isin: terms.isin ?? null,
    cusip: terms.cusip ?? null,
    sedol: terms.sedol ?? null,
    figi: terms.figi ?? null,
    cfiCode: terms.cfi_code ?? null,
    currency: terms.currency ?? null,
    mic: terms.mic ?? null,
    issuer: terms.issuer === undefined ? null : {
      name: terms.issuer.name ?? null,
      lei: terms.issuer.lei ?? null,
      country: terms.issuer.country ?? null,
    },
    issueDay: optionalDay(terms.issue_date ?? terms.bond?.issue_date),
    bond: terms.bond === undefined ? null : toBond(terms.bond),
    option: terms.option === undefined ? null : toOption(terms.option),
    priips: {
      category: terms.priips?.category ?? null,
      holdingYears: terms.priips?.recommended_holding_period_years ?? null,
    },
    credit: terms.credit === undefined ? null : { qualityStep: terms.credit.cqs },
    isNegativeTargetMarket: terms.target_market?.is_negative ?? null,
    benchmarkId: terms.benchmark_id ?? null,
  };
}

export function toQuote(body: QuoteBody, source: string): Quote {
  return {
    bid: body.bid ?? null,
    ask: body.ask ?? null,
    last: body.last ?? null,
    volume: body.volume ?? null,
    timestampMs: Date.parse(body.timestamp),
    source,
  };
}

export function toColumns(history: HistoryBody): PriceColumns {
  const { closes, frequency } = history;
  const days = new Int32Array(closes.length);
  const prices = new Float64Array(closes.length);
  const volumes = new Float64Array(closes.length).fill(NaN);
  let hasVolume = false;
  for (const [i, point] of closes.entries()) {
    days[i] = toDay(point.date);
    prices[i] = Number(point.close);
    if (point.volume === undefined) continue;
    volumes[i] = point.volume;
    hasVolume = true;
  }
  return {
    days,
    closes: prices,
    volumes: hasVolume ? volumes : null,
    ...(frequency === undefined ? {} : { frequency }),
  };
}

export function toParameters(body: ParametersBody | undefined): RatingParameters {
  if (body === undefined) return PARAMETERS_DEFAULT;
  return {
    risk: {
      confidence: Math.round((body.confidence ?? 0.99) * BPS),
      horizonDays: body.horizon_days ?? 1,
      quantile: body.quantile ?? "order_statistic",
      holdingYears: body.recommended_holding_period_years ?? null,
    },
    bond: {
      settlementDay: optionalDay(body.settlement_date),
      yieldToMaturity: body.yield_to_maturity ?? null,
    },
    greeks: {
      model: body.option_model ?? "black_scholes_merton",
      riskFreeRate: body.risk_free_rate ?? null,
      dividendYield: body.dividend_yield ?? 0,
      volatility: body.volatility ?? null,
      underlyingPrice: body.underlying_price ?? null,
    },
    policy: toPolicy(body.policy),
    facts: toFacts(body.facts),
  };
}

/** An ISO date that the schema has already checked. */
function toDay(text: string): CivilDay {
  const day = parseCivilDay(text);
  invariant(day !== null, `Not a date: ${text}`);
  return day;
}

function optionalDay(text: string | undefined): CivilDay | null {
  return text === undefined ? null : toDay(text);
}

function toBond(bond: NonNullable<InstrumentTerms["bond"]>): BondInstrument {
  const maturityDay = toDay(bond.maturity_date);
  return {
    kind: bond.kind ?? "bullet",
    couponRate: bond.coupon_rate,
    couponFrequency: bond.coupon_frequency,
    dayCount: bond.day_count,
    maturityDay,
    issueDay: optionalDay(bond.issue_date),
    firstCouponDay: optionalDay(bond.first_coupon_date),
    exDividendDays: bond.ex_dividend_days ?? 0,
    endOfMonth: bond.end_of_month ?? isEndOfMonth(maturityDay),
    yieldConvention: bond.yield_convention ?? "street",
  };
}

function isEndOfMonth(day: CivilDay): boolean {
  const date = civilDate(day);
  return date.day === daysInMonth(date.year, date.month);
}

function toOption(option: NonNullable<InstrumentTerms["option"]>): OptionTerms {
  return {
    underlyingId: option.underlying_id ?? null,
    optionType: option.option_type,
    exerciseStyle: option.exercise_style,
    strikePrice: option.strike_price,
    expirationDay: toDay(option.expiration_date),
  };
}

function toPolicy(policy: ParametersBody["policy"]): CompliancePolicy {
  const standard = COMPLIANCE_POLICY_DEFAULT;
  if (policy === undefined) return standard;
  return {
    priceAgeMaxMs: policy.price_age_max_ms ?? standard.priceAgeMaxMs,
    outlierSigmas: policy.outlier_sigmas ?? standard.outlierSigmas,
    spreadBpsMax: policy.spread_bps_max ?? standard.spreadBpsMax,
    orderShareOfVolumeMax: policy.order_share_of_volume_max ?? standard.orderShareOfVolumeMax,
    sriMax: policy.sri_max ?? standard.sriMax,
    issuerShareMax: policy.issuer_share_max ?? standard.issuerShareMax,
    allowsNonPositivePrices: policy.allow_non_positive_prices ?? standard.allowsNonPositivePrices,
    nameBlockScore: policy.name_block_score ?? standard.nameBlockScore,
    gapWeekdaysMax: policy.gap_weekdays_max ?? standard.gapWeekdaysMax,
  };
}

function toFacts(facts: ParametersBody["facts"]): ComplianceFacts {
  return {
    averageDailyTransactions: facts?.average_daily_transactions ?? null,
    previousClose: facts?.previous_close ?? null,
    luldReferencePrice: facts?.luld_reference_price ?? null,
    luldTier: facts?.luld_tier ?? null,
    isNmsStock: facts?.is_nms_stock ?? null,
    orderPrice: facts?.order_price ?? null,
    orderQuantity: facts?.order_quantity ?? null,
    issuerPositionValue: facts?.issuer_position_value ?? null,
    portfolioValue: facts?.portfolio_value ?? null,
  };
}

const PARAMETERS_DEFAULT: RatingParameters = toParameters({});
