import { assertNever, invariant } from "./invariant.ts";
import { roundToMinor } from "./money.ts";
import type { Amount, Price, TierLadder, Units } from "./plan.ts";

/**
 * One line that Stripe puts on an invoice for a metered price. A graduated price bills one line per
 * rung that was reached, and one more for a rung's flat fee, and Stripe rounds each line by itself
 * (https://docs.stripe.com/billing/subscriptions/decimal-amounts), hence `amountMinor` here.
 */
export interface PricePart {
  readonly kind: "included" | "units" | "packages" | "flat";
  /** 1-based rung of the ladder, `null` where the price has none. */
  readonly tier: number | null;
  /** Usage that this part covers, `(fromUnits, toUnits]`. */
  readonly fromUnits: Units;
  readonly toUnits: Units;
  /** What `unitAmount` is multiplied with: units, packages, or 1 for a flat fee. */
  readonly quantity: bigint;
  readonly unitAmount: Amount;
  /** Exact: `quantity * unitAmount`. */
  readonly amount: Amount;
  /** `amount` rounded half up to whole minor units. */
  readonly amountMinor: bigint;
}

export interface PricedUnits {
  /** Exact sum of the parts. */
  readonly amount: Amount;
  /** Sum of the parts as billed, each rounded by itself. */
  readonly amountMinor: bigint;
  readonly trace: readonly PricePart[];
}

/**
 * What `units` of one meter cost over a whole billing period. The included units come first and
 * cost nothing; ladders start counting after them. A `flat` price and the first rung's flat fee are
 * billed from zero units on, as Stripe does; with included units the first rung begins after them.
 */
export function priceUnits(price: Price, includedUnits: Units, units: Units): PricedUnits {
  invariant(units >= 0n && includedUnits >= 0n, "priceUnits() takes no negative units");
  const trace = chargesOf(price, includedUnits, units).map(priced);
  let amount = 0n;
  let amountMinor = 0n;
  for (const part of trace) {
    amount += part.amount;
    amountMinor += part.amountMinor;
  }
  return { amount, amountMinor, trace };
}

/**
 * What `addedUnits` cost on top of `unitsBefore` in the same period: the exact difference of two
 * totals, so that the marginal costs of a period add up to its price. Negative only under `volume`,
 * where reaching a cheaper rung lowers the price of the units before it.
 */
export function marginalCost(
  price: Price,
  includedUnits: Units,
  unitsBefore: Units,
  addedUnits: Units,
): Amount {
  const unitsAfter = unitsBefore + addedUnits;
  invariant(
    includedUnits >= 0n && unitsBefore >= 0n && unitsAfter >= 0n,
    "marginalCost() takes no negative units",
  );
  const unitAmount = unitAmountWithin(price, includedUnits, unitsBefore, unitsAfter);
  if (unitAmount !== null) return addedUnits * unitAmount;
  return exactAmount(chargesOf(price, includedUnits, unitsAfter)) -
    exactAmount(chargesOf(price, includedUnits, unitsBefore));
}

/**
 * What each further unit costs from `unitsBefore` to `unitsAfter` where all of them fall in one rung
 * that was reached before, as those of nearly every call do: no ladder has to be summed twice then.
 * `null` where that is not so, or where a price is not one of single units.
 */
function unitAmountWithin(
  price: Price,
  includedUnits: Units,
  unitsBefore: Units,
  unitsAfter: Units,
): Amount | null {
  if (unitsBefore <= includedUnits || unitsAfter < unitsBefore) return null;
  if (price.model === "per_unit") return price.unitAmount;
  if (price.model !== "graduated") return null;
  let fromUnits = includedUnits;
  for (const { upTo, unitAmount } of price.tiers) {
    const end = upTo === null ? unitsAfter : upTo + includedUnits;
    if (unitsAfter <= end) return unitsBefore > fromUnits ? unitAmount : null;
    fromUnits = end;
  }
  return null;
}

/** A part before it is multiplied out: every metered call needs exact sums, and no rounded lines. */
type Charge = Omit<PricePart, "amount" | "amountMinor">;

