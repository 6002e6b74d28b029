/** Moves between plan versions over real stores, the real engine and the Stripe simulator. */
import { assert, assertEquals } from "@std/assert";
import { changePlan } from "@/lib/billing/change_plan.ts";
import type { BillingDeps } from "@/lib/billing/deps.ts";
import { provisionTenant } from "@/lib/billing/provision_tenant.ts";
import { pullSubscriptions } from "@/lib/billing/pull_subscriptions.ts";
import { meterEventName } from "@/lib/domain/meter.ts";
import type { Result } from "@/lib/domain/result.ts";
import { createKvBillingStore } from "@/lib/kv/billing_store.ts";
import { createOutboxStore } from "@/lib/kv/outbox_store.ts";
import { createKvPlanStore } from "@/lib/kv/plan_store.ts";
import { createQuotaStore } from "@/lib/kv/quota_store.ts";
import { createKvTenantStore } from "@/lib/kv/tenant_store.ts";
import { createUsageLog } from "@/lib/kv/usage_log.ts";
import { createUsageStore } from "@/lib/kv/usage_store.ts";
import { createBillingTargets } from "@/lib/metering/billing_targets.ts";
import { MeteringEngine } from "@/lib/metering/engine.ts";
import { writeOff } from "@/lib/metering/outbox_actions.ts";
import { openStripeWorld } from "@/tests/stripe/stripe_world.ts";
import { GROWTH, SCALE } from "@/tests/support/billing_world.ts";
import { CountingIds } from "@/tests/support/fixed_effects.ts";
import { ManualScheduler } from "@/tests/support/metering_world.ts";
import { sampleTenant } from "@/tests/support/samples.ts";

const MAY = Date.UTC(2026, 4, 1);
const JUNE = Date.UTC(2026, 5, 1);
const DAY = 86_400_000;
const MINUTE = 60_000;
/** Longer than any wait between two attempts. */
const LATER = 2 * 3_600_000;
const LITE = { ...GROWTH, planId: "lite", planRevision: "lite@1" };
const TO_SCALE = { tenantId: "ten_a", planRevision: "scale@1", from: "growth@1" };
const TO_LITE = { ...TO_SCALE, planRevision: "lite@1" };

Deno.test("of two people who confirm different plans at once one moves the tenant, and Stripe follows that one alone", async () => {
  await using world = await openWorld();
  const { deps } = world;
  const results = await Promise.all([changePlan(deps, TO_SCALE), changePlan(deps, TO_LITE)]);
  assertEquals(results.map(codeOf).toSorted(), ["conflict", "ok"]);
  const [winner] = results.flatMap((result) => result.ok ? [result.value.planRevision] : []);
  const { planRevision } = await world.tenant();
  assertEquals([planRevision, await world.atStripe()], [winner, winner]);
  const rows = await deps.store.planChanges("ten_a");
  assertEquals(rows.map(({ to, state }) => [to, state]), [["growth@1", "done"], [winner, "done"]]);
  const other = planRevision === "scale@1" ? TO_LITE : TO_SCALE;
  assertEquals(codeOf(await changePlan(deps, other)), "conflict", "it was seen on growth@1");
  assertEquals(await world.atStripe(), winner);
  const again = planRevision === "scale@1" ? TO_SCALE : TO_LITE;
  assertEquals(codeOf(await changePlan(deps, again)), "ok", "a repeat finds its own doing");
  assertEquals((await deps.store.planChanges("ten_a")).length, 2);
});

Deno.test("a move whose change at Stripe comes late never undoes a later move", async () => {
  await using world = await openWorld();
  const { deps } = world;
  let first = true;
  const provider: BillingDeps["provider"] = {
    ...deps.provider,
    async changePlan(spec) {
      if (first) {
        first = false;
        const later = { tenantId: "ten_a", planRevision: "lite@1", from: "scale@1" };
        assertEquals(codeOf(await changePlan(deps, later)), "ok");
      }
      return await deps.provider.changePlan(spec);
    },
  };
  assertEquals(codeOf(await changePlan({ ...deps, provider }, TO_SCALE)), "ok");
  assertEquals([(await world.tenant()).planRevision, await world.atStripe()], ["lite@1", "lite@1"]);
  assertEquals((await pullSubscriptions(deps)).planChangesCompleted, 0);
});

Deno.test("while Stripe is down nobody leaves a version whose units it lacks, and they keep their price", async () => {
  await using world = await openWorld();
  const { deps, simulator, clock } = world;
  await world.use(500n);
  clock.advance(2 * MINUTE);
  simulator.control.setOutage(true);
  assertEquals(codeOf(await changePlan(deps, TO_SCALE)), "units_outstanding");
  simulator.control.setOutage(false);
  assertEquals([(await world.tenant()).planRevision, await world.atStripe()], [
    "growth@1",
    "growth@1",
  ]);
  assertEquals((await deps.store.planChanges("ten_a")).length, 1);
  clock.advance(LATER);
  assertEquals(codeOf(await changePlan(deps, TO_SCALE)), "ok");
  assertEquals(await world.atStripe(), "scale@1");
  assertEquals(await world.invoicedUsage(), { units: 500n, amountMinor: 1_000n });
});

