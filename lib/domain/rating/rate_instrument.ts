import { type BondParameters, type BondPart, bondPart } from "./bond_part.ts";
import { civilDayOfMs } from "./civil_day.ts";
import {
  type ComplianceFacts,
  type CompliancePart,
  compliancePart,
  type CompliancePolicy,
} from "./compliance.ts";
import { type GreeksParameters, type GreeksPart, greeksPart } from "./greeks_part.ts";
import { assetClass, type Instrument } from "./instrument.ts";
import { type PriceFeedPart, priceFeedPart } from "./price_feed_part.ts";
import type { QuoteView } from "./quote.ts";
import type { PartWithout, RatingPart } from "./rating_parts.ts";
import { type RiskParameters, type RiskScorePart, riskScorePart } from "./risk_score_part.ts";
import type { ScreeningOutcome } from "./screening.ts";
import { type ScreeningPart, screeningPart } from "./screening_part.ts";
import type { SeriesStatistics } from "./series_statistics.ts";

/** The version of the numbers: it moves when any of them may change for the same input. */
export const ENGINE_VERSION = "1.0.0";

/** Everything that a rating depends on. Time is an input: the engine has no clock. */
export interface RatingInput {
  readonly asOfMs: number;
  readonly include: ReadonlySet<RatingPart>;
  readonly instrument: Instrument;
  readonly view: QuoteView | null;
  /** Price of an option's underlying. */
  readonly underlying: QuoteView | null;
  readonly statistics: SeriesStatistics | null;
  readonly beta: number | null;
  readonly screening: ScreeningOutcome | null;
  readonly parameters: RatingParameters;
}

export interface RatingParameters {
  readonly risk: RiskParameters;
  readonly bond: BondParameters;
  readonly greeks: GreeksParameters;
  readonly policy: CompliancePolicy;
  readonly facts: ComplianceFacts;
}

/** The parts that were asked for; the others are absent. */
export interface RatingParts {
  risk_score?: RiskScorePart | PartWithout;
  price_feed?: PriceFeedPart | PartWithout;
  bond_analytics?: BondPart | PartWithout;
  greeks?: GreeksPart | PartWithout;
  compliance?: CompliancePart | PartWithout;
  screening?: ScreeningPart | PartWithout;
}

/** Rates one instrument: pure, synchronous, and free of NaN and Infinity. */
export function rateInstrument(input: RatingInput): RatingParts {
  const { include, asOfMs } = input;
  const asOfDay = civilDayOfMs(asOfMs);
  const view = currentView(input.view, asOfMs);
  const parts: RatingParts = {};
  const risk = include.has("risk_score") || include.has("compliance")
    ? riskScorePart({ ...riskInput(input), asOfDay })
    : null;
  if (risk !== null && include.has("risk_score")) parts.risk_score = risk;
  if (include.has("price_feed")) parts.price_feed = priceFeedPart(input.view, asOfMs);
  if (include.has("bond_analytics")) {
    const { instrument, parameters } = input;
    parts.bond_analytics = bondPart({ instrument, view, asOfDay, parameters: parameters.bond });
  }
  if (include.has("greeks")) parts.greeks = greeks(input, { view, asOfDay });
  if (include.has("compliance")) {
    const sri = risk?.status === "ok" ? risk.sri : null;
    parts.compliance = compliance(input, { view, asOfDay, sri });
  }
  if (include.has("screening")) {
    const { nameBlockScore } = input.parameters.policy;
    parts.screening = screeningPart(input.screening, { asOfMs, nameBlockScore });
  }
  return parts;
}

/** A price from after `as_of` was not known then. */
function currentView(view: QuoteView | null, asOfMs: number): QuoteView | null {
  return view !== null && view.quote.timestampMs <= asOfMs ? view : null;
}

function riskInput({ instrument, statistics, beta, parameters }: RatingInput) {
  return { instrument, statistics, beta, parameters: parameters.risk };
}

function greeks(
  input: RatingInput,
  { view, asOfDay }: { view: QuoteView | null; asOfDay: number },
): GreeksPart | PartWithout {
  const { instrument, asOfMs, parameters } = input;
  return greeksPart({
    instrument,
    view,
    underlying: currentView(input.underlying, asOfMs),
    asOfMs,
    asOfDay,
    parameters: parameters.greeks,
  });
}

function compliance(
  input: RatingInput,
  { view, asOfDay, sri }: { view: QuoteView | null; asOfDay: number; sri: number | null },
): CompliancePart {
  const { instrument, statistics, screening, asOfMs, parameters } = input;
  return compliancePart({
    instrument,
    assetClass: assetClass(instrument),
    view,
    statistics,
    screening,
    sri,
    asOfMs,
    asOfDay,
    policy: parameters.policy,
    facts: parameters.facts,
  });
}
