import { StorageUnavailable } from "@/lib/ports/storage.ts";
import { NewerForm } from "./formats.ts";
import type { KvLike } from "./kv_like.ts";

/** Keys of one `getMany`. */
const KEYS_MAX = 10;

interface WaitingRead {
  readonly key: Deno.KvKey;
  readonly resolve: (entry: Deno.KvEntryMaybe<unknown>) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Joins single reads that are asked for in one turn into reads of many keys. A read by itself costs
 * the database a transaction, a wake-up of its thread and a timer, whatever it reads; instruments are
 * read in threes, and by the hundred when a batch comes in. Each joined read is one snapshot.
 */
export function joinReads(kv: KvLike): KvLike {
  let waiting: WaitingRead[] = [];

  function readWaiting(): void {
    const reads = waiting;
    waiting = [];
    for (let at = 0; at < reads.length; at += KEYS_MAX) {
      readTogether(kv, reads.slice(at, at + KEYS_MAX));
    }
  }

  return {
    get: <T>(key: Deno.KvKey, options?: { consistency?: Deno.KvConsistencyLevel }) => {
      if (options !== undefined) return kv.get<T>(key, options);
      return new Promise<Deno.KvEntryMaybe<T>>((resolve, reject) => {
        if (waiting.length === 0) queueMicrotask(readWaiting);
        waiting.push({
          key,
          resolve: (entry) => resolve(entry as Deno.KvEntryMaybe<T>),
          reject,
        });
      });
    },
    getMany: (keys, options) => kv.getMany(keys, options),
    set: (key, value, options) => kv.set(key, value, options),
    delete: (key) => kv.delete(key),
    list: (selector, options) => kv.list(selector, options),
    atomic: () => kv.atomic(),
    close: () => kv.close(),
  };
}

async function readTogether(kv: KvLike, reads: readonly WaitingRead[]): Promise<void> {
  try {
    const entries = await kv.getMany<unknown[]>(reads.map(({ key }) => key));
    for (const [at, { resolve }] of reads.entries()) {
      const entry = entries[at];
      if (entry !== undefined) resolve(entry);
    }
  } catch (error) {
    const isOut = error instanceof StorageUnavailable && !(error instanceof NewerForm);
    if (isOut || reads.length === 1) return reads.forEach(({ reject }) => reject(error));
    // One key or value is at fault, and only who asked for it should hear of it.
    for (const read of reads) kv.get(read.key).then(read.resolve, read.reject);
  }
}
