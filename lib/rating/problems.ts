import type { Refusal } from "../domain/result.ts";
import type { RatingRefusalCode } from "../domain/rating/problem_codes.ts";

/** Every code that a rating use case refuses with. */
export type RatingProblemCode =
  | RatingRefusalCode
  | "not_entitled"
  | "instrument_not_found"
  | "price_not_found"
  | "method_not_found"
  | "out_of_order"
  | "version_mismatch"
  | "conflict"
  | "batch_too_large"
  | "too_many_lists"
  | "list_shrinks"
  | "invalid_json"
  | "upstream_invalid"
  | "upstream_unavailable"
  | "upstream_timeout"
  | "upstream_forbidden";

export interface RatingProblem extends Refusal {
  readonly code: RatingProblemCode;
  /** Parts outside the plan, with `not_entitled`. */
  readonly missingEntitlements?: readonly string[];
}

/** Status and title of each problem, as data for the HTTP layer. */
export const RATING_PROBLEMS: Readonly<
  Record<RatingProblemCode, { readonly status: number; readonly title: string }>
> = {
  invalid_json: { status: 400, title: "The body is not JSON" },
  not_entitled: { status: 403, title: "The plan does not include this part" },
  instrument_not_found: { status: 404, title: "No such instrument" },
  price_not_found: { status: 404, title: "No price is stored" },
  method_not_found: { status: 404, title: "No such method" },
  out_of_order: { status: 409, title: "A later quote is already stored" },
  conflict: { status: 409, title: "Another write came first" },
  version_mismatch: { status: 412, title: "The stored version is another one" },
  batch_too_large: { status: 413, title: "Too many items" },
  list_shrinks: { status: 422, title: "The new list has fewer than half the entries" },
  too_many_lists: { status: 422, title: "Too many lists" },
  validation_failed: { status: 422, title: "The request is not valid" },
  missing_input: { status: 422, title: "An input is missing" },
  insufficient_data: { status: 422, title: "Too little price history" },
  non_positive_price: { status: 422, title: "A price is not above zero" },
  non_finite_value: { status: 422, title: "A value is out of range" },
  duplicate_date: { status: 422, title: "A date appears twice" },
  descending_dates: { status: 422, title: "Dates do not rise" },
  too_many_points: { status: 422, title: "The history is too long" },
  frequency_unknown: { status: 422, title: "Closes are too far apart" },
  frequency_mismatch: { status: 422, title: "The frequency does not fit the dates" },
  matured: { status: 422, title: "The bond has matured" },
  expired: { status: 422, title: "The option has expired" },
  not_issued: { status: 422, title: "The bond is not issued yet" },
  odd_coupon_unsupported: { status: 422, title: "Odd coupon periods are not supported" },
  exercise_style_unsupported: { status: 422, title: "Only European options are valued" },
  price_outside_arbitrage_bounds: { status: 422, title: "The price allows arbitrage" },
  no_convergence: { status: 422, title: "No solution was found" },
  unpriced: { status: 422, title: "No price is known" },
  priips_category_unsupported: { status: 422, title: "This PRIIPs category is not supported" },
  list_unavailable: { status: 503, title: "No current sanctions list" },
  upstream_invalid: { status: 502, title: "The upstream answered wrongly" },
  upstream_unavailable: { status: 502, title: "The upstream can't be reached" },
  upstream_forbidden: { status: 502, title: "The upstream host is not permitted" },
  upstream_timeout: { status: 504, title: "The upstream took too long" },
};
