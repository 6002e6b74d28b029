import type { KvAtomicLike, KvLike, KvListLike } from "@/lib/kv/kv_like.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import { encodeKey } from "@/tests/support/kv_key_codec.ts";
import { valueSize } from "@/tests/support/kv_values.ts";

interface Row {
  readonly key: Deno.KvKey;
  readonly value: unknown;
  readonly versionstamp: string;
  readonly expiresAtMs: number;
}

type Rows = Map<string, Row>;

/** Below KV's limits of 1,000 mutations and 800 KiB a commit. */
const MUTATIONS_MAX = 800;
const BYTES_MAX = 500_000;
const SOON_MS = 3_600_000;

/**
 * A database in memory that the product's own stores write into at the speed of a map, and that is
 * emptied into a real one in large commits. Its clock may be of the past: what would have expired by
 * the time of emptying is not written, and everything else for the rest of its life only.
 *
 * Counters go over as sums, so that one which several stagings share (tallies, retired units) comes
 * out right; for that the target must have been empty before the first of them.
 */
export class StagingKv implements KvLike {
  /** By the first key part, then by the first two, so that a list looks at few rows. */
  readonly #rooms = new Map<string, Map<string, Rows>>();
  #commits = 0;

  constructor(private readonly clock: Clock) {}

  get<T = unknown>(key: Deno.KvKey): Promise<Deno.KvEntryMaybe<T>> {
    return Promise.resolve(this.#entry<T>(key));
  }

  getMany<T extends readonly unknown[]>(
    keys: readonly [...{ [K in keyof T]: Deno.KvKey }],
  ): Promise<{ [K in keyof T]: Deno.KvEntryMaybe<T[K]> }> {
    const entries = keys.map((key) => this.#entry(key));
    return Promise.resolve(entries as { [K in keyof T]: Deno.KvEntryMaybe<T[K]> });
  }

  async set(
    key: Deno.KvKey,
    value: unknown,
    options?: { expireIn?: number },
  ): Promise<Deno.KvCommitResult> {
    const commit = await this.atomic().set(key, value, options).commit();
    if (!commit.ok) throw new Error("A commit without checks was refused");
    return commit;
  }

  async delete(key: Deno.KvKey): Promise<void> {
    await this.atomic().delete(key).commit();
  }

  list<T = unknown>(
    selector: Deno.KvListSelector,
    options: Deno.KvListOptions = {},
  ): KvListLike<T> {
    const rows = this.#select(selector, options);
    let at = 0;
    return {
      cursor: "",
      next: () => {
        const row = rows[at++];
        if (row === undefined) return Promise.resolve({ done: true, value: undefined });
        const { key, value, versionstamp } = row;
        return Promise.resolve({ done: false, value: { key, value: value as T, versionstamp } });
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  atomic(): KvAtomicLike {
    return new StagingAtomic({
      versionstamp: (key) => this.#find(key)?.versionstamp ?? null,
      commit: (writes) => {
        this.#commits += 1;
        const versionstamp = this.#commits.toString(16).padStart(20, "0");
        for (const write of writes) this.#apply(write, versionstamp);
        return versionstamp;
      },
    });
  }

  close(): void {}

  /**
   * Writes everything into `target`, or only the rooms named (first key parts), and forgets it. Says
   * how many rows that were. What would expire within the hour is left out: whether it is still there
   * when somebody looks would hang on how long the seeding took.
   */
  async empty(
    target: Pick<KvLike, "atomic">,
    { atMs, rooms }: { readonly atMs: number; readonly rooms?: ReadonlySet<string> },
  ): Promise<number> {
    let written = 0;
    let batch = target.atomic();
    let mutations = 0;
    let bytes = 0;
    const flush = async () => {
      if (mutations === 0) return;
      const { ok } = await batch.commit();
      if (!ok) throw new Error("A commit without checks was refused");
      [batch, mutations, bytes] = [target.atomic(), 0, 0];
    };
    for (const [name, buckets] of this.#rooms) {
      if (rooms !== undefined && !rooms.has(name)) continue;
      for (const rows of buckets.values()) {
        for (const [encoded, { key, value, expiresAtMs }] of rows) {
          if (expiresAtMs <= atMs + SOON_MS) continue;
          const size = encoded.length + valueSize(value);
          if (mutations >= MUTATIONS_MAX || bytes + size > BYTES_MAX) await flush();
          if (value instanceof Deno.KvU64) batch.sum(key, value.value);
          else if (expiresAtMs === Infinity) batch.set(key, value);
          else batch.set(key, value, { expireIn: expiresAtMs - atMs });
          mutations += 1;
          bytes += size;
          written += 1;
        }
      }
      this.#rooms.delete(name);
    }
    await flush();
    return written;
  }

  #apply(write: Write, versionstamp: string): void {
    const { key } = write;
    const name = String(key[0]);
    let buckets = this.#rooms.get(name);
    if (buckets === undefined) this.#rooms.set(name, buckets = new Map());
    const bucket = encodeKey(key.slice(0, 2));
    let rows = buckets.get(bucket);
    if (rows === undefined) buckets.set(bucket, rows = new Map());
    const encoded = encodeKey(key);
    if (write.kind === "delete") {
      rows.delete(encoded);
      if (rows.size === 0) buckets.delete(bucket);
      return;
    }
    const expiresAtMs = write.kind === "set" && write.expireIn !== undefined
      ? this.clock.nowMs() + write.expireIn
      : Infinity;
    const before = rows.get(encoded)?.value;
    const counted = before instanceof Deno.KvU64 ? before.value : 0n;
    const value = write.kind === "set"
      ? write.value
      : write.kind === "sum"
      ? new Deno.KvU64(counted + write.units)
      : new Deno.KvU64(counted > write.units ? counted : write.units);
    rows.set(encoded, { key, value, versionstamp, expiresAtMs });
  }

  #find(key: Deno.KvKey): Row | undefined {
    const bucket = this.#rooms.get(String(key[0]))?.get(encodeKey(key.slice(0, 2)));
    return bucket?.get(encodeKey(key));
  }

  #entry<T>(key: Deno.KvKey): Deno.KvEntryMaybe<T> {
    const row = this.#find(key);
    if (row === undefined) return { key, value: null, versionstamp: null };
    return { key, value: row.value as T, versionstamp: row.versionstamp };
  }

  #select(selector: Deno.KvListSelector, { reverse, limit }: Deno.KvListOptions): readonly Row[] {
    const prefix = "prefix" in selector ? selector.prefix : commonStart(selector);
    const from = "start" in selector ? encodeKey(selector.start) : encodeKey(prefix);
    const to = "end" in selector ? encodeKey(selector.end) : encodeKey(prefix) + "\xff";
    const own = "prefix" in selector ? encodeKey(prefix) : null;
    const buckets = this.#rooms.get(String(prefix[0])) ?? new Map<string, Rows>();
    const looked = prefix.length < 2
      ? [...buckets.values()]
      : [buckets.get(encodeKey(prefix.slice(0, 2))) ?? new Map()];
    const found: [string, Row][] = [];
    for (const rows of looked) {
      for (const [encoded, row] of rows) {
        if (encoded >= from && encoded < to && encoded !== own) found.push([encoded, row]);
      }
    }
    found.sort(([a], [b]) => a < b ? -1 : 1);
    if (reverse === true) found.reverse();
    return found.slice(0, limit).map(([, row]) => row);
  }
}

type Write =
  | {
    readonly kind: "set";
    readonly key: Deno.KvKey;
    readonly value: unknown;
    readonly expireIn: number | undefined;
  }
  | { readonly kind: "sum" | "max"; readonly key: Deno.KvKey; readonly units: bigint }
  | { readonly kind: "delete"; readonly key: Deno.KvKey };

class StagingAtomic implements KvAtomicLike {
  readonly #checks: Deno.AtomicCheck[] = [];
  readonly #writes: Write[] = [];

