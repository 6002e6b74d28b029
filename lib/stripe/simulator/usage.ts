import type { PendingUsageDoc } from "./documents.ts";
import type { Transaction } from "./state.ts";
import { HOUR_MS, MINUTE_MS } from "./time.ts";

export interface UsageRange {
  readonly customer: string;
  readonly meter: string;
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
  const id = hourId(usage.customer, usage.meter, minute);
  const minutes = tx.get("usage_hours", id)?.minutes ?? {};
  const before = minutes[String(minute)] ?? { sum: "0", count: 0 };
  const after = {
    sum: (BigInt(before.sum) + BigInt(usage.value)).toString(),
    count: before.count + usage.count,
  };
  tx.put("usage_hours", id, { minutes: { ...minutes, [String(minute)]: after } });
}

/** What the summaries know of the range. */
export function usageIn(tx: Transaction, { customer, meter, fromMs, toMs }: UsageRange): UsageSum {
  let sum = 0n;
  let count = 0;
  for (let hour = Math.floor(fromMs / HOUR_MS) * HOUR_MS; hour < toMs; hour += HOUR_MS) {
    const doc = tx.get("usage_hours", hourId(customer, meter, hour));
    for (const [minute, usage] of Object.entries(doc?.minutes ?? {})) {
      const at = Number(minute);
      if (at < fromMs || at >= toMs) continue;
      sum += BigInt(usage.sum);
      count += usage.count;
    }
  }
  return { sum, count };
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

function hourId(customer: string, meter: string, atMs: number): string {
  return JSON.stringify([customer, meter, Math.floor(atMs / HOUR_MS) * HOUR_MS]);
}
