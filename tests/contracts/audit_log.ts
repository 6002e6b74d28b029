import { assertEquals, assertNotEquals } from "@std/assert";
import { type AuditDraft, type AuditLog, auditText, GENESIS_HASH } from "@/lib/ports/audit.ts";
import { verifyAuditChain } from "@/lib/tenancy/verify_audit.ts";

export interface AuditLogFixture {
  readonly log: AuditLog;
  close(): void;
}

/** What every AuditLog must do. */
export function testAuditLog(name: string, open: () => Promise<AuditLogFixture>): void {
  Deno.test(`${name} numbers rows from one and links each to the one before`, async () => {
    const { log, close } = await open();
    assertEquals(await log.head("ten_a"), null);
    const first = await log.append(sampleDraft({ subject: "a" }));
    const second = await log.append(sampleDraft({ subject: "b" }));
    assertEquals([first.sequence, second.sequence], [1, 2]);
    assertEquals([first.previousHash, second.previousHash], [GENESIS_HASH, first.hash]);
    assertEquals(await log.head("ten_a"), { sequence: 2, hash: second.hash });
    assertEquals(await verifyAuditChain(log, "ten_a"), { intact: true, entries: 2 });
    close();
  });

  Deno.test(`${name} keeps chains apart`, async () => {
    const { log, close } = await open();
    await log.append(sampleDraft());
    const other = await log.append(sampleDraft({ chain: "ten_ab" }));
    assertEquals(other.sequence, 1);
    assertEquals((await log.entries({ chain: "ten_a", limit: 10 })).items.length, 1);
    assertEquals((await log.entries({ chain: "ten", limit: 10 })).items, []);
    close();
  });

  Deno.test(`${name} loses no row when many append at once`, async () => {
    const { log, close } = await open();
    await Promise.all(
      Array.from({ length: 12 }, (_, index) => log.append(sampleDraft({ subject: `${index}` }))),
    );
    assertEquals(await verifyAuditChain(log, "ten_a"), { intact: true, entries: 12 });
    const rows = await log.chain({ chain: "ten_a", fromSequence: 1, limit: 100 });
    assertEquals(new Set(rows.map(({ subject }) => subject)).size, 12);
    close();
  });

  Deno.test(`${name} filters by the start of the action, newest first`, async () => {
    const { log, close } = await open();
    for (const action of ["api_key.created", "tenant.created", "api_key.revoked"]) {
      await log.append(sampleDraft({ action }));
    }
    const found = await log.entries({ chain: "ten_a", limit: 10, action: "api_key." });
    assertEquals(found.items.map(({ action }) => action), ["api_key.revoked", "api_key.created"]);
    assertEquals(found.cursor, null);
    close();
  });

  Deno.test(`${name} filters by actor: id, kind, or the operator behind an impersonation`, async () => {
    const { log, close } = await open();
    await log.append(sampleDraft({ subject: "a" }));
    await log.append(sampleDraft({ subject: "b", actor: { kind: "member", id: "mem_1" } }));
    const seen = { kind: "member", id: "mem_2", impersonatedBy: "op" } as const;
    await log.append(sampleDraft({ subject: "c", actor: seen }));
    const subjects = async (actor: string) => {
      const { items } = await log.entries({ chain: "ten_a", limit: 10, actor });
      return items.map(({ subject }) => subject);
    };
    assertEquals(await subjects("op"), ["c", "a"]);
    assertEquals(await subjects("member"), ["c", "b"]);
    assertEquals(await subjects("mem_1"), ["b"]);
    assertEquals(await subjects("mem"), []);
    close();
  });
}

Deno.test("the hashed text is the same whatever the order of keys, and differs with any value", () => {
  const row = { ...sampleDraft(), sequence: 1, previousHash: GENESIS_HASH };
  const text = auditText({ ...row, after: { a: 1, b: [{ c: null, d: "x" }] } });
  assertEquals(auditText({ ...row, after: { b: [{ d: "x", c: null }], a: 1 } }), text);
  const changes: Partial<typeof row>[] = [
    { atMs: 2 },
    { ip: null },
    { sequence: 2 },
    { requestId: "x" },
    { subject: 'key_1",' },
    { actor: { kind: "operator", id: "op", impersonatedBy: "x" } },
    { after: { a: "1" } },
    { before: [] },
  ];
  for (const change of changes) assertNotEquals(auditText({ ...row, ...change }), auditText(row));
});

function sampleDraft(change: Partial<AuditDraft> = {}): AuditDraft {
  return {
    chain: "ten_a",
    atMs: 1,
    actor: { kind: "operator", id: "op" },
    action: "api_key.created",
    subject: "key_1",
    before: null,
    after: { name: "Server" },
    ip: "203.0.113.1",
    requestId: "req_1",
    ...change,
  };
}
