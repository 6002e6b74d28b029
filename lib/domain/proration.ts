import { invariant } from "./invariant.ts";
import { divideHalfUp, roundToMinor } from "./money.ts";
import type { BillingPeriod } from "./period.ts";
import type { Amount } from "./plan.ts";

/** `[fromMs, toMs)` within a period. */
export interface TimeShare {
  readonly fromMs: number;
  readonly toMs: number;
  readonly period: BillingPeriod;
}

export interface ProratedChange {
  /** Unused time on the old fee, never positive. */
  readonly creditMinor: bigint;
  /** Remaining time on the new fee, never negative. */
  readonly debitMinor: bigint;
  readonly netMinor: bigint;
}

/**
 * The part of a period's fee that falls to `[fromMs, toMs)`, counted in whole seconds as Stripe
 * does and rounded half up in the last of 12 decimals.
 */
export function prorate(fee: Amount, { fromMs, toMs, period }: TimeShare): Amount {
  invariant(
    period.startMs <= fromMs && fromMs <= toMs && toMs <= period.endMs,
    "prorate() takes a time span within the period",
  );
  const seconds = wholeSeconds(toMs) - wholeSeconds(fromMs);
  return divideHalfUp(fee * seconds, wholeSeconds(period.endMs) - wholeSeconds(period.startMs));
}

/**
 * What a change of the base fee at `atMs` bills: unused time back, remaining time anew, each line
 * rounded by itself. Half-way from 10 to 20 dollars: -5 and +10
 * (https://docs.stripe.com/billing/subscriptions/prorations).
 */
export function prorateChange(
  fees: { readonly from: Amount; readonly to: Amount },
  { period, atMs }: { readonly period: BillingPeriod; readonly atMs: number },
): ProratedChange {
  const rest = { fromMs: atMs, toMs: period.endMs, period };
  const creditMinor = -roundToMinor(prorate(fees.from, rest));
  const debitMinor = roundToMinor(prorate(fees.to, rest));
  return { creditMinor, debitMinor, netMinor: creditMinor + debitMinor };
}

function wholeSeconds(ms: number): bigint {
  return BigInt(Math.floor(ms / 1000));
}
