/** Passes over all tenants: a page at a time, only those that matter, with a word on the way. */
import { assertEquals } from "@std/assert";
import { dryRunPlan } from "@/lib/catalog/dry_run.ts";
import { eachTenant } from "@/lib/catalog/each_tenant.ts";
import { evaluateAlerts } from "@/lib/billing/alerts.ts";
import { accept } from "@/lib/domain/result.ts";
import { createKvDryRunStore } from "@/lib/kv/dry_run_store.ts";
import { billingWorld, GROWTH } from "@/tests/support/billing_world.ts";
import { MemoryTenants } from "@/tests/support/memory_tenants.ts";
import { sampleTenant } from "@/tests/support/samples.ts";

function tenants(count: number) {
  const all = Array.from({ length: count }, (_, at) =>
    sampleTenant({
      tenantId: `ten_${String(at).padStart(4, "0")}`,
      planRevision: at % 2 === 0 ? "growth@1" : "scale@1",
      createdAtMs: 0,
    }));
  return new MemoryTenants(...all);
}

Deno.test("a pass holds a page of tenants at a time and tells how many are done between pages", async () => {
  const store = tenants(250);
  const limits: number[] = [];
  const told: number[] = [];
  let passed = 0;
  const reading = {
    tenants: (query: Parameters<MemoryTenants["tenants"]>[0]) => {
      limits.push(query.limit);
      return store.tenants(query);
    },
  };
  for await (const _ of eachTenant(reading, { onPage: (done) => told.push(done) })) passed += 1;
  assertEquals([passed, limits, told], [250, [100, 100, 100], [100, 200]]);
});

Deno.test("a dry run reads the tenants on its plan's versions, no others, and says how far it is", async () => {
  const { deps, plans, close } = await billingWorld();
  const kv = await Deno.openKv(":memory:");
  const store = tenants(420);
  const draft = { ...GROWTH, revision: 2, planRevision: "growth@2", status: "draft" as const };
  await plans.putPlan(draft, null);
  const asked = new Set<string>();
  const told: number[] = [];
  const ran = await dryRunPlan(
    {
      ...deps,
      plans,
      tenants: {
        ...deps.tenants,
        tenants: async (query) => {
          const page = await store.tenants(query);
          for (const { planRevision } of page.items) asked.add(planRevision);
          return page;
        },
      },
      dryRuns: createKvDryRunStore(kv),
      provider: { checkPlan: accept, ensurePlan: () => Promise.reject(new Error("not asked")) },
    },
    "growth@2",
    { onProgress: (done) => told.push(done) },
  );
  assertEquals(ran.ok && ran.value.dryRun.tenants, 210);
  assertEquals([[...asked], told], [["growth@1"], [100, 200]]);
  kv.close();
  close();
});

Deno.test("recurring work over many tenants logs how many are done", async () => {
  const { deps, logger, close } = await billingWorld();
  const store = tenants(230);
  await evaluateAlerts({ ...deps, tenants: { ...deps.tenants, tenants: (q) => store.tenants(q) } });
  const lines = logger.lines.filter(({ event }) => event === "alerts_progress");
  assertEquals(lines.map(({ fields }) => fields["tenants"]), [100, 200]);
  close();
});
