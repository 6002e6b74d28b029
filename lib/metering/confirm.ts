import { moveEntry, SUMMARY_SETTLE_MS } from "@/lib/domain/outbox.ts";
import { HOUR_MS, hourOf } from "@/lib/domain/window.ts";
import type { Units } from "@/lib/domain/plan.ts";
import type { BillingProvider } from "@/lib/ports/billing_provider.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import type { DeliveredHour, OutboxStore } from "@/lib/ports/outbox_store.ts";
import { eachLimited } from "./each_limited.ts";

export interface ConfirmDeps {
  readonly outbox: OutboxStore;
  readonly provider: Pick<BillingProvider, "summaries">;
  readonly clock: Clock;
}

export interface HourDifference {
  readonly stripeCustomerId: string;
  readonly eventName: string;
  readonly startMs: number;
  /** Sent less rejected, by our books. */
  readonly expected: Units;
  /** In the provider's own summary. */
  readonly summarized: Units;
}

export interface ConfirmReport {
  readonly hours: number;
  readonly confirmedEntries: number;
  readonly differences: readonly HourDifference[];
}

const CONCURRENCY = 4;
const ENTRIES_PER_HOUR_MAX = 2_000;

/**
 * Compares what was sent with the provider's own summaries, hour by hour of `[startMs, endMs)`, and
 * marks entries of equal hours as confirmed. Hours that ended within the last hour are left for
 * later: summaries are eventually consistent.
 */
export async function confirm(
  range: { readonly startMs: number; readonly endMs: number },
  deps: ConfirmDeps,
): Promise<ConfirmReport> {
  const settledMs = hourOf(deps.clock.nowMs() - SUMMARY_SETTLE_MS);
  const startMs = hourOf(range.startMs);
  const endMs = Math.min(hourOf(range.endMs + HOUR_MS - 1), settledMs);
  if (startMs >= endMs) return { hours: 0, confirmedEntries: 0, differences: [] };
  const hours = await deps.outbox.deliveredHours({ startMs, endMs });
  const differences: HourDifference[] = [];
  let confirmedEntries = 0;
  await eachLimited(byCustomer(hours), CONCURRENCY, async (rows) => {
    const [first] = rows;
    if (first === undefined) return;
    const { stripeCustomerId, eventName } = first;
    const query = { stripeCustomerId, eventName, startMs, endMs, grouping: "hour" } as const;
    const summarized = new Map<number, Units>();
    for (const { startMs, units } of await deps.provider.summaries(query)) {
      summarized.set(startMs, (summarized.get(startMs) ?? 0n) + units);
    }
    for (const [hourMs, parts] of Map.groupBy(rows, (row) => row.startMs)) {
      const expected = parts.reduce((sum, { units }) => sum + units, 0n);
      const seen = summarized.get(hourMs) ?? 0n;
      if (seen === expected) {
        for (const part of parts) confirmedEntries += await confirmHour(part, deps);
      } else {
        const row = { stripeCustomerId, eventName, startMs: hourMs };
        differences.push({ ...row, expected, summarized: seen });
      }
    }
  });
  return { hours: hours.length, confirmedEntries, differences };
}

async function confirmHour(
  { tenantId, meter, startMs }: DeliveredHour,
  { outbox }: ConfirmDeps,
): Promise<number> {
  let confirmed = 0;
  const range = { tenantId, meter, startMs, endMs: startMs + HOUR_MS };
  const entries = await outbox.sentEntries({ ...range, limit: ENTRIES_PER_HOUR_MAX });
  for (const entry of entries) {
    const moved = await outbox.move(entry, moveEntry(entry.value, { state: "confirmed" }));
    if (moved !== null) confirmed += 1;
  }
  return confirmed;
}

function byCustomer(hours: readonly DeliveredHour[]): readonly (readonly DeliveredHour[])[] {
  const key = (hour: DeliveredHour) => JSON.stringify([hour.stripeCustomerId, hour.eventName]);
  return [...Map.groupBy(hours, key).values()];
}
