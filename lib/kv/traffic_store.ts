import type { KvAtomicLike, KvLike } from "./kv_like.ts";
import { dayOf } from "@/lib/domain/window.ts";
import type {
  CallCount,
  CallCountQuery,
  CallKind,
  RequestQuery,
  RequestRecord,
  TenantTraffic,
  TrafficCount,
  TrafficStore,
} from "@/lib/ports/traffic.ts";
import type { Page } from "@/lib/ports/tenancy.ts";
import {
  allTrafficKey,
  allTrafficPrefix,
  callCountKey,
  callCountsPrefix,
  callKindKey,
  callKindsPrefix,
  keyUseKey,
  keyUsesPrefix,
  requestChunkKey,
  requestChunksPrefix,
  trafficKey,
  trafficPrefix,
} from "./keys.ts";
import { commitMarked } from "./marked_commit.ts";

const RETENTION_MS = 7 * 86_400_000;
/** Counts of one commit: each takes a few sums, and a commit takes a thousand. */
const COUNTS_PER_COMMIT = 50;
/** Records of one commit, at about half a kilobyte; a commit takes 800. */
const RECORDS_PER_COMMIT = 1_000;
/** Times of last use in one commit. */
const USES_PER_COMMIT = 200;
/** From the first record of a chunk to its last: a flush holds seconds, a held up one some minutes. */
const CHUNK_SPAN_MAX_MS = 15 * 60_000;
/** Chunks read for one page; bounds the work of a filter that matches little. */
const CHUNKS_READ_MAX = 400;
const LIST = { batchSize: 500 };

/** Request records in chunks, one per tenant and flush; hourly and daily counts as KV counters. */
export function createTrafficStore(
  { kv, instanceId }: { kv: KvLike; instanceId: string },
): TrafficStore {
  return {
    async append(chunk, counts) {
      for (const pieces of commitsOf([{ chunk, counts }])) await write(kv, instanceId, pieces);
    },
    async appendAll(traffic, onFailure) {
      for (const pieces of commitsOf(traffic)) {
        try {
          await write(kv, instanceId, pieces);
        } catch (error) {
          onFailure(error, pieces.map(({ chunk }) => chunk.tenantId));
        }
      }
    },
    recent: (query) => readRecent(kv, query),
    async counts({ tenantId, fromMs, toMs }) {
      const found: TrafficCount[] = [];
      const prefix = tenantId === undefined ? allTrafficPrefix() : trafficPrefix(tenantId);
      const selector = { start: [...prefix, fromMs], end: [...prefix, toMs] };
      for await (const { key, value } of kv.list<Deno.KvU64>(selector, LIST)) {
        const [hourStartMs, status] = key.slice(prefix.length).map(Number);
        if (hourStartMs === undefined || status === undefined) continue;
        found.push({ hourStartMs, status, calls: Number(value.value) });
      }
      return found;
    },
    callCounts: (query) => readCallCounts(kv, query),
    async callKinds(tenantId) {
      const kinds: CallKind[] = [];
      const selector = { prefix: callKindsPrefix(tenantId) };
      for await (const { key } of kv.list(selector, LIST)) {
        kinds.push({ route: String(key[2]), status: Number(key[3]) });
      }
      return kinds;
    },
    async lastUses(tenantId) {
      const uses = new Map<string, number>();
      const selector = { prefix: keyUsesPrefix(tenantId) };
      for await (const { key, value } of kv.list<Deno.KvU64>(selector, LIST)) {
        uses.set(String(key[2]), Number(value.value));
      }
      return uses;
    },
  };
}

/**
 * The request chunk stands in for the counts that it comes with: a copy of its commit, which a remote
 * client may send by itself, finds it and counts nothing.
 */
/**
 * What each commit carries. Every commit waits for the disk and keeps metered calls waiting with it,
 * so tenants share commits; a tenant with many counts needs several.
 */
function* commitsOf(traffic: readonly TenantTraffic[]): Generator<readonly TenantTraffic[]> {
  let pieces: TenantTraffic[] = [];
  let [countsHeld, recordsHeld, usesHeld] = [0, 0, 0];
  for (const piece of traffic.flatMap(split)) {
    const { chunk: { records, uses }, counts } = piece;
    const isFull = countsHeld + counts.length > COUNTS_PER_COMMIT ||
      recordsHeld + records.length > RECORDS_PER_COMMIT ||
      usesHeld + uses.size > USES_PER_COMMIT;
    if (isFull && pieces.length > 0) {
      yield pieces;
      pieces = [];
      [countsHeld, recordsHeld, usesHeld] = [0, 0, 0];
    }
    pieces.push(piece);
    countsHeld += counts.length;
    recordsHeld += records.length;
    usesHeld += uses.size;
  }
  if (pieces.length > 0) yield pieces;
}

/** Counts beyond what one commit takes go alone. */
function split({ chunk, counts }: TenantTraffic): TenantTraffic[] {
  const pieces = [{ chunk, counts: counts.slice(0, COUNTS_PER_COMMIT) }];
  for (let at = COUNTS_PER_COMMIT; at < counts.length; at += COUNTS_PER_COMMIT) {
    const rest = { ...chunk, records: [], uses: new Map() };
    pieces.push({ chunk: rest, counts: counts.slice(at, at + COUNTS_PER_COMMIT) });
  }
  return pieces;
}

