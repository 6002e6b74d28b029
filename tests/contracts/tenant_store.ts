import { assert, assertEquals, assertNotEquals } from "@std/assert";
import type { ApiKey, Tenant } from "@/lib/domain/tenant.ts";
import type { PlanStore, TenantStore } from "@/lib/ports/tenancy.ts";
import { emptyPlan, sampleTenant } from "@/tests/support/samples.ts";

export interface TenantStoreFixture {
  readonly store: TenantStore;
  readonly plans: PlanStore;
  close(): void;
}

/** What every TenantStore must do; run over the in-memory database and the real one. */
export function testTenantStore(name: string, open: () => Promise<TenantStoreFixture>): void {
  Deno.test(`${name} returns a tenant exactly as it was put, and refuses a stale write`, async () => {
    const { store, close } = await open();
    const tenant = sampleTenant({ budget: { amount: 5n * 10n ** 15n, stop: true } });
    assertEquals(await store.putTenant(tenant, null), { ok: true });
    assertEquals(await store.putTenant(tenant, null), { ok: false, code: "conflict" });
    const found = await store.tenant(tenant.tenantId);
    assert(found !== null);
    assertEquals(found.value, tenant);
    const renamed = { ...tenant, name: "Beta" };
    assertEquals(await store.putTenant(renamed, found.versionstamp), { ok: true });
    assertEquals((await store.putTenant(tenant, found.versionstamp)).ok, false);
    assertEquals((await store.tenant(tenant.tenantId))?.value.name, "Beta");
    close();
  });

  Deno.test(`${name} tells names by id, each once, and nothing of ids without a tenant`, async () => {
    const { store, close } = await open();
    for (let at = 0; at < 25; at++) {
      await store.putTenant(sampleTenant({ tenantId: `ten_${at}`, name: `Tenant ${at}` }), null);
    }
    const ids = Array.from({ length: 30 }, (_, at) => `ten_${at}`);
    const names = await store.tenantNames([...ids, "ten_3"]);
    assertEquals(names, new Map(ids.slice(0, 25).map((id, at) => [id, `Tenant ${at}`])));
    assertEquals(await store.tenantNames([]), new Map());
    close();
  });

  Deno.test(`${name} reads a caller with its key, tenant, plan and epoch, or nothing`, async () => {
    const { store, plans, close } = await open();
    const key = sampleApiKey();
    await store.putApiKey(key, null);
    assertEquals(await store.callerByKeyHash(key.hash), null);
    await store.putTenant(sampleTenant(), null);
    assertEquals(await store.callerByKeyHash(key.hash), null);
    await plans.putPlan(emptyPlan(), null);
    const caller = await store.callerByKeyHash(key.hash);
    assert(caller !== null);
    assertEquals(caller.key, key);
    assertEquals(caller.tenant, sampleTenant());
    assertEquals(caller.plan, emptyPlan());
    assertEquals(caller.epoch, await store.epoch());
    assertEquals(await store.callerByKeyHash("0".repeat(64)), null);
    close();
  });

  Deno.test(`${name} moves the epoch with every configuration write and with no refused one`, async () => {
    const { store, close } = await open();
    const seen = new Set<string | null>([await store.epoch()]);
    const moved = async () => {
      const epoch = await store.epoch();
      const fresh = !seen.has(epoch);
      seen.add(epoch);
      return fresh;
    };
    await store.putTenant(sampleTenant(), null);
    assert(await moved());
    await store.putTenant(sampleTenant(), null);
    assert(!await moved());
    await store.putApiKey(sampleApiKey(), null);
    assert(await moved());
    const found = await store.apiKey("ten_a", "key_1");
    assertNotEquals(found, null);
    await store.putApiKey({ ...sampleApiKey(), revokedAtMs: 5 }, found?.versionstamp ?? null);
    assert(await moved());
    assertEquals((await store.apiKey("ten_a", "key_1"))?.value.revokedAtMs, 5);
    close();
  });

  Deno.test(`${name} never lets two keys share a hash`, async () => {
    const { store, close } = await open();
    await store.putApiKey(sampleApiKey(), null);
    const twin = sampleApiKey({ tenantId: "ten_b", keyId: "key_9" });
    assertEquals((await store.putApiKey(twin, null)).ok, false);
    assertEquals(await store.apiKeys("ten_b"), []);
    close();
  });

  Deno.test(`${name} lists a tenant's own keys only, newest first`, async () => {
    const { store, close } = await open();
    await store.putApiKey(sampleApiKey({ keyId: "a", hash: "a", createdAtMs: 1 }), null);
    await store.putApiKey(sampleApiKey({ keyId: "b", hash: "b", createdAtMs: 2 }), null);
    await store.putApiKey(sampleApiKey({ tenantId: "ten_ab", keyId: "c", hash: "c" }), null);
    assertEquals((await store.apiKeys("ten_a")).map(({ keyId }) => keyId), ["b", "a"]);
    close();
  });

  Deno.test(`${name} pages through tenants without gap or repeat, and searches name and id`, async () => {
    const { store, close } = await open();
    const ids = ["ten_a", "ten_ab", "ten_b", "ten_c", "ten_d"];
    for (const tenantId of ids) await store.putTenant(sampleTenant({ tenantId }), null);
    const seen: string[] = [];
    let cursor: string | null = "";
    for (let page = 0; page < 5 && cursor !== null; page++) {
      const found = await store.tenants({ limit: 2, ...(cursor === "" ? {} : { cursor }) });
      seen.push(...found.items.map(({ tenantId }) => tenantId));
      cursor = found.cursor;
    }
    assertEquals(seen, ids);
    const search = async (text: string) =>
      (await store.tenants({ limit: 10, search: text })).items.map(({ tenantId }) => tenantId);
    assertEquals(await search("TEN_A"), ["ten_a", "ten_ab"]);
    assertEquals(await search("acme"), ids);
    assertEquals(await search("zebra"), []);
    close();
  });

  Deno.test(`${name} finds tenants by plan version and counts those not closed, as of now`, async () => {
    const { store, close } = await open();
    const put = async (tenantId: string, changes: Partial<Tenant>) => {
      const versionstamp = (await store.tenant(tenantId))?.versionstamp ?? null;
      await store.putTenant(sampleTenant({ tenantId, ...changes }), versionstamp);
    };
    for (const at of [1, 2, 3]) await put(`ten_${at}`, { planRevision: "growth@1" });
    await put("ten_4", { planRevision: "growth@2" });
    const on = async (planRevision: string, cursor?: string) => {
      const place = cursor === undefined ? {} : { cursor };
      const page = await store.tenants({ limit: 2, planRevision, ...place });
      return [page.items.map(({ tenantId }) => tenantId), page.cursor];
    };
    assertEquals(await on("growth@1"), [["ten_1", "ten_2"], "ten_2"]);
    assertEquals(await on("growth@1", "ten_2"), [["ten_3"], null]);
    assertEquals([...await store.planCounts()], [["growth@1", 3], ["growth@2", 1]]);
    await put("ten_2", { planRevision: "growth@2" });
    await put("ten_3", { planRevision: "growth@1", status: "closed" });
    assertEquals(await on("growth@1"), [["ten_1", "ten_3"], null]);
    assertEquals([...await store.planCounts()], [["growth@1", 1], ["growth@2", 2]]);
    const named = await store.tenants({ limit: 5, planRevision: "growth@2", search: "TEN_4" });
    assertEquals(named.items.map(({ tenantId }) => tenantId), ["ten_4"]);
    close();
  });
}

export function sampleApiKey(changes: Partial<ApiKey> = {}): ApiKey {
  return {
    keyId: "key_1",
    tenantId: "ten_a",
    name: "Server",
    hash: "f".repeat(64),
    mode: "test",
    hint: "cm_test_abc…wxyz",
    scopes: ["*"],
    ipAllowList: null,
    createdAtMs: Date.UTC(2026, 0, 2),
    expiresAtMs: null,
    revokedAtMs: null,
    ...changes,
  };
}
