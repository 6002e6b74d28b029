import type { CivilDay } from "./civil_day.ts";
import { type EuropeanOption, type OptionValue, valueOption } from "./european_option.ts";
import { impliedVolatility } from "./implied_volatility.ts";
import type { Instrument, OptionTerms } from "./instrument.ts";
import type { QuoteView } from "./quote.ts";
import { NOT_APPLICABLE, partRefused, type PartWithout, unpriced } from "./rating_parts.ts";
import { significant } from "./significant.ts";

export interface GreeksPart {
  readonly status: "ok";
  readonly model: EuropeanOption["model"];
  /** The model's price per unit of the underlying. */
  readonly price: number | null;
  readonly delta: number | null;
  readonly gamma: number | null;
  readonly vega: number | null;
  readonly theta: number | null;
  readonly theta_per_day: number | null;
  readonly rho: number | null;
  readonly dividend_rho: number | null;
  readonly elasticity: number | null;
  /** From the option's own price; null when it has none that the model can give. */
  readonly implied_volatility: number | null;
  /** What the Greeks were made with. */
  readonly volatility: number;
  readonly volatility_source: "parameter" | "implied";
  readonly underlying_price: number;
  readonly time_years: number | null;
  readonly methods: readonly string[];
}

export interface GreeksParameters {
  readonly model: EuropeanOption["model"];
  readonly riskFreeRate: number | null;
  readonly dividendYield: number;
  readonly volatility: number | null;
  /** Spot for Black-Scholes-Merton, forward for Black-76; overrides the stored price. */
  readonly underlyingPrice: number | null;
}

export interface GreeksInput {
  readonly instrument: Instrument;
  readonly view: QuoteView | null;
  readonly underlying: QuoteView | null;
  readonly asOfMs: number;
  readonly asOfDay: CivilDay;
  readonly parameters: GreeksParameters;
}

export function greeksPart(input: GreeksInput): GreeksPart | PartWithout {
  const { option } = input.instrument;
  if (option === null) return NOT_APPLICABLE;
  if (option.exerciseStyle !== "european") return AMERICAN;
  if (option.expirationDay < input.asOfDay) return EXPIRED;
  const underlyingPrice = input.parameters.underlyingPrice ?? input.underlying?.price ?? null;
  if (underlyingPrice === null) return NO_UNDERLYING;
  const { riskFreeRate } = input.parameters;
  if (riskFreeRate === null) return NO_RATE;
  const terms = withoutVolatility(option, { ...input, underlyingPrice, riskFreeRate });
  return valued(terms, input);
}

type OptionWithoutVolatility = Omit<EuropeanOption, "volatility">;

function withoutVolatility(
  option: OptionTerms,
  { asOfDay, parameters, underlyingPrice, riskFreeRate }: {
    asOfDay: CivilDay;
    parameters: GreeksParameters;
    underlyingPrice: number;
    riskFreeRate: number;
  },
): OptionWithoutVolatility {
  return {
    model: parameters.model,
    optionType: option.optionType,
    underlyingPrice,
    strikePrice: option.strikePrice,
    timeYears: (option.expirationDay - asOfDay) / 365,
    riskFreeRate,
    dividendYield: parameters.dividendYield,
  };
}

function valued(terms: OptionWithoutVolatility, input: GreeksInput): GreeksPart | PartWithout {
  const given = input.parameters.volatility;
  const price = input.view?.price ?? null;
  // On the last day no volatility is left to imply: the value is what exercise would bring.
  if (terms.timeYears === 0) {
    return fields({ ...terms, volatility: 0 }, { implied: null, given: 0 });
  }
  const implied = price === null ? null : impliedVolatility(terms, price);
  if (given === null) {
    if (implied === null) return NO_VOLATILITY;
    if (!implied.ok) return partRefused(implied.error);
  }
  const found = implied?.ok ? implied.value : null;
  return fields({ ...terms, volatility: given ?? found ?? 0 }, { implied: found, given });
}

function fields(
  option: EuropeanOption,
  { implied, given }: { implied: number | null; given: number | null },
): GreeksPart | PartWithout {
  const value = valueOption(option);
  if (!allFinite(option) || !allFinite(value)) return OUT_OF_RANGE;
  return {
    status: "ok",
    model: option.model,
    price: significant(value.price),
    delta: value.delta === null ? null : significant(value.delta),
    gamma: significant(value.gamma),
    vega: significant(value.vega),
    theta: significant(value.theta),
    theta_per_day: significant(value.thetaPerDay),
    rho: significant(value.rho),
    dividend_rho: significant(value.dividendRho),
    elasticity: value.elasticity === null ? null : significant(value.elasticity),
    implied_volatility: implied === null ? null : significant(implied),
    volatility: significant(option.volatility) ?? 0,
    volatility_source: given === null ? "implied" : "parameter",
    underlying_price: option.underlyingPrice,
    time_years: significant(option.timeYears),
    methods: OPTION_METHODS[option.model],
  };
}

/** Whether every number in a record is finite; null is no number. */
function allFinite(values: EuropeanOption | OptionValue): boolean {
  return Object.values(values).every((value) =>
    typeof value !== "number" || Number.isFinite(value)
  );
}

const OPTION_METHODS = {
  black_scholes_merton: ["option.black_scholes_merton", "option.implied_volatility"],
  black_76: ["option.black_76", "option.implied_volatility"],
} as const;

const NO_UNDERLYING = unpriced(
  "Greeks need the price of the underlying: push it, or send parameters.underlying_price",
);
const NO_VOLATILITY = unpriced(
  "Greeks need a volatility: push the option's own price, or send parameters.volatility",
);
const NO_RATE: PartWithout = partRefused({
  code: "missing_input",
  detail: "Greeks need a rate: send parameters.risk_free_rate as a fraction a year",
  pointer: "/parameters/risk_free_rate",
});
const EXPIRED: PartWithout = partRefused({
  code: "expired",
  detail: "The option expired before as_of. Use an earlier as_of",
  pointer: "/instrument/option/expiration_date",
});
const AMERICAN: PartWithout = partRefused({
  code: "exercise_style_unsupported",
  detail: "Only European exercise has a closed formula here; American options are not valued",
  pointer: "/instrument/option/exercise_style",
});
const OUT_OF_RANGE: PartWithout = partRefused({
  code: "non_finite_value",
  detail: "These terms leave the range of numbers. Check rates, time and prices",
});
