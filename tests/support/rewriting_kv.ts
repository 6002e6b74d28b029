import type { KvAtomicLike, KvLike, KvListLike } from "@/lib/kv/kv_like.ts";
import { commitTo } from "./faulty_kv.ts";
import { MemoryAtomic } from "./memory_kv.ts";
import type { KvAtomic } from "./memory_store.ts";

export interface KvRewrites {
  /** What is committed in place of what was asked for. */
  readonly atomic?: (atomic: KvAtomic) => KvAtomic;
  /** What is read in place of what is stored. */
  readonly entry?: (entry: Deno.KvEntryMaybe<unknown>) => Deno.KvEntryMaybe<unknown>;
}

/** A store that lies in a chosen way: takes one protection out of code that is left as it is. */
export class RewritingKv implements KvLike {
  constructor(readonly inner: KvLike, readonly rewrites: KvRewrites) {}

  async get<T = unknown>(
    key: Deno.KvKey,
    options?: { consistency?: Deno.KvConsistencyLevel },
  ): Promise<Deno.KvEntryMaybe<T>> {
    return this.#entry(await this.inner.get<T>(key, options));
  }

  async getMany<T extends readonly unknown[]>(
    keys: readonly [...{ [K in keyof T]: Deno.KvKey }],
    options?: { consistency?: Deno.KvConsistencyLevel },
  ): Promise<{ [K in keyof T]: Deno.KvEntryMaybe<T[K]> }> {
    const entries: unknown = await this.inner.getMany<T>(keys, options);
    return (entries as Deno.KvEntryMaybe<unknown>[]).map((entry) => this.#entry(entry)) as {
      [K in keyof T]: Deno.KvEntryMaybe<T[K]>;
    };
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
    options?: Deno.KvListOptions,
  ): KvListLike<T> {
    const list = this.inner.list<T>(selector, options);
    const rewrite = (entry: Deno.KvEntry<T>) => this.#entry<T>(entry) as Deno.KvEntry<T>;
    return {
      get cursor() {
        return list.cursor;
      },
      async next() {
        const result = await list.next();
        return result.done === true ? result : { done: false, value: rewrite(result.value) };
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  atomic(): KvAtomicLike {
    const { atomic: rewrite = (atomic) => atomic } = this.rewrites;
    return new MemoryAtomic((atomic) => commitTo(this.inner, rewrite(atomic)));
  }

  close(): void {
    this.inner.close();
  }

  #entry<T>(entry: Deno.KvEntryMaybe<T>): Deno.KvEntryMaybe<T> {
    const { entry: rewrite } = this.rewrites;
    return rewrite === undefined ? entry : rewrite(entry) as Deno.KvEntryMaybe<T>;
  }
}
