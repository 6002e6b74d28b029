import type { PlanVersion } from "@/lib/domain/plan.ts";
import { tierLadder } from "@/lib/domain/tiers.ts";
import { emptyPlan, usd } from "../support/samples.ts";

/** A base fee and two meters: graduated with free units, and sub-cent per unit. */
export function growthPlan(changes: Partial<PlanVersion> = {}): PlanVersion {
  return emptyPlan({
    baseFee: usd("49.00"),
    meters: [
      {
        meter: "risk_score",
        includedUnits: 100n,
        quota: null,
        price: {
          model: "graduated",
          tiers: tierLadder(
            { upTo: 1_000n, unitAmount: usd("0.005"), flatAmount: 0n },
            { upTo: null, unitAmount: usd("0.001"), flatAmount: usd("1.00") },
          ),
        },
      },
      {
        meter: "screening",
        includedUnits: 0n,
        quota: null,
        price: { model: "per_unit", unitAmount: usd("0.000125") },
      },
    ],
    ...changes,
  });
}

/** One meter for each price model that needs no included units. */
export function everyModelPlan(): PlanVersion {
  const meter = { includedUnits: 0n, quota: null };
  return emptyPlan({
    planId: "every",
    baseFee: 0n,
    meters: [
      { ...meter, meter: "m_unit", price: { model: "per_unit", unitAmount: usd("0.0333") } },
      {
        ...meter,
        meter: "m_volume",
        price: {
          model: "volume",
          tiers: tierLadder(
            { upTo: 10n, unitAmount: usd("0.50"), flatAmount: usd("2.00") },
            { upTo: null, unitAmount: usd("0.10"), flatAmount: 0n },
          ),
        },
      },
      {
        ...meter,
        meter: "m_graduated",
        price: {
          model: "graduated",
          tiers: tierLadder(
            { upTo: 5n, unitAmount: usd("0.07"), flatAmount: usd("1.00") },
            { upTo: null, unitAmount: usd("0.004999"), flatAmount: usd("0.50") },
          ),
        },
      },
      {
        ...meter,
        meter: "m_package",
        price: { model: "package", packageUnits: 25n, packageAmount: usd("3.99") },
      },
      { ...meter, meter: "m_flat", price: { model: "flat", amount: usd("12.34") } },
    ],
  });
}
