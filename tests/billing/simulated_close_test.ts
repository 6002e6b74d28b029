/** Billing's use cases over the Stripe simulator, through Stripe's own SDK: the money must agree. */
import { assert, assertEquals } from "@std/assert";
import { adjustMoney } from "@/lib/billing/adjust.ts";
import { grantCredit } from "@/lib/billing/grant_credit.ts";
import type { BillingDeps } from "@/lib/billing/deps.ts";
import { changePlan } from "@/lib/billing/change_plan.ts";
import { closeDuePeriods } from "@/lib/billing/close_period.ts";
import { invoiceStatement } from "@/lib/billing/invoice_statement.ts";
import { provisionTenant } from "@/lib/billing/provision_tenant.ts";
import { reconcile } from "@/lib/billing/reconcile.ts";
import { FINAL_AFTER_MS } from "@/lib/domain/period.ts";
import { parsePlansFile } from "@/lib/catalog/plans_file.ts";
import type { PlanVersion } from "@/lib/domain/plan.ts";
import { createKvBillingStore } from "@/lib/kv/billing_store.ts";
import { openStripeWorld } from "@/tests/stripe/stripe_world.ts";
import { FakeUsage } from "@/tests/support/fake_usage.ts";
import { CountingIds, MemoryLogger } from "@/tests/support/fixed_effects.ts";
import { createMemoryPlanStore } from "@/tests/support/memory_plan_store.ts";
import { MemoryTenants } from "@/tests/support/memory_tenants.ts";
import { sampleTenant } from "@/tests/support/samples.ts";
import { use } from "@/tests/support/billing_world.ts";

const MAY = Date.UTC(2026, 4, 1);
const JUNE = Date.UTC(2026, 5, 1);
const MINUTE = 60_000;
const FINAL_AT = JUNE + FINAL_AFTER_MS;

async function shippedPlans(): Promise<readonly PlanVersion[]> {
  const file = parsePlansFile(
    await Deno.readTextFile(new URL("../../plans.json", import.meta.url)),
  );
  assert(file.ok);
  return file.value.plans.map((terms) => ({
    ...terms,
    revision: 1,
    planRevision: `${terms.planId}@1`,
    status: "published",
    createdAtMs: 0,
  }));
}

async function openWorld(planId: string) {
  const stripe = await openStripeWorld();
  stripe.clock.atMs = MAY;
  const kv = await Deno.openKv(":memory:");
  const usage = new FakeUsage(stripe.clock, stripe.provider);
  const plans = createMemoryPlanStore();
  for (const plan of await shippedPlans()) await plans.putPlan(plan, null);
  const tenants = new MemoryTenants(
    sampleTenant({ tenantId: "ten_a", planRevision: `${planId}@1`, createdAtMs: MAY }),
  );
  const store = createKvBillingStore(kv);
  tenants.ledger = store;
  const deps: BillingDeps = {
    clock: stripe.clock,
    ids: new CountingIds(),
    logger: new MemoryLogger(),
    tenants,
    plans,
    usage,
    metering: usage,
    provider: stripe.provider,
    store,
  };
  const collection = { kind: "invoice", daysUntilDue: 30 } as const;
  const provisioned = await provisionTenant(deps, { tenantId: "ten_a", email: null, collection });
  assert(provisioned.ok, provisioned.ok ? "" : provisioned.error.detail);
  usage.customerOf = (tenantId) => tenants.get(tenantId).stripeCustomerId ?? "";
  const goTo = async (atMs: number) => {
    stripe.clock.atMs = atMs;
    await stripe.simulator.tick();
  };
  const close = async () => {
    kv.close();
    await stripe.close();
  };
  return { ...stripe, deps, usage, tenants, goTo, close };
}

const USAGE: Readonly<Record<string, readonly (readonly [string, bigint])[]>> = {
  starter: [["risk_score", 12_345n], ["price_feed", 10_001n], ["compliance", 999n], [
    "screening",
    101n,
  ]],
  growth: [
    ["risk_score", 1_234_567n],
    ["price_feed", 2_500_001n],
    ["screening", 10_001n],
    [
      "greeks",
      1_001n,
    ],
    ["bond_analytics", 1_337n],
    ["compliance", 5_001n],
  ],
  scale: [["risk_score", 300_001n], ["screening", 100_001n], ["greeks", 100_003n], [
    "bond_analytics",
    77n,
  ]],
};

