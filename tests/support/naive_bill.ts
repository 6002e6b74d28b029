/**
 * An independent calculation of usage bills, straight from the text of plans.json: it shares no code
 * with the product, works rung by rung in 10⁻¹⁴ dollars, and is as plain as it can be.
 */
export interface NaivePlan {
  readonly plan_id: string;
  readonly meters: readonly {
    readonly meter: string;
    readonly included_units?: number;
    readonly price: NaivePrice;
  }[];
}

interface NaivePrice {
  readonly model: string;
  readonly unit_amount?: string;
  readonly amount?: string;
  readonly package_units?: number;
  readonly package_amount?: string;
  readonly tiers?: readonly {
    readonly up_to: number | null;
    readonly unit_amount?: string;
    readonly flat_amount?: string;
  }[];
}

const PLACES = 14;
const PER_CENT = 10n ** 12n;

/** Cents of one meter's usage in one period; each invoice line is rounded half up. */
export function naiveUsageCents(plan: NaivePlan, meter: string, units: bigint): bigint {
  const offered = plan.meters.find((row) => row.meter === meter);
  if (offered === undefined) throw new Error(`${plan.plan_id} has no ${meter}`);
  const { price } = offered;
  if (price.model === "flat") return cents(parse(price.amount));
  const free = BigInt(offered.included_units ?? 0);
  const billed = units > free ? units - free : 0n;
  if (price.model === "per_unit") return cents(billed * parse(price.unit_amount));
  if (price.model === "package") {
    const size = BigInt(price.package_units ?? 1);
    const packages = billed / size + (billed % size === 0n ? 0n : 1n);
    return cents(packages * parse(price.package_amount));
  }
  const tiers = price.tiers ?? [];
  if (price.model === "volume") {
    const rung = tiers.find((tier) => tier.up_to === null || billed <= BigInt(tier.up_to));
    return cents(billed * parse(rung?.unit_amount)) + cents(parse(rung?.flat_amount));
  }
  let total = 0n;
  let below = 0n;
  for (const tier of tiers) {
    if (billed <= below && !(below === 0n && free === 0n)) break;
    const top = tier.up_to === null || BigInt(tier.up_to) > billed ? billed : BigInt(tier.up_to);
    total += cents((top - below) * parse(tier.unit_amount)) + cents(parse(tier.flat_amount));
    below = top;
    if (top === billed) break;
  }
  return total;
}

function parse(text = "0"): bigint {
  const [whole = "0", fraction = ""] = text.split(".");
  return BigInt(whole + fraction.padEnd(PLACES, "0"));
}

function cents(amount: bigint): bigint {
  return (amount + PER_CENT / 2n) / PER_CENT;
}
