import { isDone, ledgerStage, type OutboxEntry } from "@/lib/domain/outbox.ts";
import { HOUR_MS, hourOf, MINUTE_MS } from "@/lib/domain/window.ts";
import type {
  DeliveredHour,
  MinuteSlot,
  OutboxStore,
  ParkedUnits,
} from "@/lib/ports/outbox_store.ts";
import type { Versioned } from "@/lib/ports/tenancy.ts";
import { commitOnce } from "./commit_once.ts";
import type { KvAtomicLike, KvLike } from "./kv_like.ts";
import { NEGATIVE, signedStage, sumLedger } from "./ledger_sums.ts";
import { minuteSlots } from "./minute_slots.ts";
import { DONE_KEEP_MS, type IndexRow, seal, type StoredEntry } from "./outbox_seal.ts";
import {
  deliveredHourKey,
  deliveredHoursPrefix,
  laneKey,
  lastFlushKey,
  ledgerPrefix,
  minuteOwnerKey,
  minuteSlotKey,
  outboxDoneKey,
  outboxDonePrefix,
  outboxIndexKey,
  outboxKey,
  outboxPrefix,
  parkedKey,
  parkedLine,
  parkedPrefix,
  tallyKey,
} from "./keys.ts";

export interface OutboxStoreOptions {
  readonly kv: KvLike;
  /** A word of this database that changes when it is restored from a copy (`databaseEpoch`). */
  readonly databaseEpoch: string;
}

const OWNERS_READ_MAX = 3_000;
const LIST = { batchSize: 500 };

interface LaneRow {
  readonly entryId: string;
  readonly untilMs: number;
}

export function createOutboxStore({ kv, databaseEpoch }: OutboxStoreOptions): OutboxStore {
  return {
    closedSlots: (query) => closedSlots(kv, query),
    seal: (source, payload) => seal(kv, { source, payload, databaseEpoch }),
    park: (slot) => park(kv, slot),
    parked: (query) => parked(kv, query),
    freeMinute: (query) => freeMinute(kv, query),
    async open({ limit, tenantId }) {
      const found: Versioned<OutboxEntry>[] = [];
      const selector = { prefix: outboxPrefix(tenantId) };
      for await (const entry of kv.list<StoredEntry>(selector, { ...LIST, limit })) {
        found.push(decodeEntry(entry));
      }
      return found;
    },
    find: (entryId) => find(kv, entryId),
    move: (from, to, options) => move(kv, { from, to, ...options }),
    deliveredUnits: (line) => deliveredUnits(kv, line),
    deliveredHours: (range) => deliveredHours(kv, range),
    sentEntries: (query) => sentEntries(kv, query),
    async noteFlush(nowMs) {
      await kv.set(lastFlushKey(), nowMs);
    },
  };
}

async function closedSlots(
  kv: KvLike,
  { beforeMs, limit, tenantId }: Parameters<OutboxStore["closedSlots"]>[0],
): Promise<readonly MinuteSlot[]> {
  const found: MinuteSlot[] = [];
  for await (const slot of minuteSlots(kv, { tenantId, beforeMs })) {
    found.push(slot);
    if (found.length === limit) break;
  }
  return found;
}

async function park(kv: KvLike, slot: MinuteSlot): Promise<boolean> {
  const key = minuteSlotKey(slot.minuteMs, slot.line);
  const { units, versionstamp } = slot;
  // A lost reply can't be told from another sealer's success, and need not be: the slot is gone.
  const commit = await commitOnce(
    () => {
      const atomic = kv.atomic().check({ key, versionstamp });
      sumLedger(atomic, slot.line, { stage: "sealed", units });
      return atomic.sum(parkedKey(slot.line), units).delete(key);
    },
    async () => {
      const found = await kv.get(key);
      return { kind: found.versionstamp === versionstamp ? "unchanged" : "changed" };
    },
  );
  return commit.ok;
}

async function parked(
  kv: KvLike,
  { limit, tenantId }: { readonly limit: number; readonly tenantId?: string },
): Promise<readonly ParkedUnits[]> {
  const found: ParkedUnits[] = [];
  const options = { ...LIST, limit };
  for await (const entry of kv.list<Deno.KvU64>({ prefix: parkedPrefix(tenantId) }, options)) {
    found.push({
      line: parkedLine(entry.key),
      units: entry.value.value,
      versionstamp: entry.versionstamp,
    });
  }
  return found;
}

