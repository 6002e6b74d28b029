import { applyCredits, type CreditBalance, type CreditUse } from "./credit.ts";
import { roundToMinor } from "./money.ts";
import type { Amount, MeterName, PlanRevision, PlanVersion, Units } from "./plan.ts";
import { type PricePart, priceUnits } from "./pricing.ts";
import { prorate, type TimeShare } from "./proration.ts";

/** One line of a bill; rounded once, half up, when it is made. */
export interface StatementLine {
  /** Stable within the statement, e.g. `usage-risk_score-growth@3-2`. Opaque. */
  readonly lineId: string;
  readonly kind: "base_fee" | "usage" | "adjustment" | "minimum_commitment";
  readonly planRevision: PlanRevision | null;
  readonly meter: MeterName | null;
  /** How the line came about; `null` for lines that no price made. */
  readonly part: PricePart | null;
  /** Usage that the line covers. */
  readonly units: Units;
  /** Exact, before rounding. */
  readonly amount: Amount;
  readonly amountMinor: bigint;
  /** An operator's words on an adjustment. */
  readonly note: string | null;
}

export interface Statement {
  readonly currency: string;
  readonly lines: readonly StatementLine[];
  /** Sum of the lines. */
  readonly subtotalMinor: bigint;
  /** Prepaid credits drawn, oldest claim first; they pay for usage lines only. */
  readonly credits: readonly CreditUse[];
  readonly creditsMinor: bigint;
  /** What is due: `subtotalMinor - creditsMinor`. */
  readonly totalMinor: bigint;
  /** Usage of meters that the plan has no price for; never billed, always shown. */
  readonly unpriced: readonly { readonly meter: MeterName; readonly units: Units }[];
}

/** Money that an operator adds (positive) or forgives (negative). */
export interface MoneyAdjustment {
  readonly adjustmentId: string;
  readonly amount: Amount;
  readonly note: string;
}

export interface StatementOptions {
  readonly adjustments?: readonly MoneyAdjustment[];
  readonly credits?: readonly CreditBalance[];
  /** Least sum of base fees and usage; the plan's own when absent. */
  readonly minimumCommitment?: Amount;
}

/** Usage under one plan version within a period that may have seen several. */
export interface PlanUse {
  readonly plan: PlanVersion;
  readonly usage: ReadonlyMap<MeterName, Units>;
  /** The time that the tenant was on this plan; whole period when absent. */
  readonly share?: TimeShare;
}

/** The bill of a period spent on one plan version. */
export function priceStatement(
  plan: PlanVersion,
  usageByMeter: ReadonlyMap<MeterName, Units>,
  options: StatementOptions = {},
): Statement {
  return pricePeriod([{ plan, usage: usageByMeter }], options);
}

/**
 * The bill of a period that may have seen plan changes. Each version's usage is priced by its own
 * ladder from zero and its base fee by the second, as Stripe's flexible billing does. The last
 * version's minimum commitment holds. All versions have the same currency.
 */
export function pricePeriod(
  uses: readonly [PlanUse, ...PlanUse[]],
  options: StatementOptions = {},
): Statement {
  const current = uses[uses.length - 1] ?? uses[0];
  const priced = uses.flatMap((use) => planLines(use));
  const minimum = options.minimumCommitment ?? current.plan.minimumCommitment;
  const lines = [
    ...priced,
    ...minimumLine(priced, minimum, current.plan.planRevision),
    ...(options.adjustments ?? []).map(adjustmentLine),
  ];
  const subtotalMinor = sumMinor(lines);
  const usage = usageMinor({ lines });
  const payable = subtotalMinor < usage ? subtotalMinor : usage;
  const credits = applyCredits(options.credits ?? [], payable);
  const creditsMinor = credits.reduce((sum, use) => sum + use.amountMinor, 0n);
  return {
    currency: current.plan.currency,
    lines,
    subtotalMinor,
    credits,
    creditsMinor,
    totalMinor: subtotalMinor - creditsMinor,
    unpriced: uses.flatMap(unpricedUsage),
  };
}

/** What usage alone costs, before credits and fees: the sum that a budget bounds. */
export function usageMinor(statement: Pick<Statement, "lines">): bigint {
  return sumMinor(statement.lines.filter(({ kind }) => kind === "usage"));
}

function planLines({ plan, usage, share }: PlanUse): readonly StatementLine[] {
  const baseFee = share === undefined ? plan.baseFee : prorate(plan.baseFee, share);
  const base: readonly StatementLine[] = baseFee === 0n ? [] : [{
    lineId: `base_fee-${plan.planRevision}`,
    kind: "base_fee",
    planRevision: plan.planRevision,
    meter: null,
    part: null,
    units: 0n,
    amount: baseFee,
    amountMinor: roundToMinor(baseFee),
    note: null,
  }];
  const used = plan.meters.flatMap(({ meter, price, includedUnits }) =>
    priceUnits(price, includedUnits, usage.get(meter) ?? 0n).trace.map((part, at) =>
      usageLine(plan.planRevision, { meter, part, at })
    )
  );
  return [...base, ...used];
}

function usageLine(
  planRevision: PlanRevision,
  { meter, part, at }: { meter: MeterName; part: PricePart; at: number },
): StatementLine {
  return {
    lineId: `usage-${meter}-${planRevision}-${at}`,
    kind: "usage",
    planRevision,
    meter,
    part,
    units: part.toUnits - part.fromUnits,
    amount: part.amount,
    amountMinor: part.amountMinor,
    note: null,
  };
}

/** Adjustments stay out of the sum, or a refund would come back as a higher top-up. */
function minimumLine(
  lines: readonly StatementLine[],
  minimum: Amount,
  planRevision: PlanRevision,
): readonly StatementLine[] {
  const missing = roundToMinor(minimum) - sumMinor(lines);
  if (missing <= 0n) return [];
  const amount = minimum - lines.reduce((sum, line) => sum + line.amount, 0n);
  return [{
    lineId: "minimum_commitment",
    kind: "minimum_commitment",
    planRevision,
    meter: null,
    part: null,
    units: 0n,
    amount,
    amountMinor: missing,
    note: null,
  }];
}

function adjustmentLine({ adjustmentId, amount, note }: MoneyAdjustment): StatementLine {
  return {
    lineId: `adjustment-${adjustmentId}`,
    kind: "adjustment",
    planRevision: null,
    meter: null,
    part: null,
    units: 0n,
    amount,
    amountMinor: roundToMinor(amount),
    note,
  };
}

function unpricedUsage({ plan, usage }: PlanUse) {
  const priced = new Set(plan.meters.map(({ meter }) => meter));
  return [...usage]
    .filter(([meter, units]) => units > 0n && !priced.has(meter))
    .map(([meter, units]) => ({ meter, units }));
}

function sumMinor(lines: readonly StatementLine[]): bigint {
  return lines.reduce((sum, line) => sum + line.amountMinor, 0n);
}
