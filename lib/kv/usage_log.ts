import type { Segment } from "@/lib/domain/segment.ts";
import { invariant } from "@/lib/domain/invariant.ts";
import type {
  AppendOutcome,
  AppendRequest,
  Ring,
  RingCursor,
  UsageLog,
} from "@/lib/ports/usage_log.ts";
import type { Versioned } from "@/lib/ports/tenancy.ts";
import { commitOnce, type ReadBack } from "./commit_once.ts";
import type { KvAtomicLike, KvLike } from "./kv_like.ts";
import {
  configEpochKey,
  replyKey,
  retiredUnitsKey,
  ringCursorKey,
  ringCursorsPrefix,
  ringKey,
  ringLeaseKey,
  segmentKey,
  segmentsPrefix,
  usageEventKey,
} from "./keys.ts";
import { applyGroup } from "./fold_groups.ts";
import { readReply, writeReply } from "./reply_codec.ts";
import { decodeSegment, encodeSegment, type StoredSegment } from "./segment_codec.ts";

export interface UsageLogOptions {
  readonly kv: KvLike;
  /** Segments that may wait for a fold; must never change while a ring of another size is open. */
  readonly ringSize?: number;
  /**
   * Replies and event marks that one commit may carry. A self-hosted server takes 10 checks, of which
   * three are the log's own; SQLite and Deno Deploy take 100.
   */
  readonly guardsMax?: number;
}

const RING_SIZE = 4_096;
const GUARDS_MAX = 6;
const GET_MANY_MAX = 10;
const DELETES_PER_COMMIT = 500;
const RINGS_MAX = 10_000;

interface StoredCursor extends RingCursor {
  readonly v: 1;
  /** The ring is being removed: a segment that is not there may have been. */
  readonly retired?: true;
}

export function createUsageLog(
  { kv, ringSize = RING_SIZE, guardsMax = GUARDS_MAX }: UsageLogOptions,
): UsageLog {
  return {
    ringSize,
    guardsMax,
    openRing: (instanceId, leaseUntilMs) => openRing(kv, instanceId, leaseUntilMs),
    append: (instanceId, request) =>
      append(kv, request, {
        key: segmentKey(instanceId, request.segment.seq % ringSize),
        instanceId,
      }),
    renewLease: (instanceId, lease) => renewLease(kv, instanceId, lease),
    rings: () => rings(kv),
    segments: (instanceId, { fromSeq, limit }) =>
      segments(kv, { instanceId, fromSeq, limit: Math.min(limit, ringSize), ringSize }),
    applyFold: (instanceId, { cursor, groups, next }) =>
      moveCursor(kv, instanceId, {
        cursor,
        next,
        apply: (atomic) => {
          for (const group of groups) applyGroup(atomic, group, { instanceId, cursor });
        },
      }),
    async fence(instanceId) {
      await kv.delete(ringKey(instanceId));
    },
    finish: (instanceId, cursor) => finish(kv, instanceId, cursor),
    retire: (instanceId, finished) => retire(kv, instanceId, finished),
  };
}

async function openRing(
  kv: KvLike,
  instanceId: string,
  leaseUntilMs: number,
): Promise<Versioned<RingCursor>> {
  const value: StoredCursor = { v: 1, fromSeq: 0, toSeq: 0, done: 0, foldedUnits: 0n };
  const key = ringKey(instanceId);
  const commit = await commitOnce(
    () =>
      kv.atomic()
        .check({ key, versionstamp: null })
        .check({ key: ringCursorKey(instanceId), versionstamp: null })
        .set(key, { v: 1 })
        .set(ringCursorKey(instanceId), value)
        .set(ringLeaseKey(instanceId), leaseUntilMs),
    async () => {
      const cursor = await kv.get<StoredCursor>(ringCursorKey(instanceId));
      return cursor.value === null ? { kind: "unchanged" } : mine(cursor);
    },
  );
  invariant(commit.ok, "An instance id is used twice");
  return { value, versionstamp: commit.versionstamp };
}

async function renewLease(
  kv: KvLike,
  instanceId: string,
  { ring, untilMs }: { readonly ring: string; readonly untilMs: number },
): Promise<boolean> {
  const key = ringKey(instanceId);
  const commit = await kv.atomic()
    .check({ key, versionstamp: ring })
    .set(ringLeaseKey(instanceId), untilMs)
    .commit();
  return commit.ok;
}

