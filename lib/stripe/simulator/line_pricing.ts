import type { PriceDoc } from "./documents.ts";
import { invariant } from "@/lib/domain/invariant.ts";
import { AMOUNTS_PER_MINOR, divideHalfUp, formatAmount, roundToMinor } from "@/lib/domain/money.ts";
import type { Amount, Price } from "@/lib/domain/plan.ts";
import { type PricePart, priceUnits } from "@/lib/domain/pricing.ts";
import { parseLadder } from "@/lib/domain/tiers.ts";
import { fromDecimalMinor } from "../decimal_amount.ts";

export interface PricedLine {
  readonly amount: number;
  readonly quantity: number;
  readonly description: string;
}

/** The invoice lines of `units` at a stored price; each is rounded by itself, as Stripe does. */
export function priceLines(price: PriceDoc, units: bigint, label: string): PricedLine[] {
  const billed = units < 0n ? 0n : units;
  const { trace } = priceUnits(domainPrice(price), 0n, billed);
  if (trace.length === 0) {
    return [{ amount: 0, quantity: Number(billed), description: `${billed} × ${label}` }];
  }
  return trace.map((part) => ({
    amount: Number(part.amountMinor),
    quantity: part.kind === "flat" ? 0 : Number(part.toUnits - part.fromUnits),
    description: describe(part, price, label),
  }));
}

/** A licensed item for a whole period, in whole minor units. */
export function licensedAmount(price: PriceDoc, quantity: number): number {
  const { amount } = priceUnits(domainPrice(price), 0n, BigInt(quantity));
  return Number(roundToMinor(amount));
}

/** The share of a licensed item for `partMs` of `wholeMs`, to the second, rounded half up once. */
export function proratedAmount(
  price: PriceDoc,
  { quantity, partMs, wholeMs }: { quantity: number; partMs: number; wholeMs: number },
): number {
  const { amount } = priceUnits(domainPrice(price), 0n, BigInt(quantity));
  const part = BigInt(Math.floor(partMs / 1_000));
  const whole = BigInt(Math.floor(wholeMs / 1_000));
  return Number(divideHalfUp(amount * part, whole * AMOUNTS_PER_MINOR));
}

function domainPrice(price: PriceDoc): Price {
  if (price.tiers !== null) {
    const ladder = parseLadder(price.tiers.map((tier) => ({
      upTo: tier.upTo === null ? null : BigInt(tier.upTo),
      unitAmount: amountOf(tier.unitAmountDecimal),
      flatAmount: amountOf(tier.flatAmountDecimal),
    })));
    invariant(ladder.ok, `Price ${price.id} was stored with tiers that are not a ladder`);
    return { model: price.tiersMode === "volume" ? "volume" : "graduated", tiers: ladder.value };
  }
  const unitAmount = amountOf(price.unitAmountDecimal);
  if (price.divideBy === null) return { model: "per_unit", unitAmount };
  const packageUnits = BigInt(price.divideBy);
  return { model: "package", packageUnits, packageAmount: unitAmount };
}

function amountOf(text: string | null): Amount {
  return text === null ? 0n : fromDecimalMinor(text) ?? 0n;
}

function describe(part: PricePart, price: PriceDoc, label: string): string {
  const money = formatAmount(part.unitAmount, price.currency);
  const tier = part.tier === null ? "" : `Tier ${part.tier} `;
  const per = price.interval === null ? "" : ` / ${price.interval}`;
  if (part.kind === "flat") return `${label} (${tier}flat fee of ${money}${per})`;
  const units = part.toUnits - part.fromUnits;
  return `${units} × ${label} (${tier}at ${money}${per})`;
}
