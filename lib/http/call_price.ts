import type { Amount, MeterName, PlanVersion, Units } from "@/lib/domain/plan.ts";
import { marginalCost, priceUnits } from "@/lib/domain/pricing.ts";

type MeterUnits = ReadonlyMap<MeterName, Units>;

/** What `added` costs on top of `before` in this period, by the plan's own prices; exact. */
export function callCost(plan: PlanVersion, before: MeterUnits, added: MeterUnits): Amount {
  let cost = 0n;
  for (const { meter, price, includedUnits } of plan.meters) {
    const units = added.get(meter) ?? 0n;
    if (units > 0n) cost += marginalCost(price, includedUnits, before.get(meter) ?? 0n, units);
  }
  return cost;
}

/** What the usage of this period costs so far, without the base fee. */
export function spentSoFar(plan: PlanVersion, used: MeterUnits): Amount {
  let spent = 0n;
  for (const { meter, price, includedUnits } of plan.meters) {
    const units = used.get(meter) ?? 0n;
    if (units > 0n) spent += priceUnits(price, includedUnits, units).amount;
  }
  return spent;
}
