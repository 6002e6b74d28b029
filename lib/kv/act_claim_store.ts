import type { ActClaim, ActClaims, TakenClaim } from "@/lib/ports/act_claims.ts";
import type { Versioned } from "@/lib/ports/tenancy.ts";
import { commitOnce } from "./commit_once.ts";
import { actClaimKey, replyKey } from "./keys.ts";
import type { KvLike } from "./kv_like.ts";
import { writeReply } from "./reply_codec.ts";

interface StoredClaim extends ActClaim {
  readonly v: 1;
}

/** Acts under way; the reply that ends one is stored where replies of tenants are. */
export function createActClaimStore(
  { kv, owner }: { readonly kv: KvLike; readonly owner: string },
): ActClaims {
  return {
    take: (claim, at) => take(kv, claim, { ...at, owner }),
    async extend({ value, versionstamp }, untilMs) {
      const extended = { ...value, untilMs };
      return await put(kv, extended, versionstamp);
    },
    async answer({ value, versionstamp }, reply, { nowMs, replaces }) {
      const key = actClaimKey(value.address);
      const replyAt = replyKey(reply.tenantId, reply.idempotencyKey);
      const commit = await commitOnce(
        () => {
          const atomic = kv.atomic().check({ key, versionstamp }).delete(key);
          writeReply(atomic, reply, { replaces, nowMs });
          return atomic;
        },
        async () => {
          const [claim, stored] = await kv.getMany([key, replyAt]);
          if (claim.versionstamp === versionstamp) return { kind: "unchanged" };
          // Only the holder of a claim answers it, so a reply that appeared as it went is ours.
          return claim.versionstamp === null && stored.versionstamp !== null &&
              stored.versionstamp !== replaces
            ? { kind: "mine", versionstamp: stored.versionstamp }
            : { kind: "changed" };
        },
      );
      return commit.ok;
    },
    async drop({ value, versionstamp }) {
      const key = actClaimKey(value.address);
      await kv.atomic().check({ key, versionstamp }).delete(key).commit();
    },
  };
}

async function take(
  kv: KvLike,
  claim: ActClaim,
  { nowMs, replaces, owner }: {
    readonly nowMs: number;
    readonly replaces: string | null;
    readonly owner: string;
  },
): Promise<TakenClaim> {
  const key = actClaimKey(claim.address);
  const replyAt = replyKey(owner, claim.address);
  const [standing, reply] = await kv.getMany<[StoredClaim, unknown]>([key, replyAt]);
  if (reply.versionstamp !== replaces) return { kind: "answered" };
  const earlier = standing.value !== null && standing.value.expiresAtMs > nowMs
    ? decode(standing.value)
    : null;
  const isOpen = earlier === null ||
    earlier.requestHash === claim.requestHash && earlier.untilMs <= nowMs;
  if (!isOpen) return { kind: "standing", claim: earlier };
  const mine = earlier === null
    ? claim
    : { ...claim, firstAtMs: earlier.firstAtMs, salt: earlier.salt };
  const taken = await put(kv, mine, standing.versionstamp, {
    key: replyAt,
    versionstamp: replaces,
  });
  if (taken !== null) return { kind: "taken", claim: taken };
  const now = await kv.get<StoredClaim>(key);
  return now.value === null ? { kind: "answered" } : { kind: "standing", claim: decode(now.value) };
}

async function put(
  kv: KvLike,
  claim: ActClaim,
  versionstamp: string | null,
  ...checks: Deno.AtomicCheck[]
): Promise<Versioned<ActClaim> | null> {
  const key = actClaimKey(claim.address);
  const stored: StoredClaim = { v: 1, ...claim };
  const expireIn = Math.max(1, claim.expiresAtMs - claim.firstAtMs);
  const commit = await commitOnce(
    () => kv.atomic().check({ key, versionstamp }, ...checks).set(key, stored, { expireIn }),
    async () => {
      const found = await kv.get<StoredClaim>(key);
      if (found.versionstamp === versionstamp) return { kind: "unchanged" };
      const { value } = found;
      return value !== null && value.attemptId === claim.attemptId &&
          value.untilMs === claim.untilMs
        ? { kind: "mine", versionstamp: found.versionstamp }
        : { kind: "changed" };
    },
  );
  return commit.ok ? { value: claim, versionstamp: commit.versionstamp } : null;
}

function decode({ v: _version, ...claim }: StoredClaim): ActClaim {
  return claim;
}
