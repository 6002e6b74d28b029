import type { StoredReply } from "@/lib/ports/usage.ts";
import type { Versioned } from "@/lib/ports/tenancy.ts";
import { invariant } from "@/lib/domain/invariant.ts";
import type { KvAtomicLike, KvLike } from "./kv_like.ts";
import { replyKey, replyPartKey } from "./keys.ts";

/** A value holds 64 KiB; a longer body is kept in parts. */
const PART_BYTES = 48 * 1024;
const GET_MANY_MAX = 10;

interface ReplyHead {
  readonly v: 1;
  readonly requestHash: string;
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly expiresAtMs: number;
  /** The first part is stored here, the others under keys of their own. */
  readonly body: Uint8Array;
  readonly parts: number;
}

/** Writes a reply if none stands there, or over the expired one of version `replaces`. */
export function writeReply(
  atomic: KvAtomicLike,
  reply: StoredReply,
  { replaces, nowMs }: { readonly replaces: string | null; readonly nowMs: number },
): void {
  const { tenantId, idempotencyKey, requestHash, status, headers, expiresAtMs } = reply;
  const body = new TextEncoder().encode(reply.body);
  const parts = Math.max(1, Math.ceil(body.length / PART_BYTES));
  const expireIn = expiresAtMs - nowMs;
  invariant(expireIn > 0, "A reply is stored before it expires");
  const key = replyKey(tenantId, idempotencyKey);
  const head: ReplyHead = {
    v: 1,
    requestHash,
    status,
    headers,
    expiresAtMs,
    body: body.slice(0, PART_BYTES),
    parts,
  };
  atomic.check({ key, versionstamp: replaces }).set(key, head, { expireIn });
  for (let part = 1; part < parts; part++) {
    const bytes = body.slice(part * PART_BYTES, (part + 1) * PART_BYTES);
    atomic.set(replyPartKey(tenantId, idempotencyKey, part), bytes, { expireIn });
  }
}

/** The stored reply, expired or not. The body of an expired one may be cut. */
export async function readReply(
  kv: KvLike,
  { tenantId, idempotencyKey }: { readonly tenantId: string; readonly idempotencyKey: string },
): Promise<Versioned<StoredReply> | null> {
  const { value: head, versionstamp } = await kv.get<ReplyHead>(replyKey(tenantId, idempotencyKey));
  if (head === null || versionstamp === null) return null;
  const chunks = [head.body];
  for (let from = 1; from < head.parts; from += GET_MANY_MAX) {
    const count = Math.min(GET_MANY_MAX, head.parts - from);
    const keys = Array.from(
      { length: count },
      (_, index) => replyPartKey(tenantId, idempotencyKey, from + index),
    );
    for (const { value } of await kv.getMany<Uint8Array[]>(keys)) {
      if (value !== null) chunks.push(value);
    }
  }
  const body = new TextDecoder().decode(joined(chunks));
  const { requestHash, status, headers, expiresAtMs } = head;
  return {
    value: { tenantId, idempotencyKey, requestHash, status, headers, body, expiresAtMs },
    versionstamp,
  };
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
