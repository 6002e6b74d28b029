import { LIST_LOADS_KEPT_MS, type ListLoad, type ListLoadStore } from "@/lib/ports/rating.ts";
import { listLoadKey, listLoadsPrefix } from "./keys.ts";
import type { KvLike } from "./kv_like.ts";
import { commitMarked } from "./marked_commit.ts";
import { VERSION_MISMATCH } from "./version_condition.ts";

export function createKvListLoadStore(kv: KvLike): ListLoadStore {
  return {
    load: async (loadId) => {
      const entry = await kv.get<ListLoad>(listLoadKey(loadId));
      return entry.versionstamp === null
        ? null
        : { value: entry.value, version: entry.versionstamp };
    },
    loads: async (limit) => {
      const found: ListLoad[] = [];
      const options = { reverse: true, limit };
      for await (const { value } of kv.list<ListLoad>({ prefix: listLoadsPrefix() }, options)) {
        found.push(value);
      }
      return found;
    },
    putLoad: async (load, version) => {
      const key = listLoadKey(load.loadId);
      const atomic = kv.atomic().check({ key, versionstamp: version })
        .set(key, load, { expireIn: LIST_LOADS_KEPT_MS });
      const commit = await commitMarked(kv, atomic);
      return commit.ok ? { ok: true, version: commit.versionstamp } : VERSION_MISMATCH;
    },
  };
}
