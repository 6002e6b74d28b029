import { formatDecimal } from "./money.ts";
import type { PlanMeter, PlanVersion, Price } from "./plan.ts";

/** One value that differs; `null` where one side has none. Money is decimal, major units. */
export interface PlanChange {
  /** Words from the outside in, e.g. `["meters", "risk_score", "price", "tier 2", "unit_amount"]`. */
  readonly path: readonly string[];
  readonly before: string | null;
  readonly after: string | null;
}

/** Everything that a tenant would notice, in reading order; empty when the terms are the same. */
export function diffPlans(before: PlanVersion | null, after: PlanVersion): readonly PlanChange[] {
  const old = new Map(before === null ? [] : terms(before).map(keyed));
  const now = new Map(terms(after).map(keyed));
  const keys = [...new Set([...now.keys(), ...old.keys()])];
  return keys.flatMap((key) => {
    const was = old.get(key);
    const is = now.get(key);
    if (was?.text === is?.text) return [];
    const path = is?.path ?? was?.path ?? [];
    return [{ path, before: was?.text ?? null, after: is?.text ?? null }];
  });
}

interface Term {
  readonly path: readonly string[];
  readonly text: string;
}

function keyed(term: Term): readonly [string, Term] {
  return [JSON.stringify(term.path), term];
}

function terms(plan: PlanVersion): readonly Term[] {
  const money = (amount: bigint) => formatDecimal(amount, plan.currency);
  return [
    term(["name"], plan.name),
    term(["description"], plan.description),
    term(["currency"], plan.currency),
    term(["interval"], plan.interval),
    term(["base_fee"], money(plan.baseFee)),
    term(["minimum_commitment"], money(plan.minimumCommitment)),
    ...plan.meters.flatMap((meter) => meterTerms(meter, money)),
    ...plan.features.map((feature) => term(["features", feature], "yes")),
    term(["limits", "requests_per_second"], String(plan.limits.requestsPerSecond)),
    term(["limits", "burst"], String(plan.limits.burst)),
    term(["grace_days"], String(plan.graceDays)),
  ];
}

function meterTerms(
  { meter, price, includedUnits, quota }: PlanMeter,
  money: (amount: bigint) => string,
): readonly Term[] {
  const at = ["meters", meter];
  return [
    term([...at, "included_units"], String(includedUnits)),
    term([...at, "price", "model"], price.model),
    ...priceTerms(price, money).map(({ path, text }) => term([...at, "price", ...path], text)),
    ...(quota === null ? [] : [term([...at, "quota"], `${quota.units} ${quota.enforcement}`)]),
  ];
}

function priceTerms(price: Price, money: (amount: bigint) => string): readonly Term[] {
  switch (price.model) {
    case "per_unit":
      return [term(["unit_amount"], money(price.unitAmount))];
    case "flat":
      return [term(["amount"], money(price.amount))];
    case "package":
      return [
        term(["package_units"], String(price.packageUnits)),
        term(["package_amount"], money(price.packageAmount)),
      ];
    case "graduated":
    case "volume":
      return price.tiers.flatMap((tier, at) => [
        term([`tier ${at + 1}`, "up_to"], tier.upTo === null ? "open" : String(tier.upTo)),
        term([`tier ${at + 1}`, "unit_amount"], money(tier.unitAmount)),
        term([`tier ${at + 1}`, "flat_amount"], money(tier.flatAmount)),
      ]);
  }
}

function term(path: readonly string[], text: string): Term {
  return { path, text };
}