function priced(charge: Charge): PricePart {
  const amount = charge.quantity * charge.unitAmount;
  return { ...charge, amount, amountMinor: roundToMinor(amount) };
}

function exactAmount(charges: readonly Charge[]): Amount {
  let amount = 0n;
  for (const { quantity, unitAmount } of charges) amount += quantity * unitAmount;
  return amount;
}

function chargesOf(price: Price, includedUnits: Units, units: Units): readonly Charge[] {
  if (price.model === "flat") return [flatCharge(price.amount, null, 0n)];
  const free = units < includedUnits ? units : includedUnits;
  const included = free === 0n ? [] : [unitCharge("included", null, {
    fromUnits: 0n,
    toUnits: free,
    unitAmount: 0n,
  })];
  const first = includedUnits;
  switch (price.model) {
    case "per_unit": {
      if (units <= first) return included;
      const { unitAmount } = price;
      return [
        ...included,
        unitCharge("units", null, { fromUnits: first, toUnits: units, unitAmount }),
      ];
    }
    case "package":
      return units <= first ? included : [...included, packageCharge(price, first, units)];
    case "graduated":
      return [...included, ...graduatedCharges(price.tiers, first, units)];
    case "volume":
      return [...included, ...volumeCharges(price.tiers, first, units)];
    default:
      return assertNever(price);
  }
}

/** Each unit is billed in the rung that it falls in. */
function graduatedCharges(tiers: TierLadder, offset: Units, units: Units): readonly Charge[] {
  const charges: Charge[] = [];
  let fromUnits = offset;
  for (const [at, tier] of tiers.entries()) {
    const reached = units > fromUnits || (at === 0 && offset === 0n);
    if (!reached) break;
    const end = tier.upTo === null ? units : tier.upTo + offset;
    const toUnits = units < end ? units : end;
    if (toUnits > fromUnits) {
      const { unitAmount } = tier;
      charges.push(unitCharge("units", at + 1, { fromUnits, toUnits, unitAmount }));
    }
    if (tier.flatAmount > 0n) charges.push(flatCharge(tier.flatAmount, at + 1, fromUnits));
    fromUnits = end;
  }
  return charges;
}

/** All units are billed in the rung that the last one falls in. */
function volumeCharges(tiers: TierLadder, offset: Units, units: Units): readonly Charge[] {
  if (units <= offset && offset > 0n) return [];
  const billed = units - offset;
  const at = tiers.findIndex((tier) => tier.upTo === null || billed <= tier.upTo);
  const tier = tiers[at];
  invariant(tier !== undefined, "A ladder without an open last tier");
  const { unitAmount, flatAmount } = tier;
  return [
    ...(billed > 0n
      ? [unitCharge("units", at + 1, { fromUnits: offset, toUnits: units, unitAmount })]
      : []),
    ...(flatAmount > 0n ? [flatCharge(flatAmount, at + 1, offset)] : []),
  ];
}

/** Started packages count whole, Stripe's `transform_quantity` with `round: up`. */
function packageCharge(
  price: { readonly packageUnits: Units; readonly packageAmount: Amount },
  fromUnits: Units,
  toUnits: Units,
): Charge {
  const quantity = divideUp(toUnits - fromUnits, price.packageUnits);
  const unitAmount = price.packageAmount;
  return { kind: "packages", tier: null, fromUnits, toUnits, quantity, unitAmount };
}

function flatCharge(unitAmount: Amount, tier: number | null, atUnits: Units): Charge {
  return {
    kind: "flat",
    tier,
    fromUnits: atUnits,
    toUnits: atUnits,
    quantity: 1n,
    unitAmount,
  };
}

function unitCharge(
  kind: "included" | "units",
  tier: number | null,
  { fromUnits, toUnits, unitAmount }: Pick<Charge, "fromUnits" | "toUnits" | "unitAmount">,
): Charge {
  return { kind, tier, fromUnits, toUnits, quantity: toUnits - fromUnits, unitAmount };
}

function divideUp(numerator: bigint, denominator: bigint): bigint {
  invariant(denominator > 0n, "A package holds at least one unit");
  return (numerator + denominator - 1n) / denominator;
}
