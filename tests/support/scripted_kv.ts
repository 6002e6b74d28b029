import type { KvAtomicLike, KvLike, KvListLike } from "@/lib/kv/kv_like.ts";
import { StorageUnavailable } from "@/lib/ports/storage.ts";

/** What happens to one commit. */
export type CommitFault =
  | "pass"
  /** It never arrives; the caller hears that nobody answered. */
  | "drop_before"
  /** It takes effect, and the reply is lost. */
  | "drop_after"
  /** The client repeats it by itself after a lost reply; the caller sees the last answer. */
  | "repeat"
  /** Nobody answers, and it takes effect when `land` is called. */
  | "late";

/**
 * A store whose next commits fail as told; reads work unless `readsFail` is set. It takes no sum
 * behind another mutation: SQLite would keep what stands before one that fails.
 */
export class ScriptedKv implements KvLike {
  readonly #script: CommitFault[] = [];
  readonly #late: (() => Promise<unknown>)[] = [];
  commits = 0;
  readsFail = false;
  /** Says no to every commit, for no reason that its caller could see. */
  refuses = false;
  /** Called before each commit; throws to simulate the end of the process. */
  beforeCommit: () => void | Promise<void> = () => {};

  constructor(readonly inner: KvLike) {}

  /** Faults of the commits that follow, in order; after them all pass. */
  script(...faults: readonly CommitFault[]): void {
    this.#script.push(...faults);
  }

  /**
   * Lets `count` commits through and holds those that follow until `until`, by default for ever, as of
   * a process that was killed. Resolves when the first one is held.
   */
  async holdAfter(count: number, until = new Promise<void>(() => {})): Promise<void> {
    const { promise: held, resolve } = Promise.withResolvers<void>();
    let left = count;
    this.beforeCommit = () => {
      if (left-- > 0) return;
      resolve();
      return until;
    };
    await held;
  }

  /** Commits that were under way arrive after all. */
  async land(): Promise<void> {
    for (const commit of this.#late.splice(0)) await commit();
  }

  get<T = unknown>(key: Deno.KvKey): Promise<Deno.KvEntryMaybe<T>> {
    return this.#read(() => this.inner.get<T>(key));
  }

  getMany<T extends readonly unknown[]>(
    keys: readonly [...{ [K in keyof T]: Deno.KvKey }],
  ): Promise<{ [K in keyof T]: Deno.KvEntryMaybe<T[K]> }> {
    return this.#read(() => this.inner.getMany<T>(keys));
  }

  set(
    key: Deno.KvKey,
    value: unknown,
    options: { expireIn?: number } = {},
  ): Promise<Deno.KvCommitResult> {
    return this.#read(() => this.inner.set(key, value, options));
  }

  delete(key: Deno.KvKey): Promise<void> {
    return this.#read(() => this.inner.delete(key));
  }

  list<T = unknown>(selector: Deno.KvListSelector, options?: Deno.KvListOptions): KvListLike<T> {
    if (this.readsFail) throw new StorageUnavailable("scripted");
    return this.inner.list<T>(selector, options);
  }

  atomic(): KvAtomicLike {
    const inner = this.inner.atomic();
    let mayFail = true;
    const last = () => {
      mayFail = false;
    };
    const first = () => {
      if (!mayFail) throw new Error("Sums come first");
    };
    const commit = () => this.#commit(() => inner.commit());
    return {
      check(...checks) {
        inner.check(...checks);
        return this;
      },
      set(key, value, options) {
        last();
        inner.set(key, value, options);
        return this;
      },
      delete(key) {
        last();
        inner.delete(key);
        return this;
      },
      sum(key, units) {
        first();
        inner.sum(key, units);
        return this;
      },
      max(key, units) {
        first();
        inner.max(key, units);
        return this;
      },
      commit,
    };
  }

  close(): void {
    this.inner.close();
  }

  async #read<T>(run: () => Promise<T>): Promise<T> {
    if (this.readsFail) throw new StorageUnavailable("scripted");
    return await run();
  }

  async #commit(
    run: () => Promise<Deno.KvCommitResult | Deno.KvCommitError>,
  ): Promise<Deno.KvCommitResult | Deno.KvCommitError> {
    this.commits += 1;
    await this.beforeCommit();
    if (this.refuses) return { ok: false };
    switch (this.#script.shift() ?? "pass") {
      case "pass":
        return await run();
      case "drop_before":
        throw new StorageUnavailable("scripted: dropped before");
      case "drop_after":
        await run();
        throw new StorageUnavailable("scripted: dropped after");
      case "repeat":
        await run();
        return await run();
      case "late":
        this.#late.push(run);
        throw new StorageUnavailable("scripted: late");
    }
  }
}
