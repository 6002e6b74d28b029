import type { ChoreRun, ChoreStore } from "@/lib/ports/chores.ts";
import type { KvLike } from "./kv_like.ts";
import { choreRunKey, choreRunsPrefix } from "./keys.ts";

const RETENTION_MS = 14 * 86_400_000;
const NAMES = ["flush", "watch", "hourly", "daily"] as const;

export function createKvChoreStore(kv: KvLike): ChoreStore {
  return {
    async note(run) {
      await kv.set(choreRunKey(run.name, run.startedAtMs), run, { expireIn: RETENTION_MS });
    },
    async runs({ name, limit }) {
      const found: ChoreRun[] = [];
      for (const wanted of name === undefined ? NAMES : [name]) {
        const rows = kv.list<ChoreRun>({ prefix: choreRunsPrefix(wanted) }, {
          reverse: true,
          limit,
        });
        for await (const { value } of rows) found.push(value);
      }
      return found.sort((a, b) => b.startedAtMs - a.startedAtMs).slice(0, limit);
    },
  };
}
