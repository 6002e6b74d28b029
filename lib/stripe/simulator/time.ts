import type { Transaction } from "./state.ts";

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

export function seconds(ms: number): number {
  return Math.floor(ms / SECOND_MS);
}

export function secondsOrNull(ms: number | null): number | null {
  return ms === null ? null : seconds(ms);
}

/** A customer under a test clock lives in that clock's time. */
export function nowOf(tx: Transaction, customerId: string): number {
  const clockId = tx.get("customers", customerId)?.testClock ?? null;
  return clockId === null ? tx.nowMs : tx.get("test_clocks", clockId)?.frozenMs ?? tx.nowMs;
}
