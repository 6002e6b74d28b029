import type { Rollup, RollupStore } from "@/lib/ports/rollup_store.ts";
import { allTrafficPrefix, callCountsPrefix, deliveredHoursPrefix, trafficPrefix } from "./keys.ts";
import type { KvLike } from "./kv_like.ts";

/** A commit takes a thousand; metered calls wait for the disk with it. */
const DELETED_TOGETHER = 400;

/** Rollups in Deno KV: below each prefix the time comes first. */
export function createKvRollupStore(kv: KvLike): RollupStore {
  return {
    async prune(rollup, { beforeMs, limit }) {
      const prefix = prefixOf(rollup);
      const selector = { start: [...prefix, 0], end: [...prefix, beforeMs] };
      let deleted = 0;
      while (deleted < limit) {
        const take = Math.min(DELETED_TOGETHER, limit - deleted);
        const atomic = kv.atomic();
        let found = 0;
        for await (const { key } of kv.list(selector, { limit: take, batchSize: take })) {
          atomic.delete(key);
          found += 1;
        }
        if (found > 0) await atomic.commit();
        deleted += found;
        if (found < take) break;
      }
      return deleted;
    },
  };
}

function prefixOf(rollup: Rollup): Deno.KvKey {
  switch (rollup.kind) {
    case "delivered":
      return deliveredHoursPrefix();
    case "all_traffic":
      return allTrafficPrefix();
    case "traffic":
      return trafficPrefix(rollup.tenantId);
    case "calls":
      return callCountsPrefix(rollup.span, rollup.tenantId);
  }
}