async function freeMinute(
  kv: KvLike,
  query: Parameters<OutboxStore["freeMinute"]>[0],
): Promise<number | null> {
  const { stripeCustomerId, eventName, startMs, endMs, desiredMs } = query;
  const key = (minuteMs: number) => minuteOwnerKey(stripeCustomerId, eventName, minuteMs);
  const options = { ...LIST, limit: OWNERS_READ_MAX };
  let free = desiredMs;
  const earlier = { start: key(startMs), end: key(desiredMs + 1) };
  for await (const entry of kv.list(earlier, { ...options, reverse: true })) {
    if (Number(entry.key[3]) !== free) break;
    free -= MINUTE_MS;
  }
  if (free >= startMs) return free;
  free = desiredMs + MINUTE_MS;
  for await (const entry of kv.list({ start: key(free), end: key(endMs) }, options)) {
    if (Number(entry.key[3]) !== free) break;
    free += MINUTE_MS;
  }
  return free < endMs ? free : null;
}

async function find(kv: KvLike, entryId: string): Promise<Versioned<OutboxEntry> | null> {
  const { value: index } = await kv.get<IndexRow>(outboxIndexKey(entryId));
  if (index === null) return null;
  const { line, timestampMs } = index;
  const found = await kv.getMany<[StoredEntry, StoredEntry]>([
    outboxKey(line, entryId),
    outboxDoneKey({ ...line, timestampMs, entryId }),
  ]);
  for (const entry of found) if (entry.value !== null) return decodeEntry(entry);
  return null;
}

async function move(
  kv: KvLike,
  { from, to, lane, nowMs = 0 }: {
    readonly from: Versioned<OutboxEntry>;
    readonly to: OutboxEntry;
    readonly lane?: "take" | "leave";
    readonly nowMs?: number;
  },
): Promise<Versioned<OutboxEntry> | null> {
  const fromKey = placeOf(from.value);
  const toKey = placeOf(to);
  const laneAt = laneKey(to.stripeCustomerId, to.eventName);
  const standing = lane === "take" ? await kv.get<LaneRow>(laneAt) : null;
  if (standing !== null && standing.value !== null && standing.value.entryId !== to.entryId) {
    if (standing.value.untilMs > nowMs) return null;
  }
  const commit = await commitOnce(
    () => {
      const atomic = kv.atomic().check({ key: fromKey, versionstamp: from.versionstamp });
      if (standing !== null) {
        atomic.check({ key: laneAt, versionstamp: standing.versionstamp });
      }
      keepBooks(atomic, from.value, to);
      if (standing !== null) {
        const row: LaneRow = { entryId: to.entryId, untilMs: to.nextAttemptAtMs };
        atomic.set(laneAt, row, { expireIn: Math.max(1, row.untilMs - nowMs) });
      }
      if (lane === "leave") atomic.delete(laneAt);
      if (!sameKey(fromKey, toKey)) atomic.delete(fromKey);
      const options = isDone(to.state) ? { expireIn: DONE_KEEP_MS } : {};
      return atomic.set(toKey, { v: 1, ...to }, options);
    },
    async () => {
      const [source, target, laneNow] = await kv.getMany<[StoredEntry, StoredEntry, LaneRow]>([
        fromKey,
        toKey,
        laneAt,
      ]);
      if (source.versionstamp === from.versionstamp) {
        const laneMoved = standing !== null && laneNow.versionstamp !== standing.versionstamp;
        return { kind: laneMoved ? "changed" : "unchanged" };
      }
      return target.value !== null && sameMove(target.value, to)
        ? { kind: "mine", versionstamp: target.versionstamp }
        : { kind: "changed" };
    },
  );
  return commit.ok ? { value: to, versionstamp: commit.versionstamp } : null;
}