async function append(
  kv: KvLike,
  request: AppendRequest,
  { key, instanceId }: { readonly key: Deno.KvKey; readonly instanceId: string },
): Promise<AppendOutcome> {
  const { segment, replies, events } = request;
  const stored = encodeSegment(request);
  let refusal: Refused | null = null;
  const commit = await commitOnce(
    () => {
      const atomic = kv.atomic()
        .check({ key, versionstamp: request.overwrites })
        .check({ key: ringKey(instanceId), versionstamp: request.ring });
      if (request.epoch !== undefined) {
        atomic.check({ key: configEpochKey(), versionstamp: request.epoch });
      }
      for (const { reply, replaces } of replies) {
        writeReply(atomic, reply, { replaces, nowMs: segment.windowStartMs });
      }
      for (const { tenantId, source, id, expiresAtMs } of events) {
        const event = usageEventKey(tenantId, source, id);
        atomic.check({ key: event, versionstamp: null })
          .set(event, expiresAtMs, { expireIn: expiresAtMs - segment.windowStartMs });
      }
      return atomic.set(key, stored);
    },
    async () => {
      const look = await lookAround(kv, request, { key, instanceId });
      refusal = look.refusal;
      return look.readBack;
    },
  );
  if (commit.ok) return { kind: "committed", versionstamp: commit.versionstamp };
  invariant(refusal !== null, "A refused append was looked at");
  return refusal;
}

type Refused = AppendOutcome & { readonly kind: "refused" };

/**
 * Looks at every key that an append guards. Replies and marks only ever appear, so those beyond the
 * first read need no snapshot with it.
 */
async function lookAround(
  kv: KvLike,
  request: AppendRequest,
  { key, instanceId }: { readonly key: Deno.KvKey; readonly instanceId: string },
): Promise<{ readBack: ReadBack; refusal: Refused }> {
  const { replies, events } = request;
  const [segment, ring, epoch, cursor, ...guards] = await readAll(kv, [
    key,
    ringKey(instanceId),
    configEpochKey(),
    ringCursorKey(instanceId),
    ...replies.map(({ reply }) => replyKey(reply.tenantId, reply.idempotencyKey)),
    ...events.map(({ tenantId, source, id }) => usageEventKey(tenantId, source, id)),
  ]);
  invariant(segment && ring && epoch && cursor, "A read returns an entry for each key");
  const stored = segment.value === null ? null : segment.value as StoredSegment;
  const found = stored === null || segment.versionstamp === null
    ? null
    : { versionstamp: segment.versionstamp, mark: stored.mark, seq: stored.seq };
  const taken = await Promise.all(replies.map(async ({ reply, replaces }, index) => {
    const guard = guards[index];
    if (guard === undefined || guard.versionstamp === replaces) return null;
    return (await readReply(kv, reply))?.value ?? null;
  }));
  const counted = events.map((_, index) => {
    const guard = guards[replies.length + index];
    return guard !== undefined && guard.versionstamp !== null;
  });
  const standing = cursor.value === null ? null : cursor.value as StoredCursor;
  const refusal: Refused = {
    kind: "refused",
    certain: standing !== null && standing.retired !== true &&
      segment.versionstamp === request.overwrites,
    fenced: ring.versionstamp !== request.ring,
    found,
    epoch: epoch.versionstamp,
    replies: taken,
    events: counted,
  };
  if (found !== null && found.seq === request.segment.seq && found.mark === request.mark) {
    return { readBack: { kind: "mine", versionstamp: found.versionstamp }, refusal };
  }
  const changed = refusal.fenced || segment.versionstamp !== request.overwrites ||
    (request.epoch !== undefined && epoch.versionstamp !== request.epoch) ||
    taken.some((reply) => reply !== null) || counted.includes(true);
  return { readBack: { kind: changed ? "changed" : "unchanged" }, refusal };
}

async function readAll(
  kv: KvLike,
  keys: readonly Deno.KvKey[],
): Promise<Deno.KvEntryMaybe<unknown>[]> {
  const found: Deno.KvEntryMaybe<unknown>[] = [];
  for (let at = 0; at < keys.length; at += GET_MANY_MAX) {
    found.push(...await kv.getMany<unknown[]>(keys.slice(at, at + GET_MANY_MAX)));
  }
  return found;
}

async function rings(kv: KvLike): Promise<readonly Ring[]> {
  const found: Ring[] = [];
  const options = { limit: RINGS_MAX, batchSize: 500 };
  for await (const entry of kv.list<StoredCursor>({ prefix: ringCursorsPrefix() }, options)) {
    const instanceId = String(entry.key[1]);
    const [ring, lease] = await kv.getMany<[unknown, number]>([
      ringKey(instanceId),
      ringLeaseKey(instanceId),
    ]);
    found.push({
      instanceId,
      cursor: decodeCursor(entry),
      open: ring.versionstamp !== null,
      leaseUntilMs: lease.value ?? 0,
    });
  }
  return found;
}

