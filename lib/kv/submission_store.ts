import type { SubmissionStore } from "@/lib/ports/submissions.ts";
import { commitOnce } from "./commit_once.ts";
import { submissionKey } from "./keys.ts";
import type { KvLike } from "./kv_like.ts";

const KEEP_MS = 86_400_000;

export function createSubmissionStore(kv: KvLike): SubmissionStore {
  return {
    async claim({ tenantId, hash }) {
      const key = submissionKey(tenantId, hash);
      const mine = crypto.randomUUID();
      const commit = await commitOnce(
        () => kv.atomic().check({ key, versionstamp: null }).set(key, mine, { expireIn: KEEP_MS }),
        async () => {
          const { value, versionstamp } = await kv.get<string>(key);
          if (value === null) return { kind: "unchanged" };
          return value === mine ? { kind: "mine", versionstamp } : { kind: "changed" };
        },
      );
      return commit.ok;
    },
    release: async ({ tenantId, hash }) => await kv.delete(submissionKey(tenantId, hash)),
  };
}
