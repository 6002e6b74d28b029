import type { CommitOutcome } from "./commit_once.ts";
import { commitMarkKey } from "./keys.ts";
import type { KvAtomicLike, KvLike } from "./kv_like.ts";

/** Longer than any repeated commit of the KV Connect client can take. */
const MARK_LIFE_MS = 15 * 60_000;

/**
 * Commits under a fresh mark, at most once. The remote client repeats a commit whose reply is lost,
 * so `ok: false` may have been caused by our own first copy: the mark, written in the same commit,
 * is read back and has that commit's version. Takes one check of its own.
 *
 * Throws what the commit threw, unless it took effect all the same.
 */
export async function commitMarked(kv: KvLike, atomic: KvAtomicLike): Promise<CommitOutcome> {
  const key = commitMarkKey(crypto.randomUUID());
  atomic.check({ key, versionstamp: null }).set(key, true, { expireIn: MARK_LIFE_MS });
  const landed = async (): Promise<CommitOutcome> => {
    const { versionstamp } = await kv.get(key);
    return versionstamp === null ? { ok: false } : { ok: true, versionstamp };
  };
  try {
    const commit = await atomic.commit();
    return commit.ok ? { ok: true, versionstamp: commit.versionstamp } : await landed();
  } catch (error) {
    const found = await landed();
    if (found.ok) return found;
    throw error;
  }
}
