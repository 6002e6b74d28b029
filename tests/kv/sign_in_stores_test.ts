import { createKvAuditLog } from "@/lib/kv/audit_store.ts";
import type { KvLike } from "@/lib/kv/kv_like.ts";
import { createKvMemberStore } from "@/lib/kv/member_store.ts";
import {
  createKvAttemptStore,
  createKvOneTimeStore,
  createKvSessionStore,
} from "@/lib/kv/session_store.ts";
import { testAuditLog } from "@/tests/contracts/audit_log.ts";
import { testMemberStore } from "@/tests/contracts/member_store.ts";
import { testSessionStore } from "@/tests/contracts/session_store.ts";
import { MemoryKv } from "@/tests/support/memory_kv.ts";

const DATABASES: readonly { name: string; open: () => Promise<KvLike> }[] = [
  { name: "over Deno KV", open: () => Deno.openKv(":memory:") },
  { name: "over the in-memory database", open: () => Promise.resolve(new MemoryKv()) },
];

for (const { name, open } of DATABASES) {
  testAuditLog(`The audit log ${name}`, async () => {
    const kv = await open();
    return { log: createKvAuditLog(kv), close: () => kv.close() };
  });

  testMemberStore(`The member store ${name}`, async () => {
    const kv = await open();
    return { store: createKvMemberStore(kv), close: () => kv.close() };
  });

  testSessionStore(`The session store ${name}`, async () => {
    const kv = await open();
    return {
      sessions: createKvSessionStore(kv),
      oneTime: createKvOneTimeStore(kv, () => 0),
      attempts: createKvAttemptStore(kv),
      close: () => kv.close(),
    };
  });
}
