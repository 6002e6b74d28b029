/** The audit page's view of the chains, over real KV. */
import { assert, assertEquals } from "@std/assert";
import { createCursors } from "@/lib/auth/cursors.ts";
import { createKvAuditLog } from "@/lib/kv/audit_store.ts";
import { auditEntryKey } from "@/lib/kv/keys.ts";
import { createKvTenantStore } from "@/lib/kv/tenant_store.ts";
import { auditChanges } from "@/lib/portal/audit_changes.ts";
import { loadAudit } from "@/lib/operator/load_audit.ts";
import { type AuditDraft, type AuditEntry, OPERATOR_CHAIN } from "@/lib/ports/audit.ts";
import { sampleTenant } from "../support/samples.ts";

async function open() {
  const kv = await Deno.openKv(":memory:");
  const tenants = createKvTenantStore(kv);
  await tenants.putTenant(sampleTenant({ tenantId: "ten_a", name: "Acme" }), null);
  const deps = { tenants, audit: createKvAuditLog(kv), cursors: createCursors("s".repeat(32)) };
  return {
    kv,
    deps,
    load: (query: Readonly<Record<string, string>> = {}) =>
      loadAudit(deps, new URLSearchParams(query)),
    note: (change: Partial<AuditDraft> = {}) => deps.audit.append({ ...DRAFT, ...change }),
    [Symbol.dispose]: () => kv.close(),
  };
}

const DRAFT: AuditDraft = {
  chain: OPERATOR_CHAIN,
  atMs: 1,
  actor: { kind: "operator", id: "ada@example.com" },
  action: "plan.published",
  subject: "growth@2",
  before: null,
  after: { status: "published" },
  ip: "203.0.113.1",
  requestId: "req_1",
};

Deno.test("pages go on where the one before ended, and keep their filters", async () => {
  using world = await open();
  for (let at = 1; at <= 120; at++) {
    await world.note({
      subject: `${at}`,
      action: at % 2 === 0 ? "plan.published" : "list.replaced",
    });
  }
  const seen: string[] = [];
  let query: Record<string, string> = { action: "plan." };
  for (let page = 0; page < 3; page++) {
    const model = await world.load(query);
    seen.push(...model.entries.map(({ subject }) => subject));
    if (model.nextHref === null) break;
    query = Object.fromEntries(new URL(model.nextHref, "http://a").searchParams);
  }
  assertEquals(seen, Array.from({ length: 60 }, (_, at) => `${120 - 2 * at}`));
});

Deno.test("a tenant's chain is another one; a cursor of one chain opens no other", async () => {
  using world = await open();
  for (let at = 0; at < 60; at++) await world.note();
  await world.note({ chain: "ten_a", action: "api_key.created" });
  const tenant = await world.load({ chain: "ten_a" });
  assertEquals(tenant.tenantName, "Acme");
  assertEquals(tenant.entries.map(({ action }) => action), ["api_key.created"]);
  const { nextHref } = await world.load();
  const cursor = new URL(nextHref ?? "", "http://a").searchParams.get("cursor") ?? "";
  const misused = await world.load({ chain: "ten_a", cursor });
  assertEquals(misused.entries.length, 1, "the first page");
  const unknown = await world.load({ chain: "ten_nobody" });
  assertEquals([unknown.isKnown, unknown.entries.length], [false, 0]);
});

Deno.test("verifying counts the rows and names the head; a changed row is named", async () => {
  using world = await open();
  assertEquals((await world.load({ verify: "1" })).verification, {
    verdict: { intact: true, entries: 0 },
    headHash: null,
  });
  const rows = [await world.note(), await world.note(), await world.note()];
  assertEquals((await world.load({ verify: "1" })).verification, {
    verdict: { intact: true, entries: 3 },
    headHash: rows[2]?.hash ?? "",
  });
  assertEquals((await world.load()).verification, null, "only when it is asked for");
  const key = auditEntryKey(OPERATOR_CHAIN, 2);
  const row = (await world.kv.get<AuditEntry>(key)).value;
  assert(row !== null);
  await world.kv.set(key, { ...row, subject: "growth@3" });
  assertEquals((await world.load({ verify: "1" })).verification?.verdict, {
    intact: false,
    atSequence: 2,
    reason: "changed_entry",
  });
});

Deno.test("a change is told member by member, by its path, and only where it differs", () => {
  assertEquals(
    auditChanges(
      { name: "A", limits: { burst: 10, rate: 5 }, features: ["batch"], gone: true },
      { name: "B", limits: { burst: 20, rate: 5 }, features: ["batch", "events"], graceMs: null },
    ),
    [
      { name: "name", before: "A", after: "B" },
      { name: "limits.burst", before: "10", after: "20" },
      { name: "features", before: "batch", after: "batch, events" },
      { name: "gone", before: "true", after: null },
      { name: "graceMs", before: null, after: "none" },
    ],
  );
  assertEquals(auditChanges(null, { createdAtMs: 0, color: "red" }, "nichts"), [
    { name: "createdAtMs", before: null, after: "1970-01-01T00:00:00.000Z" },
    { name: "color", before: null, after: "red" },
  ]);
  assertEquals(auditChanges(null, null), []);
  assertEquals(auditChanges(null, "x"), [{ name: "", before: null, after: "x" }]);
});
