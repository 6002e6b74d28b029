import type { IdempotencyStore } from "@/lib/ports/idempotency.ts";
import type { KvLike } from "./kv_like.ts";
import { readReply } from "./reply_codec.ts";

/** Replies kept for replay; the usage log writes them, in the same commit as their units. */
export function createIdempotencyStore({ kv }: { readonly kv: KvLike }): IdempotencyStore {
  return { find: (key) => readReply(kv, key) };
}
