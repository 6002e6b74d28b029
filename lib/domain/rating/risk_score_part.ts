import { type CivilDay, formatCivilDay } from "./civil_day.ts";
import { assetClass, type Instrument } from "./instrument.ts";
import {
  type CreditClass,
  creditRiskClass,
  marketRiskClass,
  PRIIPS_PERIODS,
  PRIIPS_RETURNS_MIN,
  priipsValueAtRisk,
  type RiskClass,
  scoreOutOf100,
  summaryRiskIndicator,
  varEquivalentVolatility,
} from "./priips.ts";
import { NOT_APPLICABLE, partRefused, type PartWithout } from "./rating_parts.ts";
import { ANNUAL_PERIODS, type SeriesStatistics } from "./series_statistics.ts";
import { significant } from "./significant.ts";
import { srriClass } from "./srri.ts";
import {
  BPS,
  type ConfidenceBps,
  cornishFisherValueAtRisk,
  historicalCountMin,
  historicalTail,
  parametricTail,
  type7Quantile,
} from "./value_at_risk.ts";

export interface RiskParameters {
  readonly confidence: ConfidenceBps;
  readonly horizonDays: number;
  readonly quantile: "order_statistic" | "type7";
  /** Overrides the instrument's own. */
  readonly holdingYears: number | null;
}

export interface RiskScorePart {
  readonly status: "ok";
  readonly sri: RiskClass;
  readonly mrm: RiskClass;
  readonly crm: CreditClass;
  /** For display only; null where no volatility decided the class. */
  readonly score_100: number | null;
  readonly vev: number | null;
  readonly srri: number | null;
  readonly volatility_ewma: number | null;
  readonly volatility_annual: number | null;
  readonly var: {
    readonly historical: number | null;
    readonly parametric: number | null;
    readonly cornish_fisher: number | null;
    readonly confidence: number;
    readonly horizon_days: number;
    readonly scaling: "sqrt_time";
  };
  readonly es: {
    readonly historical: number | null;
    readonly parametric: number | null;
    readonly confidence: number;
  };
  readonly max_drawdown: number | null;
  readonly beta: number | null;
  readonly liquidity: {
    readonly average_daily_volume: number | null;
    readonly amihud: number | null;
  };
  readonly observations: number;
  readonly window: { readonly from: string; readonly to: string } | null;
  readonly methods: readonly string[];
  /** Why a field is null, by field name. */
  readonly reasons: Readonly<Record<string, string>>;
  readonly warnings: readonly string[];
}

export interface RiskInput {
  readonly instrument: Instrument;
  readonly statistics: SeriesStatistics | null;
  readonly beta: number | null;
  readonly asOfDay: CivilDay;
  readonly parameters: RiskParameters;
}

/** The holding period that counts when neither the instrument nor the call names one. */
const HOLDING_YEARS_DEFAULT = 1;

/** The step that an obligor without any assessment gets. Annex II, point 43. */
const UNRATED_QUALITY_STEP = 5;

/** The last part made from a series: most ratings of an instrument on one day ask for the same. */
const lastMade = new WeakMap<
  SeriesStatistics,
  { readonly input: RiskInput; readonly part: RiskScorePart | PartWithout }
>();

/**
 * Classes by PRIIPs, volatilities, tails and drawdown, from statistics made beforehand. The same
 * input gives the same object, as long as no other input came between.
 */
export function riskScorePart(input: RiskInput): RiskScorePart | PartWithout {
  const { statistics } = input;
  if (statistics === null) return makePart(input);
  const last = lastMade.get(statistics);
  if (last !== undefined && isSame(last.input, input)) return last.part;
  const part = makePart(input);
  lastMade.set(statistics, { input, part });
  return part;
}

function isSame(a: RiskInput, b: RiskInput): boolean {
  return a.instrument === b.instrument && a.statistics === b.statistics && a.beta === b.beta &&
    a.asOfDay === b.asOfDay && a.parameters === b.parameters;
}

