import { hash } from "node:crypto";
import type { AuditDraft, AuditEntry } from "@/lib/ports/audit.ts";
import { auditText, GENESIS_HASH } from "@/lib/ports/audit.ts";
import { auditEntryKey, auditHeadKey, configEpochKey } from "./keys.ts";
import type { KvAtomicLike, KvLike } from "./kv_like.ts";
import { commitMarked } from "./marked_commit.ts";

/** Attempts when only the audit chain moved meanwhile; beyond it the caller sees a conflict. */
const MAX_ATTEMPTS = 16;

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
 * One change with its audit row and epoch move, all or nothing, and at most once however often the
 * client repeats it.
 */
export async function guardedCommit(
  kv: KvLike,
  { checks, write, movesEpoch = false, audit }: GuardedCommit,
): Promise<GuardedOutcome> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const link = audit === undefined ? null : await nextLink(kv, audit);
    const atomic = write(kv.atomic().check(...checks));
    if (movesEpoch) atomic.set(configEpochKey(), crypto.randomUUID());
    if (link !== null) {
      atomic.check({ key: auditHeadKey(link.entry.chain), versionstamp: link.headVersion })
        .set(auditHeadKey(link.entry.chain), {
          sequence: link.entry.sequence,
          hash: link.entry.hash,
        })
        .set(auditEntryKey(link.entry.chain, link.entry.sequence), link.entry);
    }
    if ((await commitMarked(kv, atomic)).ok) return { ok: true, audit: link?.entry ?? null };
    if (link === null || await anyMoved(kv, checks)) break;
  }
  return { ok: false, code: "conflict" };
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
