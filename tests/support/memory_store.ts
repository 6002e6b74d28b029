import { encodeKey } from "./kv_key_codec.ts";
import { keepValue, type KeptValue, valueSize } from "./kv_values.ts";

/** One stored key. Entries are never changed in place, so a reader may keep one as a snapshot. */
export interface StoredEntry extends KeptValue {
  readonly encoded: string;
  readonly key: Deno.KvKey;
  readonly versionstamp: string;
  readonly expiresAtMs: number | null;
}

export type KvMutation =
  & { readonly key: Deno.KvKey }
  & (
    | { readonly type: "set"; readonly value: unknown; readonly expireIn?: number }
    | { readonly type: "delete" }
    | { readonly type: "sum" | "min" | "max"; readonly value: bigint }
  );

/** An atomic operation as data, in the order it was built. */
export interface KvAtomic {
  readonly checks: readonly Deno.AtomicCheck[];
  readonly mutations: readonly KvMutation[];
}

/** One mutation of a commit, as it went. */
export interface KvChange {
  readonly key: Deno.KvKey;
  readonly before: StoredEntry | null;
  readonly after: StoredEntry | null;
}

export const KV_LIMITS = {
  keyBytes: 2048,
  valueBytes: 65_536,
  checks: 100,
  mutations: 1000,
  mutationBytes: 819_200,
  keyBytesTotal: 81_920,
  getMany: 10,
  listBatch: 1000,
} as const;

/** SQLite sweeps expired keys about once a minute; until then they stay readable. */
const SWEEP_MS = 60_000;
const U64_MASK = (1n << 64n) - 1n;

/**
 * The synchronous heart of the in-memory store: an ordered map with versionstamps, atomic commits
 * and the limits of Deno KV. A mutation that errors leaves the earlier ones of its commit in place,
 * as SQLite does.
 */
export class MemoryStore {
  #entries = new Map<string, StoredEntry>();
  #order: string[] = [];
  #version = 0;
  #expiring = 0;
  /** Told of every commit that took effect, at that moment. */
  observer: ((changes: readonly KvChange[]) => void) | null = null;

  /** `nowMs` is the clock that `expireIn` runs on. */
  constructor(readonly nowMs: () => number = () => 0) {}

  get size(): number {
    return this.#entries.size;
  }

  get(key: Deno.KvKey): StoredEntry | null {
    return this.#find(checkedKey(key, "read"));
  }

  /** Entries in [from, to) of encoded keys, in order. */
  range(
    { from, to, limit, reverse }: { from: string; to: string; limit: number; reverse: boolean },
  ): StoredEntry[] {
    const found: StoredEntry[] = [];
    const first = this.#position(from);
    const end = this.#position(to);
    for (let step = 0; step < end - first && found.length < limit; step++) {
      const encoded = this.#order[reverse ? end - 1 - step : first + step];
      const entry = encoded === undefined ? null : this.#find(encoded);
      if (entry !== null) found.push(entry);
    }
    return found;
  }

  /** All keys under a prefix, as one snapshot. */
  entries(prefix: Deno.KvKey): StoredEntry[] {
    const from = encodeKey(prefix);
    return this.range({ from: from + "\x00", to: from + "\xff", limit: Infinity, reverse: false });
  }

  commit({ checks, mutations }: KvAtomic): Deno.KvCommitResult | Deno.KvCommitError {
    const { checkAt, mutationAt } = withinLimits(checks, mutations);
    for (let index = 0; index < checks.length; index++) {
      const found = this.#find(checkAt[index] ?? "")?.versionstamp ?? null;
      if (found !== checks[index]?.versionstamp) return { ok: false };
    }
    const versionstamp = (++this.#version).toString(16).padStart(16, "0") + "0000";
    const { observer } = this;
    const changes: KvChange[] = [];
    for (let index = 0; index < mutations.length; index++) {
      const [mutation, encoded] = [mutations[index], mutationAt[index]];
      if (mutation === undefined || encoded === undefined) continue;
      const before = this.#find(encoded);
      const after = this.#apply(mutation, { encoded, before, versionstamp });
      if (observer !== null) changes.push({ key: mutation.key, before, after });
    }
    observer?.(changes);
    return { ok: true, versionstamp };
  }

  #apply(
    mutation: KvMutation,
    { encoded, before, versionstamp }: {
      readonly encoded: string;
      readonly before: StoredEntry | null;
      readonly versionstamp: string;
    },
  ): StoredEntry | null {
    const { key, type } = mutation;
    if (type === "delete") {
      this.#remove(encoded);
      return null;
    }
    const { value, shared } = type === "set"
      ? keepValue(mutation.value)
      : { value: combine(mutation, before), shared: true };
    const expireIn = type === "set" ? mutation.expireIn : undefined;
    const expiresAtMs = expireIn === undefined ? null : this.nowMs() + Math.ceil(expireIn);
    if (expiresAtMs !== null) this.#expiring++;
    if (!this.#entries.has(encoded)) this.#order.splice(this.#position(encoded), 0, encoded);
    const after = { encoded, key, value, shared, versionstamp, expiresAtMs };
    this.#entries.set(encoded, after);
    return after;
  }

  #find(encoded: string): StoredEntry | null {
    return this.#live(this.#entries.get(encoded));
  }