function makePart(input: RiskInput): RiskScorePart | PartWithout {
  const category = input.instrument.priips.category ?? defaultCategory(input.instrument);
  if (category === 3 || category === 4) return CATEGORY_UNSUPPORTED;
  const warnings: string[] = [];
  const crm = creditClass(input, warnings);
  if (category === 1) return composed(input, { mrm: 7, vev: null, crm, warnings });
  const { statistics } = input;
  if (statistics === null) return NO_HISTORY;
  const { frequency } = statistics.series;
  const count = statistics.returns.length;
  if (count < PRIIPS_RETURNS_MIN[frequency]) return tooShort(count, frequency);
  if (statistics.moments.deviation === 0) warnings.push("ZERO_VARIANCE");
  const years = holdingYears(input);
  const periods = PRIIPS_PERIODS[frequency] * years;
  const valueAtRisk = priipsValueAtRisk(statistics.moments, periods);
  const vev = varEquivalentVolatility(valueAtRisk, years);
  if (!vev.ok) return partRefused(vev.error);
  const mrm = marketRiskClass(vev.value, frequency);
  return composed(input, { mrm, vev: vev.value, crm, warnings });
}

const METHODS_WITH_PRICES: readonly string[] = [
  "priips.cat2@2023-01",
  "priips.crm@2023-01",
  "score_100",
  "srri.cesr10-673",
  "ewma.riskmetrics1996",
  "volatility.sample",
  "var.historical",
  "var.parametric",
  "var.cornish_fisher",
  "drawdown.max",
  "beta.ols",
  "liquidity.amihud",
];
const METHODS_CATEGORY_1: readonly string[] = [
  "priips.cat1@2023-01",
  ...METHODS_WITH_PRICES.slice(1),
];

const NO_HISTORY: PartWithout = partRefused({
  code: "insufficient_data",
  detail: "No price history is known. Push one to /v1/prices/{id}/history, or send `history`",
  pointer: "/history",
});

const CATEGORY_UNSUPPORTED: PartWithout = {
  ...NOT_APPLICABLE,
  reason: {
    code: "priips_category_unsupported",
    detail: "PRIIPs categories 3 and 4 need a simulation that this engine does not make",
    pointer: "/instrument/priips/category",
  },
};

function tooShort(count: number, frequency: "daily" | "weekly" | "monthly"): PartWithout {
  return partRefused({
    code: "insufficient_data",
    detail: `${count} ${frequency} returns are known up to as_of, and ` +
      `${PRIIPS_RETURNS_MIN[frequency]} are needed. Push a longer history`,
    pointer: "/history",
  });
}

/** Derivatives are category 1, whatever their prices did. Annex II, point 4(b). */
function defaultCategory(instrument: Instrument): 1 | 2 {
  const kind = assetClass(instrument);
  return kind === "option" || kind === "future" ? 1 : 2;
}

function holdingYears({ instrument, parameters }: RiskInput): number {
  return parameters.holdingYears ?? instrument.priips.holdingYears ?? HOLDING_YEARS_DEFAULT;
}

function creditClass(input: RiskInput, warnings: string[]): CreditClass {
  const { instrument } = input;
  const { bond } = instrument;
  const hasObligor = instrument.credit !== null || assetClass(instrument) === "bond";
  if (!hasObligor) return 1;
  if (instrument.credit === null) warnings.push("CREDIT_UNRATED");
  const step = instrument.credit?.qualityStep ?? UNRATED_QUALITY_STEP;
  const years = bond === null
    ? holdingYears(input)
    : Math.max(0, bond.maturityDay - input.asOfDay) / 365.25;
  return creditRiskClass(step, years);
}

