import { z } from "zod";
import { DAY_COUNTS } from "../domain/rating/day_count.ts";
import { DECIMAL_TEXT } from "../domain/rating/decimal_text.ts";
import { IDENTIFIER_TYPES } from "../domain/rating/identifiers.ts";
import {
  PRICE_FREQUENCIES,
  PRICE_MAX,
  PRICE_MIN,
  SERIES_POINTS_MAX,
} from "../domain/rating/price_series.ts";
import { RATING_PARTS } from "../domain/rating/rating_parts.ts";
import { LIST_KINDS } from "../domain/rating/screening.ts";

/** Every request body of the rating API. All objects are strict: an unknown member is refused. */

export const BATCH_ITEMS_MAX = 1_000;
export const BULK_LINES_MAX = 10_000;
const LIST_ENTRIES_MAX = 50_000;
const IDENTIFIERS_MAX = 1_000;
export const SCREENING_SUBJECTS_MAX = 100;

export const IDENTIFIER_LENGTH_MAX = 32;
/** At least one of them. */
export const IDENTIFIER_LETTERS = /^[0-9A-Za-z*@#._-]+$/;

const identifierText = z.string().min(1).max(IDENTIFIER_LENGTH_MAX).regex(IDENTIFIER_LETTERS);
const day = z.iso.date();
const instant = z.iso.datetime({ offset: true });
const decimal = z.string().regex(DECIMAL_TEXT, "must be a decimal number such as 231.12");
const fraction = z.number().min(-1).max(10);
const amount = z.number().min(PRICE_MIN).max(PRICE_MAX);
/** A name without control characters and broken surrogates, which JSON would write sixfold. */
const nameText = z.string().min(1).max(200).regex(/^[^\p{Cc}\p{Cs}]+$/u, "must be plain text");
const country = z.string().regex(/^[A-Z]{2}$/);

export const InstrumentIdSchema = identifierText;

const IssuerSchema = z.strictObject({
  name: nameText.optional(),
  lei: z.string().max(32).optional(),
  country: country.optional(),
});

const BondSchema = z.strictObject({
  kind: z.enum(["bullet", "bill"]).optional(),
  coupon_rate: z.number().min(0).max(1),
  coupon_frequency: z.union([
    z.literal(0),
    z.literal(1),
    z.literal(2),
    z.literal(4),
    z.literal(12),
  ]),
  day_count: z.enum(DAY_COUNTS),
  issue_date: day.optional(),
  first_coupon_date: day.optional(),
  maturity_date: day,
  ex_dividend_days: z.int().min(0).max(60).optional(),
  end_of_month: z.boolean().optional(),
  yield_convention: z.enum(["street", "icma", "ust_31cfr356"]).optional(),
}).refine((bond) => bond.coupon_frequency !== 0 || bond.coupon_rate === 0, {
  path: ["coupon_rate"],
  message: "A bond without coupons has a coupon_rate of 0",
});

const OptionSchema = z.strictObject({
  underlying_id: identifierText.optional(),
  option_type: z.enum(["call", "put"]),
  exercise_style: z.enum(["european", "american"]),
  strike_price: amount,
  expiration_date: day,
  contract_multiplier: z.number().positive().max(1e9).optional(),
});

export const InstrumentTermsSchema = z.strictObject({
  isin: z.string().max(32).optional(),
  cusip: z.string().max(32).optional(),
  sedol: z.string().max(32).optional(),
  figi: z.string().max(32).optional(),
  cfi_code: z.string().regex(/^[A-Z]{6}$/).optional(),
  currency: z.string().regex(/^[A-Z]{3}$/).optional(),
  mic: z.string().min(1).max(8).optional(),
  issuer: IssuerSchema.optional(),
  issue_date: day.optional(),
  bond: BondSchema.optional(),
  option: OptionSchema.optional(),
  priips: z.strictObject({
    category: z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4)]).optional(),
    recommended_holding_period_years: z.number().min(1 / 12).max(40).optional(),
  }).optional(),
  credit: z.strictObject({
    cqs: z.union([
      z.literal(0),
      z.literal(1),
      z.literal(2),
      z.literal(3),
      z.literal(4),
      z.literal(5),
      z.literal(6),
    ]),
    source: z.string().max(100).optional(),
    as_of: day.optional(),
  }).optional(),
  target_market: z.strictObject({ is_negative: z.boolean() }).optional(),
  benchmark_id: identifierText.optional(),
});

const QuoteSchema = z.strictObject({
  bid: decimal.optional(),
  ask: decimal.optional(),
  last: decimal.optional(),
  volume: z.number().min(0).max(1e15).optional(),
  timestamp: instant,
}).refine(
  (quote) => quote.bid !== undefined || quote.ask !== undefined || quote.last !== undefined,
  { message: "A quote needs at least one of bid, ask and last" },
);

const CloseSchema = z.strictObject({
  date: day,
  close: z.union([decimal, z.number()]),
  volume: z.number().min(0).max(1e15).optional(),
});