async function segments(
  kv: KvLike,
  { instanceId, fromSeq, limit, ringSize }: {
    readonly instanceId: string;
    readonly fromSeq: number;
    readonly limit: number;
    readonly ringSize: number;
  },
): Promise<readonly Segment[]> {
  const found: Segment[] = [];
  while (found.length < limit) {
    const count = Math.min(GET_MANY_MAX, limit - found.length);
    const keys = Array.from(
      { length: count },
      (_, index) => segmentKey(instanceId, (fromSeq + found.length + index) % ringSize),
    );
    for (const { value } of await kv.getMany<StoredSegment[]>(keys)) {
      if (value === null || value.seq !== fromSeq + found.length) return found;
      found.push(decodeSegment(value, instanceId));
    }
  }
  return found;
}

async function moveCursor(
  kv: KvLike,
  instanceId: string,
  { cursor, next, apply }: {
    readonly cursor: Versioned<RingCursor>;
    readonly next: Omit<StoredCursor, "v">;
    readonly apply: (atomic: KvAtomicLike) => void;
  },
): Promise<Versioned<RingCursor> | null> {
  const key = ringCursorKey(instanceId);
  const commit = await commitOnce(
    () => {
      const atomic = kv.atomic().check({ key, versionstamp: cursor.versionstamp });
      apply(atomic);
      return atomic.set(key, { v: 1, ...next });
    },
    async () => {
      const entry = await kv.get<StoredCursor>(key);
      if (entry.versionstamp === cursor.versionstamp) return { kind: "unchanged" };
      // Whoever wrote this cursor applied the same groups: they follow from the segments alone.
      return entry.value !== null && sameCursor(entry.value, next)
        ? { kind: "mine", versionstamp: entry.versionstamp }
        : { kind: "changed" };
    },
  );
  return commit.ok ? { value: next, versionstamp: commit.versionstamp } : null;
}

async function finish(
  kv: KvLike,
  instanceId: string,
  cursor: Versioned<RingCursor>,
): Promise<Versioned<RingCursor> | null> {
  const { value } = cursor;
  invariant(value.fromSeq === value.toSeq, "A ring is finished after its fold, not during it");
  const next = { ...value, retired: true } as const;
  return await moveCursor(kv, instanceId, { cursor, next, apply: () => {} });
}

async function retire(
  kv: KvLike,
  instanceId: string,
  { value, versionstamp }: Versioned<RingCursor>,
): Promise<boolean> {
  await deleteSegments(kv, instanceId);
  const key = ringCursorKey(instanceId);
  const commit = await commitOnce(
    () => {
      const atomic = kv.atomic()
        .check({ key, versionstamp })
        .check({ key: ringKey(instanceId), versionstamp: null });
      if (value.foldedUnits > 0n) atomic.sum(retiredUnitsKey(), value.foldedUnits);
      return atomic.delete(key).delete(ringLeaseKey(instanceId));
    },
    async () => {
      const found = await kv.get(key);
      if (found.versionstamp === versionstamp) return { kind: "unchanged" };
      return found.versionstamp === null ? { kind: "mine", versionstamp } : { kind: "changed" };
    },
  );
  return commit.ok;
}

async function deleteSegments(kv: KvLike, instanceId: string): Promise<void> {
  const keys: Deno.KvKey[] = [];
  const options = { batchSize: 500 };
  for await (const { key } of kv.list({ prefix: segmentsPrefix(instanceId) }, options)) {
    keys.push(key);
  }
  for (let at = 0; at < keys.length; at += DELETES_PER_COMMIT) {
    const atomic = kv.atomic();
    for (const key of keys.slice(at, at + DELETES_PER_COMMIT)) atomic.delete(key);
    await atomic.commit();
  }
}

function decodeCursor(entry: Deno.KvEntry<StoredCursor>): Versioned<RingCursor> {
  const { fromSeq, toSeq, done, foldedUnits } = entry.value;
  return { value: { fromSeq, toSeq, done, foldedUnits }, versionstamp: entry.versionstamp };
}

function sameCursor(a: Omit<StoredCursor, "v">, b: Omit<StoredCursor, "v">): boolean {
  return a.fromSeq === b.fromSeq && a.toSeq === b.toSeq && a.done === b.done &&
    a.foldedUnits === b.foldedUnits && a.retired === b.retired;
}

function mine(entry: Deno.KvEntry<unknown>): ReadBack {
  return { kind: "mine", versionstamp: entry.versionstamp };
}
