import type { Refusal } from "../result.ts";

/** Every reason for which the engine declines to give a number. Stable: clients branch on them. */
export type RatingRefusalCode =
  | "validation_failed"
  | "missing_input"
  | "insufficient_data"
  | "non_positive_price"
  | "non_finite_value"
  | "duplicate_date"
  | "descending_dates"
  | "too_many_points"
  | "frequency_unknown"
  | "frequency_mismatch"
  | "matured"
  | "expired"
  | "not_issued"
  | "odd_coupon_unsupported"
  | "exercise_style_unsupported"
  | "price_outside_arbitrage_bounds"
  | "no_convergence"
  | "unpriced"
  | "priips_category_unsupported"
  | "list_unavailable";

export interface RatingRefusal extends Refusal {
  readonly code: RatingRefusalCode;
}
