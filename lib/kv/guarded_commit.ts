import { hash } from "node:crypto";
import type { AuditDraft, AuditEntry } from "@/lib/ports/audit.ts";
import { auditText, GENESIS_HASH } from "@/lib/ports/audit.ts";
import { auditEntryKey, auditHeadKey, commitNonceKey, configEpochKey } from "./keys.ts";
import type { KvAtomicLike, KvLike } from "./kv_like.ts";

/** Attempts when only the audit chain moved meanwhile; beyond it the caller sees a conflict. */
const MAX_ATTEMPTS = 16;
/** Longer than any repeated commit of the KV Connect client can take. */
const NONCE_LIFE_MS = 15 * 60_000;

export interface GuardedCommit {
  /** What the caller decided on; a difference is a conflict. */
  readonly checks: readonly Deno.AtomicCheck[];
  readonly write: (atomic: KvAtomicLike) => KvAtomicLike;
  /** Configuration changed: every instance must decide anew. */
  readonly movesEpoch?: boolean;
  readonly audit?: AuditDraft | undefined;
}

export type GuardedOutcome =
  | { readonly ok: true; readonly audit: AuditEntry | null }
  | { readonly ok: false; readonly code: "conflict" };

/**
 * One change with its audit row and epoch move, all or nothing. `ok: false` of a remote commit may
 * be our own earlier attempt whose reply was lost, so a nonce written with it is read back.
 */
export async function guardedCommit(
  kv: KvLike,
  { checks, write, movesEpoch = false, audit }: GuardedCommit,
): Promise<GuardedOutcome> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const link = audit === undefined ? null : await nextLink(kv, audit);
    const nonce = crypto.randomUUID();
    const atomic = write(kv.atomic().check(...checks))
      .set(commitNonceKey(nonce), true, { expireIn: NONCE_LIFE_MS });
    if (movesEpoch) atomic.set(configEpochKey(), nonce);
    if (link !== null) {
      atomic.check({ key: auditHeadKey(link.entry.chain), versionstamp: link.headVersion })
        .set(auditHeadKey(link.entry.chain), {
          sequence: link.entry.sequence,
          hash: link.entry.hash,
        })
        .set(auditEntryKey(link.entry.chain, link.entry.sequence), link.entry);
    }
    if (await committed(kv, { atomic, nonce })) return { ok: true, audit: link?.entry ?? null };
    if (link === null || await anyMoved(kv, checks)) break;
  }
  return { ok: false, code: "conflict" };
}

/** Throws what the commit threw, unless it took effect all the same. */
async function committed(
  kv: KvLike,
  { atomic, nonce }: { atomic: KvAtomicLike; nonce: string },
): Promise<boolean> {
  const landed = async () => (await kv.get(commitNonceKey(nonce))).value !== null;
  try {
    return (await atomic.commit()).ok || await landed();
  } catch (error) {
    if (await landed()) return true;
    throw error;
  }
}

/** The place that an act takes if nobody takes it first. */
async function nextLink(
  kv: KvLike,
  draft: AuditDraft,
): Promise<{ entry: AuditEntry; headVersion: string | null }> {
  const head = await kv.get<{ sequence: number; hash: string }>(auditHeadKey(draft.chain));
  const unsealed = {
    ...draft,
    sequence: (head.value?.sequence ?? 0) + 1,
    previousHash: head.value?.hash ?? GENESIS_HASH,
  };
  const entry = { ...unsealed, hash: hash("sha256", auditText(unsealed), "hex") };
  return { entry, headVersion: head.versionstamp };
}

async function anyMoved(kv: KvLike, checks: readonly Deno.AtomicCheck[]): Promise<boolean> {
  for (const { key, versionstamp } of checks) {
    if ((await kv.get(key)).versionstamp !== versionstamp) return true;
  }
  return false;
}
