import { assert, assertEquals, assertRejects } from "@std/assert";
import { changePlan, previewPlanChange } from "@/lib/billing/change_plan.ts";
import { pullSubscriptions } from "@/lib/billing/pull_subscriptions.ts";
import { billingWorld, GROWTH, use } from "@/tests/support/billing_world.ts";
import { emptyPlan } from "@/tests/support/samples.ts";

const MOVE = { tenantId: "ten_a", planRevision: "scale@1" };

Deno.test("a preview shows both bills and the base fee by the second, and moves nothing", async () => {
  const { deps, clock, usage, provision, tenant, close } = await billingWorld();
  await provision();
  usage.use(use(1_100n));
  clock.atMs = Date.UTC(2026, 4, 16, 12); // half of May
  const preview = await previewPlanChange(deps, MOVE);
  assert(preview.ok);
  const { proration, before, after } = preview.value;
  assertEquals(proration, { creditMinor: -2450n, debitMinor: 4950n, netMinor: 2500n });
  assertEquals([before.totalMinor, after.totalMinor], [4900n + 1000n, 9900n + 400n]);
  assertEquals(tenant().planRevision, "growth@1");
  close();
});

Deno.test("a move sends what is left of the old version before Stripe changes prices", async () => {
  const { deps, usage, provider, provision, tenant, close } = await billingWorld();
  await provision();
  usage.use(use(7n));
  assertEquals((await changePlan(deps, MOVE)).ok, true);
  assertEquals(tenant().planRevision, "scale@1");
  assertEquals(usage.flushes, ["ten_a 2026-05-01", "ten_a 2026-05-01"], "before and after ours");
  assertEquals(provider.subscriptions.get("sub_ten_a")?.planRevision, "scale@1");
  const rows = await deps.store.planChanges("ten_a");
  assertEquals(rows.map(({ to, state }) => [to, state]), [["growth@1", "done"], [
    "scale@1",
    "done",
  ]]);
  close();
});

Deno.test("a move that was cut off is completed by the daily pull", async () => {
  const { deps, provider, provision, tenant, close } = await billingWorld();
  await provision();
  provider.crash = { call: "changePlan", after: false };
  await assertRejects(() => changePlan(deps, MOVE));
  assertEquals(tenant().planRevision, "scale@1");
  assertEquals(provider.subscriptions.get("sub_ten_a")?.planRevision, "growth@1");
  const report = await pullSubscriptions(deps);
  assertEquals(report.planChangesCompleted, 1);
  assertEquals(provider.subscriptions.get("sub_ten_a")?.planRevision, "scale@1");
  assertEquals((await pullSubscriptions(deps)).planChangesCompleted, 0);
  close();
});

Deno.test("moves that Stripe can't make are refused with what to do", async () => {
  const { deps, plans, close } = await billingWorld();
  await plans.putPlan(
    emptyPlan({ ...GROWTH, planId: "euro", planRevision: "euro@1", currency: "eur" }),
    null,
  );
  await plans.putPlan(emptyPlan({ planId: "yearly", interval: "year" }), null);
  await plans.putPlan(emptyPlan({ planId: "draft", status: "draft" }), null);
  const ask = async (planRevision: string) => {
    const result = await changePlan(deps, { tenantId: "ten_a", planRevision });
    return result.ok ? "ok" : result.error.code;
  };
  assertEquals(await ask("euro@1"), "currency_changed");
  assertEquals(await ask("yearly@1"), "interval_changed");
  assertEquals(await ask("draft@1"), "not_published");
  assertEquals(await ask("none@1"), "plan_not_found");
  close();
});
