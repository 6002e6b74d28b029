import { assertEquals } from "@std/assert";
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
import { sampleSession, testSessionStore } from "@/tests/contracts/session_store.ts";
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

  Deno.test(`The session store ${name} signs out everywhere, however many sessions there are`, async () => {
    const kv = await open();
    const sessions = createKvSessionStore(kv);
    const owner = { kind: "member", tenantId: "ten_a", memberId: "mem_1" } as const;
    const nth = (at: number) => sampleSession({ sessionId: `s${at}`, hash: `h${at}`, owner });
    for (let at = 0; at < 620; at++) await sessions.createSession(nth(at));
    assertEquals(await sessions.endSessions(owner, { exceptHash: "h0" }), 619);
    assertEquals(await sessions.sessions(owner), [nth(0)]);
    assertEquals(await sessions.sessionByHash("h619"), null);
    kv.close();
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