Deno.test("a held entry keeps its tenant on its version until a person has decided", async () => {
  await using world = await openWorld();
  const { deps, simulator, clock, engine, outbox, targets } = world;
  await world.use(500n);
  clock.advance(2 * MINUTE);
  simulator.control.addFault({
    path: "/v1/billing/meter_events",
    action: { kind: "refuse", code: "meter_event_customer_not_found" },
    times: 1,
    skip: 0,
  });
  assertEquals(codeOf(await changePlan(deps, TO_SCALE)), "units_outstanding");
  assertEquals(await world.atStripe(), "growth@1");
  const [entry] = (await deps.usage.outbox({ tenantId: "ten_a", limit: 5 })).entries;
  assertEquals(entry?.state, "held");
  const decision = { entryId: entry?.entryId ?? "", author: "ada@example.com", reason: "A gift" };
  const { sealer } = engine;
  assert((await writeOff(decision, { outbox, sealer, targets, clock })).ok);
  assertEquals(codeOf(await changePlan(deps, TO_SCALE)), "ok");
  assertEquals(await world.atStripe(), "scale@1");
});

Deno.test("a move that Stripe's outage cuts off after our commit leaves Stripe's prices until all units are there", async () => {
  await using world = await openWorld();
  const { deps, simulator, clock } = world;
  const tenants: BillingDeps["tenants"] = {
    ...deps.tenants,
    async putTenant(...write) {
      await world.use(500n);
      clock.advance(2 * MINUTE);
      simulator.control.setOutage(true);
      return await deps.tenants.putTenant(...write);
    },
  };
  const cut = await changePlan({ ...deps, tenants }, TO_SCALE);
  assertEquals([codeOf(cut), (await world.tenant()).planRevision], [
    "units_outstanding",
    "scale@1",
  ]);
  simulator.control.setOutage(false);
  assertEquals(await world.atStripe(), "growth@1");
  const early = await pullSubscriptions(deps);
  assertEquals([early.planChangesCompleted, early.failures.length], [0, 1]);
  assertEquals(await world.atStripe(), "growth@1", "the attempt under way may still arrive");
  clock.advance(LATER);
  assertEquals((await pullSubscriptions(deps)).planChangesCompleted, 1);
  assertEquals(await world.atStripe(), "scale@1");
  assertEquals((await pullSubscriptions(deps)).planChangesCompleted, 0);
  assertEquals(await world.invoicedUsage(), { units: 500n, amountMinor: 1_000n });
});

function codeOf(result: Result<unknown>): string {
  return result.ok ? "ok" : result.error.code;
}

/** One tenant on `growth@1` at the simulator, ten days into May. */
async function openWorld() {
  const stripe = await openStripeWorld();
  const { clock, logger, provider } = stripe;
  clock.atMs = MAY;
  const kv = await Deno.openKv(":memory:");
  const ids = new CountingIds();
  const tenants = createKvTenantStore(kv);
  const plans = createKvPlanStore(kv);
  for (const plan of [GROWTH, SCALE, LITE]) await plans.putPlan(plan, null);
  await tenants.putTenant(sampleTenant({ createdAtMs: MAY }), null);
  const log = createUsageLog({ kv });
  const outbox = createOutboxStore({ kv, databaseEpoch: "epoch" });
  const targets = createBillingTargets({ tenants, plans, eventNameOf: meterEventName });
  const engine = new MeteringEngine({
    log,
    outbox,
    quotas: createQuotaStore({ kv }),
    targets,
    provider,
    clock,
    ids,
    scheduler: new ManualScheduler(clock),
    logger,
    windowMs: 5_000,
    durability: "commit",
    sending: true,
  });
  const deps: BillingDeps = {
    clock,
    ids,
    logger,
    tenants,
    plans,
    usage: createUsageStore({ kv, log, clock }),
    metering: engine,
    provider,
    store: createKvBillingStore(kv),
  };
  const collection = { kind: "invoice", daysUntilDue: 30 } as const;
  const provisioned = await provisionTenant(deps, { tenantId: "ten_a", email: null, collection });
  assert(provisioned.ok, provisioned.ok ? "" : provisioned.error.detail);
  clock.atMs = MAY + 10 * DAY;
  const tenant = async () => {
    const found = await tenants.tenant("ten_a");
    assert(found !== null);
    return found.value;
  };
  return {
    deps,
    engine,
    outbox,
    targets,
    clock,
    simulator: stripe.simulator,
    tenant,
    /** Units of the version that the tenant is on. */
    async use(units: bigint) {
      const { planRevision } = await tenant();
      const line = { tenantId: "ten_a", meter: "screening", planRevision, periodId: "2026-05-01" };
      const recorded = await engine.recorder.record({
        epoch: await tenants.epoch(),
        entries: [{ ...line, keyId: "key_1", units }],
      });
      assertEquals(recorded.kind, "committed");
    },
    /** The plan version of the subscription at Stripe. */
    async atStripe() {
      const { stripeSubscriptionId } = await tenant();
      return (await provider.subscription(stripeSubscriptionId ?? ""))?.planRevision;
    },
    /** Usage on all invoices when May is over. */
    async invoicedUsage() {
      clock.atMs = JUNE + MINUTE;
      await stripe.simulator.tick();
      const { stripeCustomerId } = await tenant();
      const invoices = await provider.invoices({
        stripeCustomerId: stripeCustomerId ?? "",
        limit: 9,
      });
      const lines = invoices.flatMap(({ lines }) => lines).filter(({ meter }) => meter !== null);
      return {
        units: lines.reduce((sum, { units }) => sum + units, 0n),
        amountMinor: lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0n),
      };
    },
    async [Symbol.asyncDispose]() {
      kv.close();
      await stripe.close();
    },
  };
}
