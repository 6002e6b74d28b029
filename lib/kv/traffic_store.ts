import type { KvLike } from "./kv_like.ts";
import type {
  RequestQuery,
  RequestRecord,
  TrafficCount,
  TrafficStore,
} from "@/lib/ports/traffic.ts";
import type { Page } from "@/lib/ports/tenancy.ts";
import { requestChunkKey, requestChunksPrefix, trafficKey, trafficPrefix } from "./keys.ts";

const RETENTION_MS = 7 * 86_400_000;
/** Chunks read for one page; bounds the work of a filter that matches little. */
const CHUNKS_READ_MAX = 400;

/** Request records in chunks, one per tenant and flush; hourly counts as KV counters. */
export function createTrafficStore(
  { kv, instanceId }: { kv: KvLike; instanceId: string },
): TrafficStore {
  return {
    async append({ tenantId, records }, counts) {
      const atomic = kv.atomic();
      for (const { hourStartMs, status, calls } of counts) {
        atomic.sum(trafficKey(tenantId, hourStartMs, status), BigInt(calls));
      }
      const last = records.at(-1);
      if (last !== undefined) {
        atomic.set(requestChunkKey(tenantId, last.atMs, instanceId), records, {
          expireIn: RETENTION_MS,
        });
      }
      const { ok } = await atomic.commit();
      if (!ok) throw new Error("Cannot append traffic: the commit was refused");
    },
    recent: (query) => readRecent(kv, query),
    async counts({ tenantId, fromMs, toMs }) {
      const found: TrafficCount[] = [];
      for await (const { key, value } of kv.list<Deno.KvU64>({ prefix: trafficPrefix(tenantId) })) {
        const [, owner, hourStartMs, status] = key;
        if (typeof owner !== "string" || typeof hourStartMs !== "number") continue;
        if (hourStartMs < fromMs || hourStartMs >= toMs || typeof status !== "number") continue;
        found.push({ tenantId: owner, hourStartMs, status, calls: Number(value.value) });
      }
      return found;
    },
  };
}

async function readRecent(kv: KvLike, query: RequestQuery): Promise<Page<RequestRecord>> {
  const { tenantId, limit, cursor } = query;
  const start = cursor === undefined ? null : parseCursor(cursor);
  const prefix = requestChunksPrefix(tenantId);
  const selector = start === null
    ? { prefix }
    : { prefix, end: [...requestChunkKey(tenantId, start.lastAtMs, start.instanceId), ""] };
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

function matches(record: RequestRecord, { status, keyId }: RequestQuery): boolean {
  if (keyId !== undefined && record.keyId !== keyId) return false;
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
