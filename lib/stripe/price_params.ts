import type Stripe from "stripe";
import { currencyDecimals } from "@/lib/domain/currency.ts";
import { assertNever } from "@/lib/domain/invariant.ts";
import { fromMinor } from "@/lib/domain/money.ts";
import type { Amount, PlanMeter, PlanVersion, Price, Tier } from "@/lib/domain/plan.ts";
import { accept, type Refusal, refuse, type Result } from "@/lib/domain/result.ts";
import { toDecimalMinor } from "./decimal_amount.ts";

/** What Stripe needs to know of a price, apart from where it belongs. */
export type PriceShape = Pick<
  Stripe.PriceCreateParams,
  "billing_scheme" | "tiers_mode" | "tiers" | "transform_quantity" | "unit_amount_decimal"
>;

/** Makes the SDK's decimals; passed in, so that this module needs the SDK's types only. */
export type DecimalMaker = (text: string) => Stripe.Decimal;

const MAX_ITEMS_PER_SUBSCRIPTION = 20;
const MAX_LOOKUP_KEY = 200;
const MAX_EVENT_NAME = 100;

/**
 * Whether Stripe can express the plan. Codes: `plan_is_empty`, `too_many_meters`,
 * `included_units_with_volume`, `included_units_with_package`, `name_too_long`,
 * `indivisible_base_fee`.
 */
export function checkPlan(plan: PlanVersion): Result<PlanVersion> {
  const errors = [...planFaults(plan), ...plan.meters.flatMap(meterFaults)];
  const [first] = errors;
  if (first === undefined) return accept(plan);
  return refuse({ code: first.code, detail: first.detail, errors });
}

/** The free units become a first graduated tier at 0; ladders move up behind it. */
export function priceShape(meter: PlanMeter, decimal: DecimalMaker): PriceShape {
  const { price, includedUnits } = meter;
  switch (price.model) {
    case "per_unit":
      if (includedUnits === 0n) return perUnit(price.unitAmount, decimal);
      return graduated(
        [{ upTo: null, unitAmount: price.unitAmount, flatAmount: 0n }],
        includedUnits,
        decimal,
      );
    case "graduated":
      return graduated(price.tiers, includedUnits, decimal);
    case "volume":
      return tiered("volume", price.tiers, decimal);
    case "package":
      return {
        ...perUnit(price.packageAmount, decimal),
        transform_quantity: { divide_by: Number(price.packageUnits), round: "up" },
      };
    case "flat":
      return tiered(
        "volume",
        [{ upTo: null, unitAmount: 0n, flatAmount: price.amount }],
        decimal,
      );
    default:
      return assertNever(price);
  }
}

export function perUnit(amount: Amount, decimal: DecimalMaker): PriceShape {
  return { billing_scheme: "per_unit", unit_amount_decimal: decimal(toDecimalMinor(amount)) };
}

export function lookupKeyOf(plan: PlanVersion, meter: string | null): string {
  return meter === null
    ? `clawmeter:${plan.planRevision}`
    : `clawmeter:${plan.planRevision}:${meter}`;
}

/** A text that differs whenever the money would: guards against a price made by somebody else. */
export function shapeText(plan: PlanVersion, meter: PlanMeter | null): string {
  const price = meter === null ? plan.baseFee : { ...meter.price, included: meter.includedUnits };
  return JSON.stringify(
    { currency: plan.currency, interval: plan.interval, price },
    (_, value) => typeof value === "bigint" ? value.toString() : value,
  );
}

function graduated(
  tiers: readonly Tier[],
  includedUnits: bigint,
  decimal: DecimalMaker,
): PriceShape {
  const free = includedUnits === 0n
    ? []
    : [{ upTo: includedUnits, unitAmount: 0n, flatAmount: 0n }];
  const moved = tiers.map((tier) => ({
    ...tier,
    upTo: tier.upTo === null ? null : tier.upTo + includedUnits,
  }));
  return tiered("graduated", [...free, ...moved], decimal);
}

function tiered(
  mode: "graduated" | "volume",
  tiers: readonly Tier[],
  decimal: DecimalMaker,
): PriceShape {
  return {
    billing_scheme: "tiered",
    tiers_mode: mode,
    tiers: tiers.map((tier) => ({
      up_to: tier.upTo === null ? "inf" : Number(tier.upTo),
      unit_amount_decimal: decimal(toDecimalMinor(tier.unitAmount)),
      ...(tier.flatAmount === 0n
        ? {}
        : { flat_amount_decimal: decimal(toDecimalMinor(tier.flatAmount)) }),
    })),
  };
}

function planFaults(plan: PlanVersion): Refusal[] {
  const faults: Refusal[] = [];
  const items = plan.meters.length + (plan.baseFee > 0n ? 1 : 0);
  if (items === 0) {
    const detail = "The plan has neither a base fee nor a meter, so Stripe has nothing to bill";
    faults.push({ code: "plan_is_empty", detail, pointer: "/meters" });
  }
  if (items > MAX_ITEMS_PER_SUBSCRIPTION) {
    const detail = `A Stripe subscription has at most ${MAX_ITEMS_PER_SUBSCRIPTION} items, ` +
      `the plan needs ${items}; split it into two plans`;
    faults.push({ code: "too_many_meters", detail, pointer: "/meters" });
  }
  const threeDecimals = currencyDecimals(plan.currency) === 3;
  if (threeDecimals && plan.baseFee % fromMinor(10n) !== 0n) {
    const detail = `Stripe charges ${plan.currency.toUpperCase()} in steps of 0.010; ` +
      "round the base fee to two decimals";
    faults.push({ code: "indivisible_base_fee", detail, pointer: "/base_fee" });
  }
  if (lookupKeyOf(plan, longestMeter(plan)).length > MAX_LOOKUP_KEY) {
    const detail = "The plan's and the meter's names are too long for a Stripe lookup key";
    faults.push({ code: "name_too_long", detail });
  }
  return faults;
}

function meterFaults(meter: PlanMeter, at: number): Refusal[] {
  const faults: Refusal[] = [];
  const pointer = `/meters/${at}/included_units`;
  if (meter.includedUnits > 0n && isUnshiftable(meter.price)) {
    faults.push({
      code: `included_units_with_${meter.price.model}`,
      detail: `Stripe can't take included units off a ${meter.price.model} price; ` +
        "use a graduated price, or put the free units into the price",
      pointer,
    });
  }
  if (meter.meter.length > MAX_EVENT_NAME) {
    const detail = `A meter's name has at most ${MAX_EVENT_NAME} characters at Stripe`;
    faults.push({ code: "name_too_long", detail, pointer: `/meters/${at}/meter` });
  }
  return faults;
}

function isUnshiftable(price: Price): boolean {
  return price.model === "volume" || price.model === "package";
}

function longestMeter(plan: PlanVersion): string | null {
  const names = plan.meters.map(({ meter }) => meter);
  return names.reduce<string | null>(
    (longest, name) => name.length > (longest?.length ?? -1) ? name : longest,
    null,
  );
}
