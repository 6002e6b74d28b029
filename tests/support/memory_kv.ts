import type { KvAtomicLike, KvLike, KvListLike } from "@/lib/kv/kv_like.ts";
import { encodeKey } from "./kv_key_codec.ts";
import {
  KV_LIMITS,
  type KvAtomic,
  type KvMutation,
  MemoryStore,
  type StoredEntry,
} from "./memory_store.ts";
import { readValue } from "./kv_values.ts";

const DEFAULT_BATCH = 100;

/**
 * An in-memory store with the interface and behaviour of `Deno.Kv` (no watch, no queues). It is
 * checked against SQLite and against the npm implementation in `tests/contracts`.
 */
export class MemoryKv implements KvLike {
  constructor(readonly store: MemoryStore = new MemoryStore()) {}

  get<T = unknown>(
    key: Deno.KvKey,
    _options?: { consistency?: Deno.KvConsistencyLevel },
  ): Promise<Deno.KvEntryMaybe<T>> {
    return attempt(() => toEntry<T>(key, this.store.get(key)));
  }

  getMany<T extends readonly unknown[]>(
    keys: readonly [...{ [K in keyof T]: Deno.KvKey }],
    _options?: { consistency?: Deno.KvConsistencyLevel },
  ): Promise<{ [K in keyof T]: Deno.KvEntryMaybe<T[K]> }> {
    return attempt(() => {
      if (keys.length > KV_LIMITS.getMany) {
        throw new TypeError(`Too many ranges (max ${KV_LIMITS.getMany})`);
      }
      const entries = keys.map((key) => toEntry(key, this.store.get(key)));
      return entries as { [K in keyof T]: Deno.KvEntryMaybe<T[K]> };
    });
  }

  set(
    key: Deno.KvKey,
    value: unknown,
    options: { expireIn?: number } = {},
  ): Promise<Deno.KvCommitResult> {
    return attempt(() => {
      const outcome = this.store.commit({
        checks: [],
        mutations: [{ type: "set", key, value, ...options }],
      });
      if (!outcome.ok) throw new TypeError("A commit without checks cannot conflict");
      return outcome;
    });
  }

  delete(key: Deno.KvKey): Promise<void> {
    return attempt(() => {
      this.store.commit({ checks: [], mutations: [{ type: "delete", key }] });
    });
  }

  list<T = unknown>(
    selector: Deno.KvListSelector,
    options: Deno.KvListOptions = {},
  ): MemoryListIterator<T> {
    return new MemoryListIterator<T>(this.store, selector, options);
  }

  atomic(): MemoryAtomic {
    return new MemoryAtomic((atomic) => this.commit(atomic));
  }

  /** Commits an operation that was recorded elsewhere. */
  commit(atomic: KvAtomic): Promise<Deno.KvCommitResult | Deno.KvCommitError> {
    return attempt(() => this.store.commit(atomic));
  }

  close(): void {}

  [Symbol.dispose](): void {}
}

/** Collects an atomic operation as data and hands it to `commit` at the end. */
export class MemoryAtomic implements KvAtomicLike {
  readonly #checks: Deno.AtomicCheck[] = [];
  readonly #mutations: KvMutation[] = [];

  constructor(
    readonly send: (atomic: KvAtomic) => Promise<Deno.KvCommitResult | Deno.KvCommitError>,
  ) {}

  check(...checks: Deno.AtomicCheck[]): this {
    this.#checks.push(...checks.map(({ key, versionstamp }) => ({ key, versionstamp })));
    return this;
  }

  set(key: Deno.KvKey, value: unknown, options: { expireIn?: number } = {}): this {
    return this.#push({ type: "set", key, value, ...options });
  }

  delete(key: Deno.KvKey): this {
    return this.#push({ type: "delete", key });
  }

  sum(key: Deno.KvKey, value: bigint): this {
    return this.#push({ type: "sum", key, value: new Deno.KvU64(value).value });
  }

  min(key: Deno.KvKey, value: bigint): this {
    return this.#push({ type: "min", key, value: new Deno.KvU64(value).value });
  }

  max(key: Deno.KvKey, value: bigint): this {
    return this.#push({ type: "max", key, value: new Deno.KvU64(value).value });
  }

  commit(): Promise<Deno.KvCommitResult | Deno.KvCommitError> {
    return this.send({ checks: [...this.#checks], mutations: [...this.#mutations] });
  }

  #push(mutation: KvMutation): this {
    this.#mutations.push(mutation);
    return this;
  }
}

/** Reads a batch at a time: only the entries of one batch belong to one snapshot. */
export class MemoryListIterator<T> implements KvListLike<T> {
  #batch: StoredEntry[] = [];
  #next = 0;
  #yielded = 0;
  #last: string | null;
  #done = false;
  readonly #from: string;
  readonly #to: string;
  readonly #prefixLength: number;

  constructor(
    readonly store: MemoryStore,
    selector: Deno.KvListSelector,
    readonly options: Deno.KvListOptions,
  ) {
    const prefix = "prefix" in selector ? encodeKey(selector.prefix) : "";
    this.#prefixLength = prefix.length;
    this.#from = "start" in selector ? encodeKey(selector.start) : prefix + "\x00";
    this.#to = "end" in selector ? encodeKey(selector.end) : prefix + "\xff";
    if ("start" in selector && "end" in selector && this.#from > this.#to) {
      throw new TypeError("Start key is greater than end key");
    }
    this.#last = options.cursor === undefined || options.cursor === ""
      ? null
      : prefix + atob(options.cursor);
  }

  /** Where to go on after the last yielded entry; empty when the list ended before its limit. */
  get cursor(): string {
    return this.#last === null ? "" : btoa(this.#last.slice(this.#prefixLength));
  }

  next(): Promise<IteratorResult<Deno.KvEntry<T>, undefined>> {
    return attempt(() => this.#advance());
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #advance(): IteratorResult<Deno.KvEntry<T>, undefined> {
    if (this.#next >= this.#batch.length && !this.#done) this.#read();
    const entry = this.#batch[this.#next++];
    if (entry === undefined) {
      if (this.#yielded < (this.options.limit ?? Infinity)) this.#last = null;
      return { done: true, value: undefined };
    }
    this.#yielded++;
    this.#last = entry.encoded;
    return { done: false, value: toLive<T>(entry) };
  }

  #read(): void {
    const { limit = Infinity, batchSize, reverse = false } = this.options;
    const size = Math.min(batchSize ?? Math.min(limit, DEFAULT_BATCH), KV_LIMITS.listBatch);
    const count = Math.min(size, limit - this.#yielded);
    const after = this.#last === null ? this.#from : this.#last + "\x00";
    this.#batch = this.store.range({
      from: reverse ? this.#from : after,
      to: reverse && this.#last !== null ? this.#last : this.#to,
      limit: count,
      reverse,
    });
    this.#next = 0;
    this.#done = this.#batch.length < count || this.#yielded + this.#batch.length >= limit;
  }
}

function toEntry<T>(key: Deno.KvKey, entry: StoredEntry | null): Deno.KvEntryMaybe<T> {
  return entry === null ? { key, value: null, versionstamp: null } : toLive<T>(entry);
}

function toLive<T>(entry: StoredEntry): Deno.KvEntry<T> {
  return {
    key: entry.key,
    value: readValue(entry) as T,
    versionstamp: entry.versionstamp,
  };
}

/** Throws become rejections, as with the asynchronous original. */
function attempt<T>(run: () => T): Promise<T> {
  try {
    return Promise.resolve(run());
  } catch (error) {
    return Promise.reject(error);
  }
}
