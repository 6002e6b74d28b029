import type { SubmissionStore } from "@/lib/ports/submissions.ts";
import { submissionKey } from "./keys.ts";
import type { KvLike } from "./kv_like.ts";
import { commitMarked } from "./marked_commit.ts";

const KEEP_MS = 86_400_000;

export function createSubmissionStore(kv: KvLike): SubmissionStore {
  return {
    async claim({ tenantId, hash }) {
      const key = submissionKey(tenantId, hash);
      const atomic = kv.atomic()
        .check({ key, versionstamp: null })
        .set(key, true, { expireIn: KEEP_MS });
      return (await commitMarked(kv, atomic)).ok;
    },
    release: async ({ tenantId, hash }) => await kv.delete(submissionKey(tenantId, hash)),
  };
}