  constructor(
    private readonly store: {
      readonly versionstamp: (key: Deno.KvKey) => string | null;
      readonly commit: (writes: readonly Write[]) => string;
    },
  ) {}

  check(...checks: Deno.AtomicCheck[]): this {
    this.#checks.push(...checks);
    return this;
  }

  set(key: Deno.KvKey, value: unknown, options: { expireIn?: number } = {}): this {
    this.#writes.push({ kind: "set", key, value, expireIn: options.expireIn });
    return this;
  }

  delete(key: Deno.KvKey): this {
    this.#writes.push({ kind: "delete", key });
    return this;
  }

  sum(key: Deno.KvKey, units: bigint): this {
    this.#writes.push({ kind: "sum", key, units });
    return this;
  }

  max(key: Deno.KvKey, units: bigint): this {
    this.#writes.push({ kind: "max", key, units });
    return this;
  }

  commit(): Promise<Deno.KvCommitResult | Deno.KvCommitError> {
    const fits = this.#checks.every(({ key, versionstamp }) =>
      this.store.versionstamp(key) === versionstamp
    );
    if (!fits) return Promise.resolve({ ok: false });
    return Promise.resolve({ ok: true, versionstamp: this.store.commit(this.#writes) });
  }
}

/** The parts that both bounds share: everything between them has these too. */
function commonStart({ start, end }: { readonly start: Deno.KvKey; readonly end: Deno.KvKey }) {
  const differs = start.findIndex((part, at) => part !== end[at]);
  return differs === -1 ? start : start.slice(0, differs);
}
