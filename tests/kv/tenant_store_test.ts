import { createKvPlanStore } from "@/lib/kv/plan_store.ts";
import { createKvTenantStore } from "@/lib/kv/tenant_store.ts";
import { testTenantStore } from "@/tests/contracts/tenant_store.ts";
import { MemoryKv } from "@/tests/support/memory_kv.ts";

testTenantStore("The tenant store over Deno KV", async () => {
  const kv = await Deno.openKv(":memory:");
  return {
    store: createKvTenantStore(kv),
    plans: createKvPlanStore(kv),
    close: () => kv.close(),
  };
});

testTenantStore("The tenant store over the in-memory database", () => {
  const kv = new MemoryKv();
  return Promise.resolve({
    store: createKvTenantStore(kv),
    plans: createKvPlanStore(kv),
    close: () => {},
  });
});
