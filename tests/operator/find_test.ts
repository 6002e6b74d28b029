import { assert, assertEquals } from "@std/assert";
import { matchingPlaces } from "@/components/operator/places.ts";
import { createKvTenantStore } from "@/lib/kv/tenant_store.ts";
import { findTenants, wantedTenant } from "@/lib/operator/find_tenants.ts";
import { MemoryKv } from "../support/memory_kv.ts";
import { sampleTenant } from "../support/samples.ts";

Deno.test("a place is found by the beginnings of its words, in any order, named ones first", () => {
  const labels = (query: string) => matchingPlaces(query).map(({ label }) => label);
  assertEquals(labels("audit")[0], "Audit");
  assertEquals(labels("AUD ver"), ["Verify the audit chain"]);
  assertEquals(labels("webauthn"), ["Your passkeys"], "by another word for it");
  assertEquals(labels("nothing like it"), []);
  assert(labels("").length > 15, "all of them before anything is typed");
});

Deno.test("tenants are found by name or id, a few of them, and none for nothing", async () => {
  const tenants = createKvTenantStore(new MemoryKv());
  for (let at = 10; at < 30; at++) {
    await tenants.putTenant(sampleTenant({ tenantId: `ten_${at}`, name: `Desk ${at}` }), null);
  }
  const found = async (query: string) =>
    (await findTenants({ tenants }, query)).map(({ tenantId }) => tenantId);
  assertEquals(await found(" desk 21 "), ["ten_21"]);
  assertEquals(await found("TEN_12"), ["ten_12"]);
  assertEquals((await found("desk")).length, 8);
  assertEquals(await found("  "), []);
  const wanted = (tenant: string) => wantedTenant({ tenants }, new URLSearchParams({ tenant }));
  assertEquals(await wanted("ten_21"), "ten_21");
  assertEquals(await wanted("desk 21"), "ten_21", "nobody else is called so");
  for (const typed of ["desk", "ten_", "nobody", ""]) assertEquals(await wanted(typed), typed);
  await tenants.putTenant(sampleTenant({ tenantId: "ten_2", name: "Two" }), null);
  assertEquals(await wanted("ten_2"), "ten_2", "an id is meant before a part of others");
});
