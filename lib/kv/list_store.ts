import { type ListEntry, LISTS_MAX } from "@/lib/domain/rating/screening.ts";
import type { ListHead, ListScope, ListStore, StampedOutcome } from "@/lib/ports/rating.ts";
import {
  screeningListKey,
  screeningListPartsPrefix,
  screeningListsPrefix,
  sharedListKey,
  sharedListPartsPrefix,
  sharedListsPrefix,
} from "./keys.ts";
import type { KvLike } from "./kv_like.ts";
import { commitMarked } from "./marked_commit.ts";
import { VERSION_MISMATCH } from "./version_condition.ts";

/** Writers at the same time may pass the limit together: what they wrote is still read. */
const LISTS_READ_MAX = 2 * LISTS_MAX;

/** Bytes of JSON in one part: below KV's 64 KiB. */
const PART_BYTES = 60_000;

/** Parts in one commit of at most 800 KiB. */
const COMMIT_PARTS = 10;

/** Keys that one read takes. */
const READ_KEYS = 10;

/** The head as stored: it names the generation of parts that belongs to it. */
interface StoredHead {
  readonly head: ListHead;
  readonly generation: string;
  readonly parts: number;
}

/**
 * Screening lists in Deno KV. A list is written beside the old one under a fresh generation, then
 * the head turns to it in one commit, then the old parts go; a reader sees one state or the other.
 */
export function createKvListStore(kv: KvLike): ListStore {
  return {
    lists: async (scope) => {
      const heads = [];
      const selector = { prefix: headsPrefix(scope) };
      for await (const entry of kv.list<StoredHead>(selector, { limit: LISTS_READ_MAX })) {
        heads.push({ value: entry.value.head, version: entry.versionstamp });
      }
      return heads;
    },

    entries: async (scope, { listId, version }) => {
      const entry = await kv.get<StoredHead>(headKey(scope, listId));
      if (entry.versionstamp !== version) return null;
      const { generation, parts } = entry.value;
      return await readParts(kv, partsPrefix(scope, { listId, generation }), parts);
    },

    putList: async (scope, { head, entries }, condition = {}): Promise<StampedOutcome> => {
      const { listId } = head;
      const key = headKey(scope, listId);
      const before = await kv.get<StoredHead>(key);
      const { ifVersion } = condition;
      if (ifVersion !== undefined && ifVersion !== before.versionstamp) return VERSION_MISMATCH;
      const generation = crypto.randomUUID();
      const prefix = partsPrefix(scope, { listId, generation });
      const parts = await writeParts(kv, prefix, entries);
      const stored: StoredHead = { head, generation, parts };
      const commit = await commitMarked(kv, kv.atomic().check(before).set(key, stored));
      const obsolete = commit.ok ? before.value : stored;
      if (obsolete !== null) {
        const { generation: old } = obsolete;
        await deleteParts(kv, partsPrefix(scope, { listId, generation: old }), obsolete.parts);
      }
      return commit.ok ? { ok: true, version: commit.versionstamp } : VERSION_MISMATCH;
    },
  };
}

function headKey(scope: ListScope, listId: string): Deno.KvKey {
  return scope.kind === "operator"
    ? sharedListKey(listId)
    : screeningListKey(scope.tenantId, listId);
}

function headsPrefix(scope: ListScope): Deno.KvKey {
  return scope.kind === "operator" ? sharedListsPrefix() : screeningListsPrefix(scope.tenantId);
}

function partsPrefix(
  scope: ListScope,
  { listId, generation }: { listId: string; generation: string },
): Deno.KvKey {
  return scope.kind === "operator"
    ? sharedListPartsPrefix(listId, generation)
    : screeningListPartsPrefix(scope.tenantId, listId, generation);
}

async function writeParts(
  kv: KvLike,
  prefix: Deno.KvKey,
  entries: readonly ListEntry[],
): Promise<number> {
  const parts = [...packed(entries)];
  for (let start = 0; start < parts.length; start += COMMIT_PARTS) {
    const write = kv.atomic();
    for (const [i, part] of parts.slice(start, start + COMMIT_PARTS).entries()) {
      write.set([...prefix, start + i], part);
    }
    const commit = await write.commit();
    if (!commit.ok) throw new Error("A commit without checks was refused");
  }
  return parts.length;
}

/** JSON arrays of entries, each as large as one value may be. */
function* packed(entries: readonly ListEntry[]): Generator<Uint8Array> {
  const encoder = new TextEncoder();
  let lines: string[] = [];
  let size = 2;
  for (const entry of entries) {
    const line = JSON.stringify(entry);
    const bytes = encoder.encode(line).length + 1;
    if (size + bytes > PART_BYTES && lines.length > 0) {
      yield encoder.encode(`[${lines.join(",")}]`);
      lines = [];
      size = 2;
    }
    lines.push(line);
    size += bytes;
  }
  if (lines.length > 0) yield encoder.encode(`[${lines.join(",")}]`);
}

/** Null when a part is gone, for then another generation has taken over. */
async function readParts(
  kv: KvLike,
  prefix: Deno.KvKey,
  count: number,
): Promise<readonly ListEntry[] | null> {
  const decoder = new TextDecoder();
  const entries: ListEntry[] = [];
  for (let start = 0; start < count; start += READ_KEYS) {
    const length = Math.min(READ_KEYS, count - start);
    const keys = Array.from({ length }, (_, i): Deno.KvKey => [...prefix, start + i]);
    for (const { value } of await kv.getMany<Uint8Array[]>(keys)) {
      if (value === null) return null;
      const part: ListEntry[] = JSON.parse(decoder.decode(value));
      entries.push(...part);
    }
  }
  return entries;
}

async function deleteParts(kv: KvLike, prefix: Deno.KvKey, count: number): Promise<void> {
  for (let part = 0; part < count; part += 1) await kv.delete([...prefix, part]);
}