/** Rising counters of the books, first in the commit. */
function keepBooks(atomic: KvAtomicLike, from: OutboxEntry, to: OutboxEntry): void {
  if (from.state === to.state) return;
  const stage = ledgerStage(from.state, to.state);
  if (stage === null) return;
  const { units } = to;
  sumLedger(atomic, to, { stage, units });
  if (stage === "sent" || stage === "rejected") {
    const signed = signedStage(stage, units);
    atomic.sum(deliveredHourKey(signed.stage, hourOf(to.timestampMs), to), signed.units);
  }
  atomic.sum(tallyKey(stage, "entries"), 1n);
  if (from.state === "confirmed") atomic.sum(tallyKey("unconfirmed", "entries"), 1n);
  if (units > 0n) {
    atomic.sum(tallyKey(stage, "units"), units);
    if (from.state === "confirmed") atomic.sum(tallyKey("unconfirmed", "units"), units);
  }
}

function placeOf(entry: OutboxEntry): Deno.KvKey {
  return isDone(entry.state) ? outboxDoneKey(entry) : outboxKey(entry, entry.entryId);
}

function sameKey(a: Deno.KvKey, b: Deno.KvKey): boolean {
  return a.length === b.length && a[0] === b[0];
}

/** An attempt is told apart by its claim; all other moves have one meaning whoever makes them. */
function sameMove(found: OutboxEntry, to: OutboxEntry): boolean {
  return found.state === to.state && found.claim === to.claim && found.attempts === to.attempts &&
    found.reason === to.reason;
}

async function deliveredUnits(
  kv: KvLike,
  { tenantId, meter, periodId }: Parameters<OutboxStore["deliveredUnits"]>[0],
): Promise<bigint> {
  let units = 0n;
  const selector = { prefix: ledgerPrefix(tenantId, periodId) };
  for await (const { key, value } of kv.list<Deno.KvU64>(selector, LIST)) {
    const [, , , counted, , stage] = key.map(String);
    if (counted !== meter || !/^(sent|rejected)(_|$)/.test(stage ?? "")) continue;
    units += value.value * signOf(String(stage));
  }
  return units;
}

async function deliveredHours(
  kv: KvLike,
  { startMs, endMs, stripeCustomerId: only }: Parameters<OutboxStore["deliveredHours"]>[0],
): Promise<readonly DeliveredHour[]> {
  const hours = new Map<string, DeliveredHour & { units: bigint }>();
  const prefix = deliveredHoursPrefix();
  const selectors: Deno.KvListSelector[] = [];
  // Hours come before customers in the keys.
  for (let at = startMs; only !== undefined && at < endMs; at += HOUR_MS) {
    selectors.push({ prefix: [...prefix, at, only] });
  }
  if (only === undefined) selectors.push({ start: [...prefix, startMs], end: [...prefix, endMs] });
  for await (const { key, value } of listAll<Deno.KvU64>(kv, selectors)) {
    const [, hourMs, stripeCustomerId, eventName, tenantId, meter, stage] = key;
    const id = JSON.stringify(key.slice(0, -1).map(String));
    let hour = hours.get(id);
    if (hour === undefined) {
      hour = {
        startMs: Number(hourMs),
        stripeCustomerId: String(stripeCustomerId),
        eventName: String(eventName),
        tenantId: String(tenantId),
        meter: String(meter),
        units: 0n,
      };
      hours.set(id, hour);
    }
    hour.units += value.value * signOf(String(stage));
  }
  return [...hours.values()];
}

async function* listAll<T>(
  kv: KvLike,
  selectors: readonly Deno.KvListSelector[],
): AsyncGenerator<Deno.KvEntry<T>> {
  for (const selector of selectors) yield* kv.list<T>(selector, LIST);
}

function signOf(stage: string): bigint {
  const sign = stage.startsWith("rejected") ? -1n : 1n;
  return stage.endsWith(NEGATIVE) ? -sign : sign;
}

async function sentEntries(
  kv: KvLike,
  { tenantId, meter, startMs, endMs, limit }: Parameters<OutboxStore["sentEntries"]>[0],
): Promise<readonly Versioned<OutboxEntry>[]> {
  const found: Versioned<OutboxEntry>[] = [];
  const prefix = outboxDonePrefix(tenantId, meter);
  const selector = { start: [...prefix, startMs], end: [...prefix, endMs] };
  for await (const entry of kv.list<StoredEntry>(selector, LIST)) {
    if (entry.value.state === "sent") found.push(decodeEntry(entry));
    if (found.length === limit) break;
  }
  return found;
}

export function decodeEntry(entry: Deno.KvEntry<OutboxEntry>): Versioned<OutboxEntry> {
  return { value: entry.value, versionstamp: entry.versionstamp };
}