export const HistorySchema = z.strictObject({
  frequency: z.enum(PRICE_FREQUENCIES).optional(),
  closes: z.array(CloseSchema).min(1).max(SERIES_POINTS_MAX),
});

const PolicySchema = z.strictObject({
  price_age_max_ms: z.int().min(1).max(31 * 86_400_000).optional(),
  outlier_sigmas: z.number().min(1).max(20).optional(),
  spread_bps_max: z.number().min(0).max(10_000).optional(),
  order_share_of_volume_max: z.number().min(0).max(1).optional(),
  sri_max: z.int().min(1).max(7).optional(),
  issuer_share_max: z.number().min(0).max(1).optional(),
  allow_non_positive_prices: z.boolean().optional(),
  name_block_score: z.number().min(0.85).max(1).optional(),
  gap_weekdays_max: z.int().min(1).max(60).optional(),
});

const FactsSchema = z.strictObject({
  average_daily_transactions: z.number().min(0).max(1e9).optional(),
  previous_close: amount.optional(),
  luld_reference_price: amount.optional(),
  luld_tier: z.union([z.literal(1), z.literal(2)]).optional(),
  is_nms_stock: z.boolean().optional(),
  order_price: decimal.optional(),
  order_quantity: z.number().min(0).max(1e15).optional(),
  issuer_position_value: z.number().min(0).max(1e18).optional(),
  portfolio_value: z.number().positive().max(1e18).optional(),
});

const ParametersSchema = z.strictObject({
  confidence: z.union([z.literal(0.95), z.literal(0.975), z.literal(0.99)]).optional(),
  horizon_days: z.int().min(1).max(250).optional(),
  quantile: z.enum(["order_statistic", "type7"]).optional(),
  recommended_holding_period_years: z.number().min(1 / 12).max(40).optional(),
  benchmark_id: identifierText.optional(),
  settlement_date: day.optional(),
  yield_to_maturity: z.number().min(-0.9).max(10).optional(),
  option_model: z.enum(["black_scholes_merton", "black_76"]).optional(),
  risk_free_rate: fraction.optional(),
  dividend_yield: fraction.optional(),
  volatility: z.number().min(0).max(5).optional(),
  underlying_price: amount.optional(),
  policy: PolicySchema.optional(),
  facts: FactsSchema.optional(),
});

export const RatingRequestSchema = z.strictObject({
  /** An id under which terms are stored, or the terms themselves. */
  instrument: z.union([identifierText, InstrumentTermsSchema]),
  quote: QuoteSchema.optional(),
  history: HistorySchema.optional(),
  as_of: instant.optional(),
  include: z.array(z.enum(RATING_PARTS)).min(1).max(RATING_PARTS.length).optional(),
  parameters: ParametersSchema.optional(),
});

export const RatingBatchSchema = z.strictObject({
  items: z.array(RatingRequestSchema).min(1).max(BATCH_ITEMS_MAX),
});

export const QuotePutSchema = z.strictObject({
  ...QuoteSchema.shape,
  allow_backfill: z.boolean().optional(),
}).refine(
  (quote) => quote.bid !== undefined || quote.ask !== undefined || quote.last !== undefined,
  { message: "A quote needs at least one of bid, ask and last" },
);

/** One line of a bulk push. */
export const BulkLineSchema = z.strictObject({ id: identifierText, ...QuotePutSchema.shape });

const ListEntrySchema = z.strictObject({
  id: z.string().regex(/^[\x21-\x7e]{1,100}$/, "must be 1 to 100 visible ASCII characters"),
  name: nameText.optional(),
  aliases: z.array(nameText).max(50).optional(),
  isin: z.string().max(32).optional(),
  lei: z.string().max(32).optional(),
  country: country.optional(),
});

export const ListSchema = z.strictObject({
  kind: z.enum(LIST_KINDS),
  as_of: day,
  entries: z.array(ListEntrySchema).max(LIST_ENTRIES_MAX),
});

export const IdentifiersSchema = z.strictObject({
  identifiers: z.array(z.strictObject({
    type: z.enum([...IDENTIFIER_TYPES, "mic", "currency"]).optional(),
    value: z.string().min(1).max(64),
  })).min(1).max(IDENTIFIERS_MAX),
});

export const ScreeningSchema = z.strictObject({
  subjects: z.array(z.strictObject({
    names: z.array(nameText).max(20).optional(),
    isin: z.string().max(32).optional(),
    lei: z.string().max(32).optional(),
    country: country.optional(),
  })).min(1).max(SCREENING_SUBJECTS_MAX),
});

/** What the operator's upstream must answer. */
export const UpstreamAnswerSchema = QuoteSchema;

export type ListBody = z.infer<typeof ListSchema>;
export type InstrumentTerms = z.infer<typeof InstrumentTermsSchema>;
export type QuoteBody = z.infer<typeof QuoteSchema>;
export type QuotePutBody = z.infer<typeof QuotePutSchema>;
export type HistoryBody = z.infer<typeof HistorySchema>;
export type RatingRequest = z.infer<typeof RatingRequestSchema>;
export type ParametersBody = z.infer<typeof ParametersSchema>;
