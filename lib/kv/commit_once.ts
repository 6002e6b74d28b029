import { StorageUnavailable } from "@/lib/ports/storage.ts";
import type { KvAtomicLike } from "./kv_like.ts";

/**
 * What a look at the guarded keys says after a commit that did not plainly succeed: our values are
 * there, somebody else's are, or nothing has changed yet.
 */
export type ReadBack =
  | { readonly kind: "mine"; readonly versionstamp: string }
  | { readonly kind: "changed" }
  | { readonly kind: "unchanged" };

export type CommitOutcome =
  | { readonly ok: true; readonly versionstamp: string }
  | { readonly ok: false };

/** Tries of one commit whose outcome stays unknown. */
const TRIES_MAX = 4;

/**
 * Commits at most once although the client may repeat a commit by itself, lose its reply, or get a
 * refusal that its own earlier attempt caused. `build` must check every key it guards, so that of
 * all attempts only one can take effect; `readBack` then tells whose it was.
 *
 * Throws `StorageUnavailable` while the outcome can't be read; the commit may then still land.
 */
export async function commitOnce(
  build: () => KvAtomicLike,
  readBack: () => Promise<ReadBack>,
): Promise<CommitOutcome> {
  let cause: unknown;
  for (let attempt = 1; attempt <= TRIES_MAX; attempt++) {
    let refused = false;
    try {
      const commit = await build().commit();
      if (commit.ok) return { ok: true, versionstamp: commit.versionstamp };
      refused = true;
    } catch (error) {
      if (!(error instanceof StorageUnavailable)) throw error;
      cause = error;
    }
    const found = await readBack();
    if (found.kind === "mine") return { ok: true, versionstamp: found.versionstamp };
    if (refused || found.kind === "changed") return { ok: false };
  }
  throw new StorageUnavailable("The outcome of a commit is unknown", { cause });
}
