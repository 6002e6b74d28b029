import type { FoldGroup } from "@/lib/domain/segment.ts";
import type { RingCursor } from "@/lib/ports/usage_log.ts";
import type { Versioned } from "@/lib/ports/tenancy.ts";
import type { KvAtomicLike } from "./kv_like.ts";
import {
  ledgerKey,
  minuteSlotKey,
  quotaUsedKey,
  usageDayKey,
  usageSpanKey,
  usageWindowKey,
} from "./keys.ts";
import { dayOf } from "@/lib/domain/window.ts";

const WINDOW_KEEP_MS = 2 * 3_600_000;

/** Sums come first: the SQLite store keeps what precedes a failing mutation. */
export function applyGroup(
  atomic: KvAtomicLike,
  group: FoldGroup,
  { instanceId, cursor }: {
    readonly instanceId: string;
    readonly cursor: Versioned<RingCursor>;
  },
): void {
  switch (group.kind) {
    case "line":
      for (const { startMs, units } of group.minutes) {
        atomic.sum(minuteSlotKey(startMs, group.line), units);
      }
      atomic.sum(ledgerKey(group.line, "acknowledged"), sumOf(group.minutes));
      for (const [startMs, spans] of Map.groupBy(group.minutes, (span) => dayOf(span.startMs))) {
        atomic.sum(usageDayKey({ ...group.line, startMs }), sumOf(spans));
      }
      return;
    case "leased":
      atomic.sum(quotaUsedKey(group, instanceId), group.units);
      return;
    case "rollup":
      for (const span of ["hour", "day"] as const) {
        for (const { startMs, units } of span === "hour" ? group.hours : group.days) {
          atomic.sum(usageSpanKey(span, { ...group, startMs }), units);
        }
      }
      return;
    case "window":
      atomic.set(
        usageWindowKey({ ...group, instanceId, fromSeq: cursor.value.fromSeq }),
        group.points.map(({ meter, keyId, units }) => [meter, keyId, units]),
        { expireIn: WINDOW_KEEP_MS },
      );
      return;
  }
}

function sumOf(spans: readonly { readonly units: bigint }[]): bigint {
  return spans.reduce((sum, { units }) => sum + units, 0n);
}
