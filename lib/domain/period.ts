import { HOUR_MS, MINUTE_MS } from "./window.ts";

/**
 * Billing periods: half-open UTC calendar months or years, anchored on day 1 at 00:00, as the
 * Stripe subscriptions that Clawmeter creates are (`billing_cycle_anchor_config`).
 */
export interface BillingPeriod {
  /** First day, `YYYY-MM-DD`. */
  readonly periodId: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** For so long after its end a period still takes late usage events of its own time. */
export const LATE_EVENTS_MS = HOUR_MS;
/**
 * Not before so long after its end is a period's invoice final: units that came later would count in
 * the period and be on no invoice. The minutes on top cover clocks that differ and calls under way.
 */
export const FINAL_AFTER_MS = LATE_EVENTS_MS + 10 * MINUTE_MS;

export type BillingInterval = "month" | "year";

/** The last one found for each interval: nearly every call asks for the present one again. */
const lastFound = new Map<BillingInterval, BillingPeriod>();

/** The period that holds the instant `atMs`. */
export function periodAt(atMs: number, interval: BillingInterval): BillingPeriod {
  const last = lastFound.get(interval);
  if (last !== undefined && atMs >= last.startMs && atMs < last.endMs) return last;
  const found = findPeriod(atMs, interval);
  lastFound.set(interval, found);
  return found;
}

function findPeriod(atMs: number, interval: BillingInterval): BillingPeriod {
  const at = new Date(atMs);
  const year = at.getUTCFullYear();
  const month = interval === "month" ? at.getUTCMonth() : 0;
  const months = interval === "month" ? 1 : 12;
  return periodFrom(Date.UTC(year, month, 1), Date.UTC(year, month + months, 1));
}

/** The period `count` periods before (negative) or after the one given. */
export function shiftPeriod(period: BillingPeriod, count: number, interval: BillingInterval) {
  const start = new Date(period.startMs);
  const months = interval === "month" ? count : count * 12;
  return periodAt(
    Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + months, 1),
    interval,
  );
}

function periodFrom(startMs: number, endMs: number): BillingPeriod {
  return { periodId: new Date(startMs).toISOString().slice(0, 10), startMs, endMs };
}
