import { invariant } from "./invariant.ts";
import type { Tier, TierLadder, Units } from "./plan.ts";
import { accept, type Refusal, refuse, type Result } from "./result.ts";

/** More rungs than any price list needs; bounds the work of one price. */
export const MAX_TIERS = 100;

/** Stripe takes at most 15 significant digits in a meter event's value. */
export const MAX_UNITS: Units = 10n ** 15n - 1n;

/**
 * Checks a ladder of `(previous upTo, upTo]` rungs: at least one, rising strictly, no negative
 * amount, and the last one open. All faults are listed in `errors`, each with its JSON Pointer
 * relative to the list. Codes: `tiers_empty`, `tiers_too_many`, `tier_not_rising`,
 * `tier_open_not_last`, `tier_last_not_open`, `tier_out_of_range`, `negative_amount`.
 */
export function parseLadder(tiers: readonly Tier[]): Result<TierLadder> {
  const errors = [...countFaults(tiers), ...tiers.flatMap((_, at) => tierFaults(tiers, at))];
  const first = errors[0];
  if (first === undefined && isLadder(tiers)) return accept(tiers);
  return refuse({
    code: "invalid_tiers",
    detail: first?.detail ?? "The ladder is not valid",
    errors,
  });
}

/** A ladder that the program itself writes; throws where `parseLadder` refuses. */
export function tierLadder(...tiers: readonly Tier[]): TierLadder {
  const parsed = parseLadder(tiers);
  invariant(parsed.ok, parsed.ok ? "" : parsed.error.detail);
  return parsed.value;
}

function countFaults(tiers: readonly Tier[]): readonly Refusal[] {
  if (tiers.length === 0) {
    return [{ code: "tiers_empty", detail: "A ladder needs at least one tier", pointer: "" }];
  }
  if (tiers.length > MAX_TIERS) {
    const detail = `A ladder has at most ${MAX_TIERS} tiers, got ${tiers.length}`;
    return [{ code: "tiers_too_many", detail, pointer: "" }];
  }
  return [];
}

function tierFaults(tiers: readonly Tier[], at: number): readonly Refusal[] {
  const tier = tiers[at];
  invariant(tier !== undefined, "tierFaults() got an index outside the list");
  return [...boundFaults(tiers, tier, at), ...amountFaults(tier, at)];
}

function boundFaults(tiers: readonly Tier[], tier: Tier, at: number): readonly Refusal[] {
  const pointer = `/${at}/up_to`;
  const last = at === tiers.length - 1;
  if (tier.upTo === null) {
    if (last) return [];
    const detail = `Tier ${at + 1} is open, so tier ${at + 2} can never be reached`;
    return [{ code: "tier_open_not_last", detail, pointer }];
  }
  const faults: Refusal[] = [];
  const before = at === 0 ? 0n : tiers[at - 1]?.upTo ?? null;
  if (before !== null && tier.upTo <= before) {
    const detail = `Tier ${at + 1} ends at ${tier.upTo}, not above ${before} where it begins`;
    faults.push({ code: "tier_not_rising", detail, pointer });
  }
  if (tier.upTo > MAX_UNITS) {
    const detail = `Tier ${at + 1} ends above ${MAX_UNITS} units`;
    faults.push({ code: "tier_out_of_range", detail, pointer });
  }
  if (last) {
    const detail = `The last tier ends at ${tier.upTo}; it must be open (null) to price every unit`;
    faults.push({ code: "tier_last_not_open", detail, pointer });
  }
  return faults;
}

function amountFaults(tier: Tier, at: number): readonly Refusal[] {
  const detail = `Tier ${at + 1} has a negative amount`;
  return [
    ...(tier.unitAmount < 0n
      ? [{ code: "negative_amount", detail, pointer: `/${at}/unit_amount` }]
      : []),
    ...(tier.flatAmount < 0n
      ? [{ code: "negative_amount", detail, pointer: `/${at}/flat_amount` }]
      : []),
  ];
}

/** The one place that grants the brand, after the faults above came out empty. */
function isLadder(tiers: readonly Tier[]): tiers is TierLadder {
  return tiers.at(-1)?.upTo === null;
}
