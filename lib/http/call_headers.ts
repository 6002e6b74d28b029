import type { Amount, MeterName, Units } from "@/lib/domain/plan.ts";
import { effectiveQuota } from "@/lib/domain/decide.ts";
import { formatDecimal } from "@/lib/domain/money.ts";
import type { CallerConfig } from "@/lib/ports/tenancy.ts";

export type HeaderPair = readonly [string, string];

export interface CallFigures {
  readonly units: ReadonlyMap<MeterName, Units>;
  /** Exact marginal price of this call. */
  readonly cost: Amount;
  /** Units of this period before the call, as far as this instance knows. */
  readonly used: ReadonlyMap<MeterName, Units>;
  /** Of hard quotas, after the call; exact for what this instance leases. */
  readonly leftOfQuotas: ReadonlyMap<MeterName, Units>;
}

/**
 * `Clawmeter-Units`, `Clawmeter-Cost` in the plan's currency, and `Clawmeter-Remaining`: what is
 * left of the tightest quota among the meters of this call; absent without one.
 */
export function callHeaders(caller: CallerConfig, figures: CallFigures): readonly HeaderPair[] {
  const remaining = tightestQuota(caller, figures);
  return [
    ["clawmeter-units", totalUnits(figures.units).toString()],
    ["clawmeter-cost", formatDecimal(figures.cost, caller.plan.currency)],
    ...(remaining === null ? [] : [["clawmeter-remaining", remaining.toString()] as const]),
  ];
}

export function totalUnits(units: ReadonlyMap<MeterName, Units>): Units {
  let total = 0n;
  for (const count of units.values()) total += count;
  return total;
}

function tightestQuota(
  caller: CallerConfig,
  { units, used, leftOfQuotas }: CallFigures,
): Units | null {
  let tightest: Units | null = null;
  for (const [meter, added] of units) {
    const quota = effectiveQuota(caller, meter);
    if (quota === null) continue;
    const left = leftOfQuotas.get(meter) ?? quota.units - (used.get(meter) ?? 0n) - added;
    const shown = left < 0n ? 0n : left;
    if (tightest === null || shown < tightest) tightest = shown;
  }
  return tightest;
}
