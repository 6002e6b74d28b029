import type { KvAtomicLike, KvLike, KvListLike } from "@/lib/kv/kv_like.ts";
import { encodeKey } from "./kv_key_codec.ts";
import { MemoryAtomic, MemoryKv } from "./memory_kv.ts";
import type { KvAtomic } from "./memory_store.ts";
import type { Random } from "./random.ts";
import type { Label } from "./virtual_scheduler.ts";

/** How requests reach the store; with a scheduler behind it, each is a scheduling point. */
export interface Wire {
  carry<T>(label: Label, effect: () => Promise<T>): Promise<T>;
  /** The effect happens later, on its own; nobody hears of the outcome. */
  later(label: Label, effect: () => Promise<unknown>): void;
}

/** Probabilities per call. */
export interface KvFaultRates {
  /** A read, or a commit, fails and nothing happened. */
  readonly refused: number;
  /** SQLite's "database is locked": nothing happened. */
  readonly locked: number;
  /** The commit happened, its reply is lost. */
  readonly lostReply: number;
  /** The client repeats the commit by itself; the caller sees the last outcome only. */
  readonly repeated: number;
  /** No reply ever; the commit may still land, much later. */
  readonly hung: number;
  /** A read with `consistency: "eventual"` returns what this handle saw before. */
  readonly stale: number;
}

export const NO_KV_FAULTS: KvFaultRates = {
  refused: 0,
  locked: 0,
  lostReply: 0,
  repeated: 0,
  hung: 0,
  stale: 0,
};

/** What happened, for the report. */
export interface KvFaultCounts {
  calls: number;
  commits: number;
  refused: number;
  locked: number;
  lostReply: number;
  repeated: number;
  hung: number;
  stale: number;
}

export function newKvFaultCounts(): KvFaultCounts {
  return { ...NO_KV_FAULTS, calls: 0, commits: 0 };
}

const BATCH = 100;
/** A client repeats a commit a few times before the reply gets through. */
const REPEATS_MAX = 3;

/** A handle to a store that fails as a remote one does, by seed. Reads and commits are atomic. */
export class FaultyKv implements KvLike {
  readonly #seen = new Map<string, Deno.KvEntryMaybe<unknown>>();

  constructor(
    readonly inner: KvLike,
    readonly options: {
      readonly wire: Wire;
      readonly random: Random;
      /** Read at every call, so that faults can stop. */
      readonly rates: () => KvFaultRates;
      readonly counts: KvFaultCounts;
    },
  ) {}

  async get<T = unknown>(
    key: Deno.KvKey,
    options?: { consistency?: Deno.KvConsistencyLevel },
  ): Promise<Deno.KvEntryMaybe<T>> {
    const read = () => this.#read(() => `get ${name(key)}`, () => this.inner.get<T>(key, options));
    if (options?.consistency !== "eventual") return await read();
    const encoded = encodeKey(key);
    const before = this.#seen.get(encoded);
    if (before !== undefined && this.#strikes("stale")) {
      return await this.options.wire.carry(
        () => `stale ${name(key)}`,
        () => Promise.resolve(before as Deno.KvEntryMaybe<T>),
      );
    }
    const entry = await read();
    this.#seen.set(encoded, entry);
    return entry;
  }

  getMany<T extends readonly unknown[]>(
    keys: readonly [...{ [K in keyof T]: Deno.KvKey }],
    options?: { consistency?: Deno.KvConsistencyLevel },
  ): Promise<{ [K in keyof T]: Deno.KvEntryMaybe<T[K]> }> {
    return this.#read("getMany", () => this.inner.getMany<T>(keys, options));
  }

  async set(
    key: Deno.KvKey,
    value: unknown,
    options?: { expireIn?: number },
  ): Promise<Deno.KvCommitResult> {
    const outcome = await this.atomic().set(key, value, options).commit();
    if (!outcome.ok) throw new TypeError("A commit without checks cannot conflict");
    return outcome;
  }

  async delete(key: Deno.KvKey): Promise<void> {
    await this.atomic().delete(key).commit();
  }