for (const [planId, uses] of Object.entries(USAGE)) {
  Deno.test(`the ${planId} plan's month closes with Stripe's invoice equal to our statement`, async () => {
    const world = await openWorld(planId);
    const { deps, usage, goTo, provider, tenants } = world;
    await goTo(MAY + 20 * 86_400_000);
    for (const [meter, units] of uses) {
      usage.use(use(units, { meter, planRevision: `${planId}@1` }));
    }
    await usage.flush({ tenantId: "ten_a", periodId: "2026-05-01" });
    const { report } = await reconcile(deps);
    assertEquals([report.differences, report.failures], [0, []]);
    await goTo(JUNE + MINUTE);
    assertEquals(await closeDuePeriods(deps), { finalized: 0, held: 0, waiting: 1 });
    await goTo(FINAL_AT);
    assertEquals(await closeDuePeriods(deps), { finalized: 1, held: 0, waiting: 0 });

    const ours = await invoiceStatement(deps, { tenantId: "ten_a", periodId: "2026-05-01" });
    assert(ours.ok);
    assertEquals(ours.value.state, "finalized");
    const { stripeCustomerId } = tenants.get("ten_a");
    const invoices = await provider.invoices({
      stripeCustomerId: stripeCustomerId ?? "",
      limit: 5,
    });
    const invoice = invoices.find(({ invoiceId }) => invoiceId === ours.value.invoiceId);
    assertEquals(invoice?.status, "open");
    // The invoice adds the base fee of June to May's usage; both months are whole here.
    assertEquals(invoice?.totalMinor, ours.value.statement.totalMinor);
    await world.close();
  });
}

Deno.test("credits and adjustments end up the same on both sides", async () => {
  const world = await openWorld("starter");
  const { deps, usage, goTo, provider, tenants } = world;
  await grantCredit(deps, {
    tenantId: "ten_a",
    name: "Welcome",
    category: "promotional",
    amountMinor: 700n,
    expiresAtMs: null,
  });
  await adjustMoney(deps, {
    tenantId: "ten_a",
    amountMinor: -123n,
    note: "Slow answers on 3 May",
    createdBy: "op",
  });
  await goTo(MAY + 5 * 86_400_000);
  usage.use(use(10_001n, { planRevision: "starter@1" }));
  await goTo(JUNE + MINUTE);
  assertEquals((await closeDuePeriods(deps)).waiting, 1);
  await goTo(FINAL_AT);
  assertEquals((await closeDuePeriods(deps)).finalized, 1);
  const ours = await invoiceStatement(deps, { tenantId: "ten_a", periodId: "2026-05-01" });
  assert(ours.ok);
  // 5,001 billed units at 0.0045 are 22.5045
  assertEquals(ours.value.statement.totalMinor, 4_900n + 2_250n - 123n - 700n);
  const { stripeCustomerId } = tenants.get("ten_a");
  const [invoice] = await provider.invoices({ stripeCustomerId: stripeCustomerId ?? "", limit: 1 });
  assertEquals(invoice?.totalMinor, ours.value.statement.totalMinor);
  await world.close();
});

Deno.test("a unit lost at Stripe holds the real draft beyond its hour", async () => {
  const world = await openWorld("starter");
  const { deps, usage, goTo, provider, tenants } = world;
  await goTo(MAY + 5 * 86_400_000);
  usage.use(use(10_000n, { planRevision: "starter@1" }));
  usage.online = false;
  await goTo(JUNE + MINUTE);
  assertEquals(await closeDuePeriods(deps), { finalized: 0, held: 1, waiting: 0 });
  await goTo(JUNE + 5 * 3_600_000);
  const { stripeCustomerId } = tenants.get("ten_a");
  const [held] = await provider.invoices({ stripeCustomerId: stripeCustomerId ?? "", limit: 1 });
  assertEquals(held?.status, "draft");
  usage.online = true;
  assertEquals((await closeDuePeriods(deps)).finalized, 1);
  await world.close();
});

Deno.test("a plan change in mid-month loses no unit and no cent on either side", async () => {
  const world = await openWorld("starter");
  const { deps, usage, goTo, provider, tenants } = world;
  await goTo(MAY + 10 * 86_400_000);
  usage.use(use(7_000n, { planRevision: "starter@1" }));
  const moved = await changePlan(deps, { tenantId: "ten_a", planRevision: "growth@1" });
  assert(moved.ok, moved.ok ? "" : moved.error.detail);
  await goTo(MAY + 20 * 86_400_000);
  usage.use(use(30_000n, { day: 20, planRevision: "growth@1" }));
  await goTo(JUNE + MINUTE);
  assertEquals((await closeDuePeriods(deps)).waiting, 1);
  await goTo(FINAL_AT);
  assertEquals(await closeDuePeriods(deps), { finalized: 1, held: 0, waiting: 0 });
  const ours = await invoiceStatement(deps, { tenantId: "ten_a", periodId: "2026-05-01" });
  assert(ours.ok);
  const { stripeCustomerId } = tenants.get("ten_a");
  const invoices = await provider.invoices({ stripeCustomerId: stripeCustomerId ?? "", limit: 9 });
  const usageMinor = invoices.flatMap(({ lines }) => lines)
    .filter(({ meter }) => meter !== null)
    .reduce((sum, line) => sum + line.amountMinor, 0n);
  const ownMinor = ours.value.statement.lines.filter(({ kind }) => kind === "usage")
    .reduce((sum, line) => sum + line.amountMinor, 0n);
  assertEquals(usageMinor, ownMinor);
  await world.close();
});
