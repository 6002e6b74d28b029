import type { Units } from "@/lib/domain/plan.ts";
import { minuteOf } from "@/lib/domain/window.ts";
import type { UsagePoint, UsageQuery } from "@/lib/ports/usage.ts";
import { usageDaysPrefix, usageSpansPrefix, usageWindowsPrefix } from "./keys.ts";
import type { KvLike } from "./kv_like.ts";

const LIST = { batchSize: 500 };

/**
 * Usage by time, from what the folds summed up for it: days and hours from their rollups, minutes from
 * windows. Segments are never read. Ascending by time, then meter, then key.
 */
export async function readSeries(kv: KvLike, query: UsageQuery): Promise<readonly UsagePoint[]> {
  switch (query.granularity) {
    case "day":
      return query.keyId === undefined && query.byKey !== true
        ? await readDays(kv, query)
        : await readSpans(kv, query, "day");
    case "hour":
      return await readSpans(kv, query, "hour");
    case "minute":
    case "window":
      return await readWindows(kv, query);
  }
}

/** Days of all keys together: one stored key a point. */
async function readDays(kv: KvLike, query: UsageQuery): Promise<readonly UsagePoint[]> {
  const points: UsagePoint[] = [];
  const prefix = usageDaysPrefix(query.tenantId);
  const selector = { start: [...prefix, query.fromMs], end: [...prefix, query.toMs] };
  for await (const { key, value } of kv.list<Deno.KvU64>(selector, LIST)) {
    const meter = String(key[3]);
    if (query.meter !== undefined && meter !== query.meter) continue;
    points.push({ startMs: Number(key[2]), meter, units: value.value });
  }
  return points;
}

/** Stored in the order of the answer, so that keys of one point follow each other. */
async function readSpans(
  kv: KvLike,
  query: UsageQuery,
  span: "hour" | "day",
): Promise<readonly UsagePoint[]> {
  const points: (UsagePoint & { units: Units })[] = [];
  const prefix = usageSpansPrefix(span, query.tenantId);
  const selector = { start: [...prefix, query.fromMs], end: [...prefix, query.toMs] };
  for await (const { key, value } of kv.list<Deno.KvU64>(selector, LIST)) {
    const startMs = Number(key[3]);
    const meter = String(key[4]);
    const keyId = String(key[5]);
    if (query.meter !== undefined && meter !== query.meter) continue;
    if (query.keyId !== undefined && keyId !== query.keyId) continue;
    const units = value.value;
    const last = points.at(-1);
    if (query.byKey === true) points.push({ startMs, meter, keyId, units });
    else if (last?.startMs === startMs && last.meter === meter) last.units += units;
    else points.push({ startMs, meter, units });
  }
  return points;
}

/** Windows are kept for two hours; minutes are their sums. */
async function readWindows(kv: KvLike, query: UsageQuery): Promise<readonly UsagePoint[]> {
  const points = new Map<string, UsagePoint & { units: Units }>();
  const prefix = usageWindowsPrefix(query.tenantId);
  const fromMs = query.granularity === "minute" ? minuteOf(query.fromMs) : query.fromMs;
  const selector = { start: [...prefix, fromMs], end: [...prefix, query.toMs] };
  for await (const { key, value } of kv.list<[string, string, bigint][]>(selector, LIST)) {
    const windowStartMs = Number(key[2]);
    const startMs = query.granularity === "minute" ? minuteOf(windowStartMs) : windowStartMs;
    if (startMs < query.fromMs || startMs >= query.toMs) continue;
    for (const [meter, keyId, units] of value) {
      if (query.meter !== undefined && meter !== query.meter) continue;
      if (query.keyId !== undefined && keyId !== query.keyId) continue;
      const parts = query.byKey === true ? { meter, keyId } : { meter };
      const id = JSON.stringify([startMs, parts]);
      const point = points.get(id);
      if (point === undefined) points.set(id, { startMs, ...parts, units });
      else point.units += units;
    }
  }
  return [...points.values()].sort((a, b) =>
    a.startMs - b.startMs || compare(a.meter, b.meter) || compare(a.keyId ?? "", b.keyId ?? "")
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
