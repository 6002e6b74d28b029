import type { Segment, UsageEntry } from "@/lib/domain/segment.ts";
import type { AppendRequest } from "@/lib/ports/usage_log.ts";

/** One letter per field and no names: a segment holds a few hundred entries within 64 KiB. */
export interface StoredSegment {
  readonly v: 1;
  readonly seq: number;
  readonly mark: number;
  readonly at: number;
  readonly sum: bigint;
  readonly entries: readonly StoredEntry[];
}
type StoredEntry = readonly [string, string, string, string, string, bigint, 0 | 1];

export function encodeSegment({ segment, mark }: AppendRequest): StoredSegment {
  return {
    v: 1,
    seq: segment.seq,
    mark,
    at: segment.windowStartMs,
    sum: segment.cumulativeUnits,
    entries: segment.entries.map((entry): StoredEntry => [
      entry.tenantId,
      entry.meter,
      entry.planRevision,
      entry.periodId,
      entry.keyId,
      entry.units,
      entry.leasedBy === undefined ? 0 : 1,
    ]),
  };
}

export function decodeSegment(
  { seq, at, sum, entries }: StoredSegment,
  instanceId: string,
): Segment {
  return {
    seq,
    windowStartMs: at,
    cumulativeUnits: sum,
    entries: entries.map((entry) => decodeEntry(entry, instanceId)),
  };
}

function decodeEntry(stored: StoredEntry, instanceId: string): UsageEntry {
  const [tenantId, meter, planRevision, periodId, keyId, units, leased] = stored;
  const entry = { tenantId, meter, planRevision, periodId, keyId, units };
  return leased === 1 ? { ...entry, leasedBy: instanceId } : entry;
}
