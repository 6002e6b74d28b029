import { assert, assertEquals } from "@std/assert";
import { saveDraft } from "@/lib/catalog/save_draft.ts";
import { dryRunPlan } from "@/lib/catalog/dry_run.ts";
import { publishPlan } from "@/lib/catalog/publish_plan.ts";
import type { CatalogDeps } from "@/lib/catalog/deps.ts";
import { adjustMoney } from "@/lib/billing/adjust.ts";
import { changePlan } from "@/lib/billing/change_plan.ts";
import { accept } from "@/lib/domain/result.ts";
import { createKvAuditLog } from "@/lib/kv/audit_store.ts";
import { createKvBillingStore } from "@/lib/kv/billing_store.ts";
import { createKvDryRunStore } from "@/lib/kv/dry_run_store.ts";
import { createKvPlanStore } from "@/lib/kv/plan_store.ts";
import { createKvTenantStore } from "@/lib/kv/tenant_store.ts";
import { OPERATOR_CHAIN } from "@/lib/ports/audit.ts";
import type { Act } from "@/lib/tenancy/act.ts";
import { billingWorld, GROWTH, SCALE } from "@/tests/support/billing_world.ts";
import { CountingIds, FixedClock } from "@/tests/support/fixed_effects.ts";
import { emptyPlan, sampleTenant } from "@/tests/support/samples.ts";

const ACT: Act = { actor: { kind: "operator", id: "op_1" }, ip: "192.0.2.1", requestId: "req_1" };

Deno.test("drafting and publishing a plan leave an audit row each, in the same commit", async () => {
  const kv = await Deno.openKv(":memory:");
  const deps: CatalogDeps = {
    clock: new FixedClock(),
    ids: new CountingIds(),
    plans: createKvPlanStore(kv),
    dryRuns: createKvDryRunStore(kv),
    tenants: createKvTenantStore(kv),
    usage: { periodTotals: () => Promise.resolve([]) },
    provider: {
      checkPlan: (plan) => accept(plan),
      ensurePlan: ({ planRevision }) =>
        Promise.resolve({ planRevision, productId: "prod", prices: [] }),
    },
  };
  await saveDraft(deps, emptyPlan({ features: ["batch"] }), ACT);
  const shown = await dryRunPlan(deps, "growth@1");
  assert(shown.ok);
  const { dryRunId } = shown.value.dryRun;
  const published = await publishPlan(deps, { planRevision: "growth@1", dryRunId, act: ACT });
  assert(published.ok);
  const { items } = await createKvAuditLog(kv).entries({ chain: OPERATOR_CHAIN, limit: 10 });
  assertEquals(items.map(({ action, subject, actor }) => [action, subject, actor.id]), [
    ["plan.published", "growth@1", "op_1"],
    ["plan.drafted", "growth@1", "op_1"],
  ]);
  kv.close();
});

Deno.test("moving a tenant and adjusting its money are in the tenant's own audit log", async () => {
  const world = await billingWorld();
  const kv = await Deno.openKv(":memory:");
  const tenants = createKvTenantStore(kv);
  await tenants.putTenant(sampleTenant({ createdAtMs: 0 }), null);
  const deps = { ...world.deps, tenants, store: createKvBillingStore(kv) };
  for (const plan of [GROWTH, SCALE]) await world.plans.putPlan(plan, null);
  const moved = await changePlan(deps, {
    tenantId: "ten_a",
    planRevision: SCALE.planRevision,
    act: ACT,
  });
  assert(moved.ok);
  await adjustMoney(deps, {
    tenantId: "ten_a",
    amountMinor: -100n,
    note: "Sorry",
    createdBy: "op_1",
    adjustmentId: "adj_1",
    act: ACT,
  });
  const { items } = await createKvAuditLog(kv).entries({ chain: "ten_a", limit: 10 });
  assertEquals(items.map(({ action, subject }) => [action, subject]), [
    ["adjustment.created", "adj_1"],
    ["tenant.plan_changed", "ten_a"],
  ]);
  kv.close();
  world.close();
});