  #remove(encoded: string): void {
    if (this.#entries.delete(encoded)) this.#order.splice(this.#position(encoded), 1);
  }

  #live(entry: StoredEntry | undefined): StoredEntry | null {
    if (entry === undefined) return null;
    if (this.#expiring === 0 || entry.expiresAtMs === null) return entry;
    const sweptAtMs = Math.ceil(entry.expiresAtMs / SWEEP_MS) * SWEEP_MS;
    return this.nowMs() < sweptAtMs ? entry : null;
  }

  /** The first position whose key is not below `encoded`. */
  #position(encoded: string): number {
    let low = 0;
    let high = this.#order.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#order[middle] ?? "") < encoded) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function combine(
  mutation: { readonly type: "sum" | "min" | "max"; readonly value: bigint },
  previous: StoredEntry | null,
): Deno.KvU64 {
  if (previous === null) return new Deno.KvU64(mutation.value);
  if (!(previous.value instanceof Deno.KvU64)) {
    throw new TypeError(`Failed to perform '${mutation.type}' mutation on a non-U64 value`);
  }
  const [left, right] = [previous.value.value, mutation.value];
  if (mutation.type === "sum") return new Deno.KvU64((left + right) & U64_MASK);
  const smaller = left < right ? left : right;
  return new Deno.KvU64(mutation.type === "min" ? smaller : left + right - smaller);
}

/** The key as it is stored. */
function checkedKey(key: Deno.KvKey, use: "read" | "write"): string {
  if (key.length === 0) throw new TypeError("Key cannot be empty");
  const encoded = encodeKey(key);
  if (encoded.length > KV_LIMITS.keyBytes) {
    throw new TypeError(`Key too large for ${use} (max ${KV_LIMITS.keyBytes} bytes)`);
  }
  return encoded;
}

/** The encoded keys of an operation that the store takes. */
function withinLimits(
  checks: readonly Deno.AtomicCheck[],
  mutations: readonly KvMutation[],
): { readonly checkAt: readonly string[]; readonly mutationAt: readonly string[] } {
  if (checks.length > KV_LIMITS.checks) {
    throw new TypeError(`Too many checks (max ${KV_LIMITS.checks})`);
  }
  if (mutations.length > KV_LIMITS.mutations) {
    throw new TypeError(`Too many mutations (max ${KV_LIMITS.mutations})`);
  }
  let keyBytes = 0;
  let bytes = 0;
  const encodedKey = (key: Deno.KvKey, use: "read" | "write") => {
    const encoded = checkedKey(key, use);
    keyBytes += encoded.length;
    return encoded;
  };
  const checkAt = checks.map(({ key }) => encodedKey(key, "read"));
  const mutationAt = mutations.map((mutation) => {
    const encoded = encodedKey(mutation.key, "write");
    bytes += mutationSize(mutation);
    return encoded;
  });
  if (bytes + keyBytes > KV_LIMITS.mutationBytes) {
    throw new TypeError(`Total mutation size too large (max ${KV_LIMITS.mutationBytes} bytes)`);
  }
  if (keyBytes > KV_LIMITS.keyBytesTotal) {
    throw new TypeError(`Total key size too large (max ${KV_LIMITS.keyBytesTotal} bytes)`);
  }
  return { checkAt, mutationAt };
}

function mutationSize(mutation: KvMutation): number {
  if (mutation.type === "delete") return 0;
  if (mutation.type !== "set") return 8;
  const size = valueSize(mutation.value);
  if (size > KV_LIMITS.valueBytes) {
    throw new TypeError(`Value too large (max ${KV_LIMITS.valueBytes} bytes)`);
  }
  return size;
}