function composed(
  input: RiskInput,
  classes: { mrm: RiskClass; vev: number | null; crm: CreditClass; warnings: string[] },
): RiskScorePart {
  const { statistics, parameters } = input;
  const { mrm, vev, crm, warnings } = classes;
  const sri = summaryRiskIndicator(mrm, crm);
  const reasons: Record<string, string> = {};
  const tails = tailFields(statistics, { parameters, reasons, warnings });
  const srri = statistics?.srriVolatility ?? null;
  if (srri === null) reasons.srri = "insufficient_data";
  if (vev === null) reasons.vev = "category_1";
  if (input.beta === null) reasons.beta = "no_benchmark_pairs";
  return {
    status: "ok",
    sri,
    mrm,
    crm,
    score_100: vev === null ? null : significant(scoreOutOf100(sri, vev)),
    vev: rounded(vev),
    srri: srri === null ? null : srriClass(srri),
    volatility_ewma: annualEwma(statistics, reasons),
    volatility_annual: rounded(statistics?.volatilityAnnual ?? null),
    ...tails,
    max_drawdown: rounded(statistics?.maxDrawdown ?? null),
    beta: rounded(input.beta),
    liquidity: {
      average_daily_volume: rounded(statistics?.liquidity.averageDailyVolume ?? null),
      amihud: rounded(statistics?.liquidity.amihud ?? null),
    },
    observations: statistics?.returns.length ?? 0,
    window: statistics === null ? null : windowOf(statistics),
    methods: vev === null ? METHODS_CATEGORY_1 : METHODS_WITH_PRICES,
    reasons,
    warnings,
  };
}

function annualEwma(
  statistics: SeriesStatistics | null,
  reasons: Record<string, string>,
): number | null {
  const deviation = statistics?.ewmaDeviation ?? null;
  if (statistics === null || deviation === null) {
    reasons.volatility_ewma = "insufficient_data";
    return null;
  }
  return significant(deviation * Math.sqrt(ANNUAL_PERIODS[statistics.series.frequency]));
}

/** Value at risk and expected shortfall over the horizon, each scaled by the root of time. */
function tailFields(
  statistics: SeriesStatistics | null,
  context: { parameters: RiskParameters; reasons: Record<string, string>; warnings: string[] },
): Pick<RiskScorePart, "var" | "es"> {
  const { parameters, reasons, warnings } = context;
  const { confidence, horizonDays } = parameters;
  const root = Math.sqrt(horizonDays / DAYS_PER_RETURN[statistics?.series.frequency ?? "daily"]);
  const sigma = statistics?.ewmaDeviation ?? null;
  const parametric = sigma === null ? null : parametricTail(sigma, confidence);
  const historical = historicalFields(statistics, parameters);
  if (historical === null) reasons["var.historical"] = "insufficient_data";
  if (parametric === null) reasons["var.parametric"] = "insufficient_data";
  const bent = historical === null || statistics === null
    ? null
    : cornishFisherValueAtRisk(statistics.moments, confidence);
  if (bent === null && historical !== null) warnings.push("CF_DOMAIN");
  const cornishFisher = bent ?? historical?.valueAtRisk ?? null;
  if (cornishFisher === null) reasons["var.cornish_fisher"] = "insufficient_data";
  const fraction = confidence / BPS;
  return {
    var: {
      historical: scaled(historical?.valueAtRisk ?? null, root),
      parametric: scaled(parametric?.valueAtRisk ?? null, root),
      cornish_fisher: scaled(cornishFisher, root),
      confidence: fraction,
      horizon_days: horizonDays,
      scaling: "sqrt_time",
    },
    es: {
      historical: scaled(historical?.expectedShortfall ?? null, root),
      parametric: scaled(parametric?.expectedShortfall ?? null, root),
      confidence: fraction,
    },
  };
}

/** Trading days that one return spans. */
const DAYS_PER_RETURN = { daily: 1, weekly: 5, monthly: 21 } as const;

function historicalFields(
  statistics: SeriesStatistics | null,
  { confidence, quantile }: RiskParameters,
): { valueAtRisk: number; expectedShortfall: number } | null {
  if (statistics === null || statistics.returns.length < historicalCountMin(confidence)) {
    return null;
  }
  const tail = historicalTail(statistics, confidence);
  if (quantile === "order_statistic") return tail;
  return { ...tail, valueAtRisk: -type7Quantile(statistics.sorted, BPS - confidence) };
}

function windowOf({ from, to }: SeriesStatistics): { from: string; to: string } {
  return { from: formatCivilDay(from), to: formatCivilDay(to) };
}

function rounded(value: number | null): number | null {
  return value === null ? null : significant(value);
}

function scaled(value: number | null, factor: number): number | null {
  return value === null ? null : significant(value * factor);
}
