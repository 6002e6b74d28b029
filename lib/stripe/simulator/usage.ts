import type { PendingUsageDoc } from "./documents.ts";
import type { Transaction } from "./state.ts";
import { HOUR_MS, MINUTE_MS } from "./time.ts";

interface UsageOwner {
  readonly customer: string;
  readonly meter: string;
}

export interface UsageRange extends UsageOwner {
  /** Minute-aligned or not: a minute counts whole when it starts inside `[fromMs, toMs)`. */
  readonly fromMs: number;
  readonly toMs: number;
}

export interface UsageSum {
  readonly sum: bigint;
  readonly count: number;
}

/** Adds usage to the minute of its timestamp; `count` is -1 for a cancelled event. */
export function addUsage(tx: Transaction, usage: Omit<PendingUsageDoc, "id" | "visibleMs">): void {
  const minute = Math.floor(usage.timestampMs / MINUTE_MS) * MINUTE_MS;
  const id = usageId(usage, Math.floor(minute / HOUR_MS) * HOUR_MS);
  const hour = tx.get("usage_hours", id);
  if (hour === undefined) noteHour(tx, usage, minute);
  const minutes = hour?.minutes ?? {};
  const before = minutes[String(minute)] ?? { sum: "0", count: 0 };
  const after = {
    sum: (BigInt(before.sum) + BigInt(usage.value)).toString(),
    count: before.count + usage.count,
  };
  tx.put("usage_hours", id, { minutes: { ...minutes, [String(minute)]: after } });
}

/** What the summaries know of the range. */
export function usageIn(tx: Transaction, range: UsageRange): UsageSum {
  let sum = 0n;
  let count = 0;
  for (const hourMs of hoursIn(tx, range)) {
    const doc = tx.get("usage_hours", usageId(range, hourMs));
    for (const [minute, usage] of Object.entries(doc?.minutes ?? {})) {
      const at = Number(minute);
      if (at < range.fromMs || at >= range.toMs) continue;
      sum += BigInt(usage.sum);
      count += usage.count;
    }
  }
  return { sum, count };
}

function* hoursIn(tx: Transaction, range: UsageRange): Generator<number> {
  for (let monthMs = monthOf(range.fromMs); monthMs < range.toMs; monthMs = monthOf(monthMs, 1)) {
    for (const hour of tx.get("usage_months", usageId(range, monthMs))?.hours ?? []) {
      const hourMs = monthMs + hour * HOUR_MS;
      if (hourMs + HOUR_MS > range.fromMs && hourMs < range.toMs) yield hourMs;
    }
  }
}

function noteHour(tx: Transaction, owner: UsageOwner, atMs: number): void {
  const monthMs = monthOf(atMs);
  const id = usageId(owner, monthMs);
  const hours = tx.get("usage_months", id)?.hours ?? [];
  tx.put("usage_months", id, { hours: [...hours, Math.floor((atMs - monthMs) / HOUR_MS)] });
}

/** What an invoice bills: also what the summaries don't show yet. */
export function billedUsageIn(tx: Transaction, range: UsageRange): UsageSum {
  let { sum, count } = usageIn(tx, range);
  for (const usage of tx.all("pending_usage")) {
    if (usage.customer !== range.customer || usage.meter !== range.meter) continue;
    if (usage.timestampMs < range.fromMs || usage.timestampMs >= range.toMs) continue;
    sum += BigInt(usage.value);
    count += usage.count;
  }
  return { sum, count };
}

const MAX_REVEALED_AT_ONCE = 200;

/** Moves what has become visible into the summaries; `true` when there is more. */
export function revealUsage(tx: Transaction): boolean {
  let revealed = 0;
  for (const usage of tx.all("pending_usage")) {
    if (usage.visibleMs > tx.nowMs) continue;
    if (revealed >= MAX_REVEALED_AT_ONCE) return true;
    addUsage(tx, usage);
    tx.remove("pending_usage", usage.id);
    revealed += 1;
  }
  return false;
}

function usageId({ customer, meter }: UsageOwner, startMs: number): string {
  return JSON.stringify([customer, meter, startMs]);
}

function monthOf(atMs: number, later = 0): number {
  const at = new Date(atMs);
  return Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + later, 1);
}
