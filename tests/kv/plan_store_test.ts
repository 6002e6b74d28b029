import { createKvPlanStore } from "@/lib/kv/plan_store.ts";
import { configEpochKey } from "@/lib/kv/keys.ts";
import { testPlanStore } from "@/tests/contracts/plan_store.ts";
import { createMemoryPlanStore } from "@/tests/support/memory_plan_store.ts";

testPlanStore("The plan store over Deno KV", async () => {
  const kv = await Deno.openKv(":memory:");
  return {
    store: createKvPlanStore(kv),
    epoch: async () => (await kv.get(configEpochKey())).versionstamp,
    close: () => kv.close(),
  };
});

testPlanStore("The plan store in memory", () => {
  const store = createMemoryPlanStore();
  return Promise.resolve({ store, epoch: () => Promise.resolve(store.epoch()), close: () => {} });
});
