import { StorageUnavailable } from "@/lib/ports/storage.ts";
import type { Scheduler } from "@/lib/ports/scheduler.ts";
import { sleep } from "@/lib/ports/scheduler.ts";
import type { Ids } from "@/lib/ports/ids.ts";
import { checkForm } from "./formats.ts";
import type { KvAtomicLike, KvLike, KvListLike } from "./kv_like.ts";

export interface TimedKvOptions {
  readonly scheduler: Scheduler;
  readonly ids: Ids;
  /** Longest wait for one answer of the database. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 2_000;
/** SQLite files shared by processes answer "database is locked"; such a call changed nothing. */
const LOCKED_TRIES = 8;
const LOCKED_BACKOFF_MS = 4;
/** Turns of the microtask queue after which an entry of a list is not one that was read already. */
const BUFFERED_TURNS = 4;

/**
 * Puts a time limit on every call, retries what the database says it did not do, and turns
 * everything else that is no programmer error into `StorageUnavailable`. A timed-out commit is of
 * unknown outcome: `commitOnce` reads it back. Values that a newer build wrote are refused here.
 */
export function createTimedKv(kv: KvLike, options: TimedKvOptions): KvLike {
  const call = <T>(run: () => Promise<T>) => callWithin(run, options);
  return {
    get: async <T>(key: Deno.KvKey, readOptions?: ReadOptions) => {
      const entry = await call(() => kv.get<T>(key, readOptions)).catch(absentIfTooLong(key));
      checkForm(entry);
      return entry;
    },
    getMany: async (keys, readOptions) => {
      const entries = await call(() => kv.getMany(keys, readOptions));
      for (const entry of entries) checkForm(entry);
      return entries;
    },
    set: (key, value, setOptions) => call(() => kv.set(key, value, setOptions)),
    delete: (key) => call(() => kv.delete(key)),
    list: (selector, listOptions) => new TimedList(kv.list(selector, listOptions), call),
    atomic: () => new TimedAtomic(kv.atomic(), call),
    close: () => kv.close(),
  };
}

/** Ids in addresses are of any length. Under a key that is too long nothing can lie. */
function absentIfTooLong(key: Deno.KvKey): (error: unknown) => AbsentEntry {
  return (error) => {
    if (isKeyTooLong(error)) return { key, value: null, versionstamp: null };
    throw error;
  };
}

function isKeyTooLong(error: unknown): boolean {
  return error instanceof TypeError && /^Key too large for read/.test(error.message);
}

interface AbsentEntry {
  readonly key: Deno.KvKey;
  readonly value: null;
  readonly versionstamp: null;
}

interface ReadOptions {
  readonly consistency?: Deno.KvConsistencyLevel;
}

type Call = <T>(run: () => Promise<T>) => Promise<T>;

async function callWithin<T>(run: () => Promise<T>, options: TimedKvOptions): Promise<T> {
  for (let attempt = 1;; attempt++) {
    try {
      return await withTimeout(run, options);
    } catch (error) {
      if (isLocked(error) && attempt < LOCKED_TRIES) {
        const [random = 0] = options.ids.bytes(1);
        const delayMs = Math.ceil(LOCKED_BACKOFF_MS * 2 ** attempt * (0.5 + random / 512));
        await sleep(options.scheduler, delayMs);
        continue;
      }
      if (error instanceof StorageUnavailable || isProgrammerError(error)) throw error;
      throw new StorageUnavailable("The database did not answer", { cause: error });
    }
  }
}

function withTimeout<T>(run: () => Promise<T>, options: TimedKvOptions): Promise<T> {
  const { scheduler, timeoutMs = TIMEOUT_MS } = options;
  return new Promise((resolve, reject) => {
    const cancel = scheduler.after(timeoutMs, () => {
      reject(new StorageUnavailable(`The database gave no answer within ${timeoutMs} ms`));
    });
    run().then((value) => {
      cancel();
      resolve(value);
    }, (error) => {
      cancel();
      reject(error);
    });
  });
}

function isLocked(error: unknown): boolean {
  return error instanceof Error && /database (table )?is locked|SQLITE_BUSY/i.test(error.message);
}

function isProgrammerError(error: unknown): boolean {
  return error instanceof TypeError || error instanceof RangeError;
}

/** Under a prefix that is too long nothing can lie either. */
function endIfTooLong(error: unknown): IteratorReturnResult<undefined> {
  if (isKeyTooLong(error)) return { done: true, value: undefined };
  throw error;
}

class TimedAtomic implements KvAtomicLike {
  constructor(private readonly inner: KvAtomicLike, private readonly call: Call) {}

  check(...checks: Deno.AtomicCheck[]): this {
    this.inner.check(...checks);
    return this;
  }

  set(key: Deno.KvKey, value: unknown, options?: { expireIn?: number }): this {
    this.inner.set(key, value, options);
    return this;
  }

  delete(key: Deno.KvKey): this {
    this.inner.delete(key);
    return this;
  }

  sum(key: Deno.KvKey, units: bigint): this {
    this.inner.sum(key, units);
    return this;
  }

  max(key: Deno.KvKey, units: bigint): this {
    this.inner.max(key, units);
    return this;
  }

  commit(): Promise<Deno.KvCommitResult | Deno.KvCommitError> {
    return this.call(() => this.inner.commit());
  }
}

class TimedList<T> implements KvListLike<T> {
  constructor(private readonly inner: KvListLike<T>, private readonly call: Call) {}

  get cursor(): string {
    return this.inner.cursor;
  }

  /**
   * A database reads a list in batches, so that nearly every entry is there already and comes within a
   * turn of the microtask queue. Only one that doesn't gets a time limit: a timer for each entry would
   * take several times as long as reading it.
   */
  async next(): Promise<IteratorResult<Deno.KvEntry<T>, undefined>> {
    const first = this.inner.next();
    let arrived = false;
    let failed = false;
    first.then(() => arrived = true, () => failed = true);
    for (let turn = 0; turn < BUFFERED_TURNS && !arrived && !failed; turn++) await null;
    const result = arrived ? await first : await this.#waitFor(first).catch(endIfTooLong);
    if (result.done !== true) checkForm(result.value);
    return result;
  }

  #waitFor(first: Promise<IteratorResult<Deno.KvEntry<T>, undefined>>) {
    let isFirst = true;
    return this.call(() => {
      const read = isFirst ? first : this.inner.next();
      isFirst = false;
      return read;
    });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