async function write(
  kv: KvLike,
  instanceId: string,
  pieces: readonly TenantTraffic[],
): Promise<void> {
  const atomic = kv.atomic();
  for (const { counts } of pieces) for (const count of counts) addCount(atomic, count);
  for (const { chunk: { tenantId, uses } } of pieces) {
    for (const [keyId, atMs] of uses) atomic.max(keyUseKey(tenantId, keyId), BigInt(atMs));
  }
  for (const { chunk: { tenantId, records } } of pieces) {
    const last = records.at(-1);
    if (last === undefined) continue;
    atomic.set(requestChunkKey(tenantId, last.atMs, instanceId), records, {
      expireIn: RETENTION_MS,
    });
  }
  mustCommit(await commitMarked(kv, atomic));
}

function addCount(atomic: KvAtomicLike, count: CallCount): void {
  const { tenantId, startMs, status, calls, units } = count;
  atomic.sum(trafficKey(tenantId, startMs, status), BigInt(calls))
    .sum(allTrafficKey(startMs, status), BigInt(calls))
    .sum(callKindKey(count), BigInt(calls));
  for (const span of ["hour", "day"] as const) {
    const at = { ...count, startMs: span === "hour" ? startMs : dayOf(startMs) };
    atomic.sum(callCountKey(span, { ...at, meter: CALLS }), BigInt(calls));
    for (const [meter, used] of units) {
      if (used > 0n) atomic.sum(callCountKey(span, { ...at, meter }), used);
    }
  }
}

/** In the place of a meter: the counter of the calls themselves. */
const CALLS = "";

/** Counters of one call count lie together, the calls first. */
async function readCallCounts(
  kv: KvLike,
  { tenantId, fromMs, toMs, granularity }: CallCountQuery,
): Promise<readonly CallCount[]> {
  const prefix = callCountsPrefix(granularity, tenantId);
  const selector = { start: [...prefix, fromMs], end: [...prefix, toMs] };
  const found: (CallCount & { readonly units: Map<string, bigint> })[] = [];
  for await (const { key, value } of kv.list<Deno.KvU64>(selector, LIST)) {
    const [, , , startMs, keyId, route, status, meter] = key;
    if (meter !== CALLS) {
      found.at(-1)?.units.set(String(meter), value.value);
      continue;
    }
    found.push({
      tenantId,
      startMs: Number(startMs),
      keyId: String(keyId),
      route: String(route),
      status: Number(status),
      calls: Number(value.value),
      units: new Map(),
    });
  }
  return found;
}

function mustCommit({ ok }: { readonly ok: boolean }): void {
  if (!ok) throw new Error("Cannot append traffic: the commit was refused");
}

async function readRecent(kv: KvLike, query: RequestQuery): Promise<Page<RequestRecord>> {
  const { tenantId, limit, cursor, between } = query;
  const start = cursor === undefined ? null : parseCursor(cursor);
  const prefix = requestChunksPrefix(tenantId);
  const end = start !== null
    ? [...requestChunkKey(tenantId, start.lastAtMs, start.instanceId), ""]
    : between === undefined
    ? null
    : [...prefix, between.toMs + CHUNK_SPAN_MAX_MS];
  // A chunk is named by its last record, and so is never before one that it holds.
  const selector = {
    start: [...prefix, between?.fromMs ?? 0],
    end: end ?? [...prefix, Number.MAX_SAFE_INTEGER],
  };
  const items: RequestRecord[] = [];
  let chunks = 0;
  for await (
    const { key, value } of kv.list<RequestRecord[]>(selector, { reverse: true, batchSize: 100 })
  ) {
    const chunk = chunkOf(key);
    const resumed = start !== null && start.lastAtMs === chunk.lastAtMs &&
      start.instanceId === chunk.instanceId;
    for (let index = (resumed ? start.index : value.length) - 1; index >= 0; index--) {
      const record = value[index];
      if (record === undefined || !matches(record, query)) continue;
      items.push(record);
      if (items.length === limit) return { items, cursor: formatCursor({ ...chunk, index }) };
    }
    if (++chunks === CHUNKS_READ_MAX) {
      return { items, cursor: formatCursor({ ...chunk, index: 0 }) };
    }
  }
  return { items, cursor: null };
}

function matches(record: RequestRecord, query: RequestQuery): boolean {
  const { status, keyId, route, requestId, between } = query;
  if (between !== undefined && (record.atMs < between.fromMs || record.atMs >= between.toMs)) {
    return false;
  }
  if (keyId !== undefined && record.keyId !== keyId) return false;
  if (route !== undefined && record.route !== route) return false;
  if (requestId !== undefined && record.requestId !== requestId) return false;
  if (status === undefined) return true;
  return status === "refused" ? record.status >= 400 : record.status < 400;
}

/** The next record to look at is the one before `index` in this chunk. */
interface Position {
  readonly lastAtMs: number;
  readonly instanceId: string;
  readonly index: number;
}

function chunkOf(key: Deno.KvKey): Omit<Position, "index"> {
  return { lastAtMs: Number(key[2]), instanceId: String(key[3]) };
}

function formatCursor({ lastAtMs, index, instanceId }: Position): string {
  return `${lastAtMs}.${index}.${instanceId}`;
}

function parseCursor(cursor: string): Position | null {
  const match = /^(\d{1,16})\.(\d{1,6})\.(.+)$/.exec(cursor);
  if (match === null) return null;
  const [, lastAtMs, index, instanceId] = match;
  return { lastAtMs: Number(lastAtMs), index: Number(index), instanceId: String(instanceId) };
}
