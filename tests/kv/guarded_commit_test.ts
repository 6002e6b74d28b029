/** A change and its audit row when the database loses replies and repeats commits. */
import { assertEquals, assertRejects } from "@std/assert";
import { createKvAuditLog } from "@/lib/kv/audit_store.ts";
import { createKvTenantStore } from "@/lib/kv/tenant_store.ts";
import type { AuditDraft } from "@/lib/ports/audit.ts";
import { StorageUnavailable } from "@/lib/ports/storage.ts";
import { verifyAuditChain } from "@/lib/tenancy/verify_audit.ts";
import { MemoryKv } from "@/tests/support/memory_kv.ts";
import { sampleTenant } from "@/tests/support/samples.ts";
import { type CommitFault, ScriptedKv } from "@/tests/support/scripted_kv.ts";

function open(...faults: CommitFault[]) {
  const kv = new ScriptedKv(new MemoryKv());
  kv.script(...faults);
  return { kv, tenants: createKvTenantStore(kv), audit: createKvAuditLog(kv) };
}

const DRAFT: AuditDraft = {
  chain: "ten_a",
  atMs: 1,
  actor: { kind: "system", id: "test" },
  action: "tenant.created",
  subject: "ten_a",
  before: null,
  after: null,
  ip: null,
  requestId: "req_1",
};

for (const fault of ["pass", "drop_after", "repeat"] as const) {
  Deno.test(`a change whose commit meets "${fault}" happens once, with one audit row`, async () => {
    const { tenants, audit } = open(fault);
    assertEquals(await tenants.putTenant(sampleTenant(), null, DRAFT), { ok: true });
    assertEquals(await verifyAuditChain(audit, "ten_a"), { intact: true, entries: 1 });
    assertEquals((await tenants.tenant("ten_a"))?.value, sampleTenant());
  });
}

Deno.test("a commit that never arrived is said to be unknown, and leaves nothing half-written", async () => {
  const { tenants, audit } = open("drop_before");
  await assertRejects(() => tenants.putTenant(sampleTenant(), null, DRAFT), StorageUnavailable);
  assertEquals(await tenants.tenant("ten_a"), null);
  assertEquals(await audit.head("ten_a"), null);
  assertEquals(await tenants.epoch(), null);
});

Deno.test("somebody else's change is a conflict even when the reply is lost", async () => {
  const { kv, tenants } = open();
  await tenants.putTenant(sampleTenant(), null, DRAFT);
  kv.script("repeat");
  assertEquals((await tenants.putTenant(sampleTenant({ name: "B" }), null, DRAFT)).ok, false);
  assertEquals((await tenants.tenant("ten_a"))?.value.name, "Acme Markets");
});
