import type { UpstreamCacheStore } from "@/lib/ports/rating.ts";
import { upstreamAnswerKey } from "./keys.ts";
import type { KvLike } from "./kv_like.ts";

/** Answers of the upstream in Deno KV, shared by all instances. KV may keep them past their time. */
export function createKvUpstreamCacheStore(kv: KvLike): UpstreamCacheStore {
  return {
    get: async (key) => {
      const entry = await kv.get<{ text: string; expiresAtMs: number }>(upstreamAnswerKey(key));
      return entry.value;
    },
    put: async (key, { text, expiresAtMs, ttlMs }) => {
      await kv.set(upstreamAnswerKey(key), { text, expiresAtMs }, { expireIn: ttlMs });
    },
  };
}
