import type { KvLike, KvListLike } from "@/lib/kv/kv_like.ts";

/**
 * A database that counts the keys that are read out of it: what a page costs, whatever the machine.
 * `read(run)` says how many `run` read.
 */
export function createCountingKv(
  kv: KvLike,
): KvLike & { read(run: () => Promise<unknown>): Promise<number> } {
  let keys = 0;
  return {
    get: (key, options) => {
      keys += 1;
      return kv.get(key, options);
    },
    getMany: (wanted, options) => {
      keys += wanted.length;
      return kv.getMany(wanted, options);
    },
    set: (key, value, options) => kv.set(key, value, options),
    delete: (key) => kv.delete(key),
    list: <T>(selector: Deno.KvListSelector, options?: Deno.KvListOptions): KvListLike<T> => {
      const rows = kv.list<T>(selector, options);
      return {
        get cursor() {
          return rows.cursor;
        },
        next: async () => {
          const row = await rows.next();
          if (row.done !== true) keys += 1;
          return row;
        },
        [Symbol.asyncIterator]() {
          return this;
        },
      };
    },
    atomic: () => kv.atomic(),
    close: () => kv.close(),
    async read(run) {
      const before = keys;
      await run();
      return keys - before;
    },
  };
}
