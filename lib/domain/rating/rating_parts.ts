import type { RatingRefusal, RatingRefusalCode } from "./problem_codes.ts";

/** What one rated call can return. Each part is a meter and an entitlement of the same name. */
export type RatingPart =
  | "risk_score"
  | "price_feed"
  | "compliance"
  | "screening"
  | "greeks"
  | "bond_analytics";

export const RATING_PARTS = [
  "risk_score",
  "price_feed",
  "compliance",
  "screening",
  "greeks",
  "bond_analytics",
] as const satisfies readonly RatingPart[];

/** Only `ok` is billed. */
export type PartStatus =
  | "ok"
  | "not_applicable"
  | "insufficient_data"
  | "unpriced"
  | "not_evaluated"
  | "not_entitled";

/** A part that gives no numbers, and why. */
export interface PartWithout {
  readonly status: Exclude<PartStatus, "ok">;
  readonly reason?: PartReason;
}

export interface PartReason {
  readonly code: RatingRefusalCode;
  readonly detail: string;
  readonly pointer?: string;
}

export const NOT_APPLICABLE: PartWithout = { status: "not_applicable" };

export function unpriced(detail: string): PartWithout {
  return { status: "unpriced", reason: { code: "unpriced", detail } };
}

/** A refusal inside one part leaves the others standing. */
export function partRefused({ code, detail, pointer }: RatingRefusal): PartWithout {
  return {
    status: code === "insufficient_data" ? "insufficient_data" : "not_evaluated",
    reason: pointer === undefined ? { code, detail } : { code, detail, pointer },
  };
}
