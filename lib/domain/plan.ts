/**
 * What a plan version says. Plan versions are immutable once published: a change is a new revision.
 * Ladders are checked where they are parsed (`tiers.ts`), so any value of these types is valid.
 */

/** Money as a count of 1e-12 minor units, the precision of Stripe's `unit_amount_decimal`. */
export type Amount = bigint;

/** A whole number of billable units. */
export type Units = bigint;

/** What is counted and billed, e.g. `risk_score`. One Stripe meter each. */
export type MeterName = string;

/** Identity of an immutable plan version, `<planId>@<revision>`, e.g. `growth@3`. Opaque outside the catalog. */
export type PlanRevision = string;

/** One rung: units in `(previous upTo, upTo]`; `null` is the open last rung. */
export interface Tier {
  readonly upTo: Units | null;
  readonly unitAmount: Amount;
  readonly flatAmount: Amount;
}

declare const checked: unique symbol;

/**
 * Rungs that rise strictly and end open. Only `parseLadder` and `tierLadder` (`tiers.ts`) make one,
 * so a gap, an overlap or a missing last rung can't reach the arithmetic.
 */
export type TierLadder = readonly Tier[] & { readonly [checked]: true };

export type Price =
  | { readonly model: "per_unit"; readonly unitAmount: Amount }
  | { readonly model: "graduated"; readonly tiers: TierLadder }
  | { readonly model: "volume"; readonly tiers: TierLadder }
  | { readonly model: "package"; readonly packageUnits: Units; readonly packageAmount: Amount }
  | { readonly model: "flat"; readonly amount: Amount };

/** `hard` refuses the unit that would pass it, exactly; `soft` lets it pass and alerts. */
export interface Quota {
  readonly units: Units;
  readonly enforcement: "soft" | "hard";
}

export interface PlanMeter {
  readonly meter: MeterName;
  readonly price: Price;
  /** Units per billing period that cost nothing, taken before the price applies. */
  readonly includedUnits: Units;
  readonly quota: Quota | null;
}

export interface PlanVersion {
  readonly planId: string;
  /** 1, 2, 3, … within the plan. */
  readonly revision: number;
  readonly planRevision: PlanRevision;
  readonly name: string;
  readonly description: string;
  /** Lowercase ISO 4217. */
  readonly currency: string;
  readonly interval: "month" | "year";
  readonly baseFee: Amount;
  /** Least charge of a period over all lines; 0n for none. */
  readonly minimumCommitment: Amount;
  readonly meters: readonly PlanMeter[];
  /** Feature and scope words that the plan grants, e.g. `batch`, `events:write`. */
  readonly features: readonly string[];
  readonly limits: { readonly requestsPerSecond: number; readonly burst: number };
  /** How long a past-due tenant is still served. */
  readonly graceDays: number;
  readonly status: "draft" | "published" | "archived";
  readonly createdAtMs: number;
}

/** Do units of the meter go to Stripe? Those of a flat price, or of none, are counted and never sent. */
export function isBilledByUnit(plan: Pick<PlanVersion, "meters">, meter: MeterName): boolean {
  const offered = plan.meters.find((candidate) => candidate.meter === meter);
  return offered !== undefined && offered.price.model !== "flat";
}