  list<T = unknown>(
    selector: Deno.KvListSelector,
    options: Deno.KvListOptions = {},
  ): KvListLike<T> {
    return new BatchedList<T>(options, (page) =>
      this.#read("list", async () => {
        const list = this.inner.list<T>(selector, page);
        const entries: Deno.KvEntry<T>[] = [];
        for await (const entry of list) entries.push(entry);
        return { entries, cursor: list.cursor };
      }));
  }

  atomic(): KvAtomicLike {
    return new MemoryAtomic((atomic) => this.#commit(atomic));
  }

  close(): void {}

  #read<T>(label: Label, effect: () => Promise<T>): Promise<T> {
    this.options.counts.calls++;
    const { wire } = this.options;
    if (this.#strikes("hung")) return new Promise(() => {});
    if (this.#strikes("refused")) return wire.carry("read refused", () => refuse());
    return wire.carry(label, effect);
  }

  async #commit(atomic: KvAtomic): Promise<Deno.KvCommitResult | Deno.KvCommitError> {
    const { wire, random, counts } = this.options;
    counts.calls++;
    counts.commits++;
    const label = (what = "") => () => labelOf(atomic) + what;
    const apply = () => commitTo(this.inner, atomic);
    if (this.#strikes("lostReply")) {
      return await wire.carry(label(" lost"), async () => {
        await apply();
        return refuse();
      });
    }
    if (this.#strikes("locked")) {
      return await wire.carry(label(" locked"), () => refuse("database is locked"));
    }
    if (this.#strikes("refused")) return await wire.carry(label(" refused"), () => refuse());
    if (this.#strikes("hung")) {
      if (random.chance(0.5)) wire.later(label(" late"), apply);
      return await new Promise(() => {});
    }
    if (!this.#strikes("repeated")) return await wire.carry(label(), apply);
    let outcome = await wire.carry(label(), apply);
    for (let times = random.between(1, REPEATS_MAX); times > 0; times--) {
      outcome = await wire.carry(label(" again"), apply);
    }
    return outcome;
  }

  #strikes(fault: keyof KvFaultRates): boolean {
    const { random, rates, counts } = this.options;
    if (!random.chance(rates()[fault])) return false;
    counts[fault]++;
    return true;
  }
}

/** Plays a recorded atomic operation on another store. */
export function commitTo(
  kv: KvLike,
  recorded: KvAtomic,
): Promise<Deno.KvCommitResult | Deno.KvCommitError> {
  if (kv instanceof MemoryKv) return kv.commit(recorded);
  const { checks, mutations } = recorded;
  const atomic = kv.atomic().check(...checks);
  for (const mutation of mutations) {
    const { key } = mutation;
    if (mutation.type === "set") {
      const { value, expireIn } = mutation;
      atomic.set(key, value, expireIn === undefined ? {} : { expireIn });
    } else if (mutation.type === "delete") atomic.delete(key);
    else if (mutation.type === "sum") atomic.sum(key, mutation.value);
    else if (mutation.type === "max") atomic.max(key, mutation.value);
    else throw new TypeError("No store uses `min`");
  }
  return atomic.commit();
}

interface ListPage<T> {
  readonly entries: readonly Deno.KvEntry<T>[];
  /** Where the next batch goes on; empty after the last. */
  readonly cursor: string;
}

/** A list that is read a batch per request. */
class BatchedList<T> implements KvListLike<T> {
  #page: ListPage<T> = { entries: [], cursor: "" };
  #at = 0;
  #yielded = 0;
  #ended = false;

  constructor(
    readonly options: Deno.KvListOptions,
    readonly read: (page: Deno.KvListOptions) => Promise<ListPage<T>>,
  ) {
    this.#page = { entries: [], cursor: options.cursor ?? "" };
  }

  get cursor(): string {
    if (this.#at === this.#page.entries.length) return this.#page.cursor;
    throw new Error("Within a batch this stand-in has no cursor");
  }

  async next(): Promise<IteratorResult<Deno.KvEntry<T>, undefined>> {
    const { limit = Infinity, batchSize = BATCH } = this.options;
    if (this.#at >= this.#page.entries.length && !this.#ended) {
      const count = Math.min(batchSize, limit - this.#yielded);
      const { cursor } = this.#page;
      const from = cursor === "" ? {} : { cursor };
      if (count > 0) this.#page = await this.read({ ...this.options, ...from, limit: count });
      this.#at = 0;
      this.#ended = this.#page.entries.length < count || count <= 0;
    }
    const entry = this.#yielded < limit ? this.#page.entries[this.#at] : undefined;
    if (entry === undefined) return { done: true, value: undefined };
    this.#at++;
    this.#yielded++;
    return { done: false, value: entry };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

function refuse(message = "error sending request for url"): Promise<never> {
  return Promise.reject(new Error(message));
}

function labelOf({ mutations }: KvAtomic): string {
  const [first, ...more] = mutations;
  return first === undefined ? "commit" : `commit ${name(first.key)} +${more.length}`;
}

function name(key: Deno.KvKey): string {
  return key.map(String).join("/");
}
