import { invariant } from "@/lib/domain/invariant.ts";
import type { RestoreMark, RestoreStore } from "@/lib/ports/restore_store.ts";
import { commitOnce } from "./commit_once.ts";
import { guardedCommit } from "./guarded_commit.ts";
import { databaseEpochKey, restoreKey } from "./keys.ts";
import type { KvLike } from "./kv_like.ts";

interface StoredMark extends RestoreMark {
  readonly v: 1;
}

/** A restored database that is not ready yet must not be served from. */
export class RestoreUnfinished extends Error {
  override name = "RestoreUnfinished";

  constructor() {
    super("A restore of this database was begun and not finished; run `deno task restore` again");
  }
}

/** Reads the database's own word, or gives it one. Throws `RestoreUnfinished`. */
export async function databaseEpoch(kv: KvLike, proposal: string): Promise<string> {
  const key = databaseEpochKey();
  const [standing, mark] = await kv.getMany<[string, unknown]>([key, restoreKey()]);
  if (mark.value !== null) throw new RestoreUnfinished();
  if (standing.value !== null) return standing.value;
  const commit = await commitOnce(
    () => kv.atomic().check({ key, versionstamp: null }).set(key, proposal),
    async () => {
      const { value, versionstamp } = await kv.get<string>(key);
      if (versionstamp === null) return { kind: "unchanged" };
      return value === proposal ? { kind: "mine", versionstamp } : { kind: "changed" };
    },
  );
  if (commit.ok) return proposal;
  const { value } = await kv.get<string>(key);
  invariant(value !== null, "A database epoch is never removed");
  return value;
}

export function createRestoreStore({ kv }: { readonly kv: KvLike }): RestoreStore {
  return {
    async state() {
      const [epoch, mark] = await kv.getMany<[string, StoredMark]>([
        databaseEpochKey(),
        restoreKey(),
      ]);
      return { epoch: epoch.value, mark: mark.value === null ? null : decode(mark.value) };
    },
    async begin(mark) {
      const key = restoreKey();
      const stored: StoredMark = { v: 1, ...mark };
      await commitOnce(
        () => kv.atomic().check({ key, versionstamp: null }).set(key, stored),
        async () => {
          const { versionstamp } = await kv.get(key);
          return versionstamp === null ? { kind: "unchanged" } : { kind: "changed" };
        },
      );
      const { value } = await kv.get<StoredMark>(key);
      invariant(value !== null, "A restore that has begun is marked until it ends");
      return decode(value);
    },
    async finish(mark, audit) {
      const standing = await kv.get<StoredMark>(restoreKey());
      if (standing.value?.newEpoch !== mark.newEpoch) return false;
      const outcome = await guardedCommit(kv, {
        checks: [{ key: restoreKey(), versionstamp: standing.versionstamp }],
        write: (atomic) => atomic.delete(restoreKey()).set(databaseEpochKey(), mark.newEpoch),
        movesEpoch: true,
        audit,
      });
      return outcome.ok;
    },
  };
}

function decode({ v: _version, ...mark }: StoredMark): RestoreMark {
  return mark;
}
