/** Moves between plan versions over real stores, the real engine and the Stripe simulator. */
import { assert, assertEquals } from "@std/assert";
import { applySubscription } from "@/lib/billing/apply_subscription.ts";
import { changePlan } from "@/lib/billing/change_plan.ts";
import type { BillingDeps } from "@/lib/billing/deps.ts";
import { followMoves } from "@/lib/billing/follow_move.ts";
import { pullSubscriptions } from "@/lib/billing/pull_subscriptions.ts";
import type { Result } from "@/lib/domain/result.ts";
import { writeOff } from "@/lib/metering/outbox_actions.ts";
import { MINUTE, openPlanWorld } from "@/tests/support/plan_world.ts";

/** Longer than any wait between two attempts. */
const LATER = 2 * 3_600_000;
const TO_SCALE = { tenantId: "ten_a", planRevision: "scale@1", from: "growth@1" };
const TO_LITE = { ...TO_SCALE, planRevision: "lite@1" };

Deno.test("of two people who confirm different plans at once one moves the tenant, and Stripe follows that one alone", async () => {
  await using world = await openPlanWorld();
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

Deno.test("while Stripe has yet to follow a move there is no other one, and the last one stands", async () => {
  await using world = await openPlanWorld();
  const { deps } = world;
  const back = { tenantId: "ten_a", planRevision: "lite@1", from: "scale@1" };
  let tried = false;
  const provider: BillingDeps["provider"] = {
    ...deps.provider,
    async changePlan(spec) {
      const early = tried ? null : changePlan(deps, back);
      tried = true;
      if (early !== null) assertEquals(codeOf(await early), "units_outstanding");
      return await deps.provider.changePlan(spec);
    },
  };
  assertEquals(codeOf(await changePlan({ ...deps, provider }, TO_SCALE)), "ok");
  assertEquals([(await world.tenant()).planRevision, await world.atStripe()], [
    "scale@1",
    "scale@1",
  ]);
  assertEquals(codeOf(await changePlan(deps, back)), "ok");
  assertEquals([(await world.tenant()).planRevision, await world.atStripe()], ["lite@1", "lite@1"]);
  assertEquals((await pullSubscriptions(deps)).planChangesCompleted, 0);
});

Deno.test("while Stripe is down nobody leaves a version whose units it lacks, and they keep their price", async () => {
  await using world = await openPlanWorld();
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
  await using world = await openPlanWorld();
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
  await using world = await openPlanWorld();
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
  const waiting = await world.tenant();
  assertEquals([codeOf(cut), waiting.planRevision, waiting.pricesSinceMs], ["ok", "scale@1", null]);
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

Deno.test("what an outage cut off is tried again every minute, later and later, until Stripe has followed", async () => {
  await using world = await openPlanWorld();
  const { deps, simulator, clock } = world;
  const tenants: BillingDeps["tenants"] = {
    ...deps.tenants,
    putTenant(...write) {
      simulator.control.setOutage(true);
      return deps.tenants.putTenant(...write);
    },
  };
  assertEquals(codeOf(await changePlan({ ...deps, tenants }, TO_SCALE)), "ok");
  const waiting = (await deps.store.planMove("ten_a"))?.value;
  assert(waiting !== undefined && waiting.detail !== null);
  assertEquals([waiting.from, waiting.to, waiting.attempts], ["growth@1", "scale@1", 1]);
  await world.minutes(30);
  const later = (await deps.store.planMove("ten_a"))?.value;
  const attempts = later?.attempts ?? 0;
  assert(attempts > 4 && attempts < 12, `${attempts} attempts in half an hour`);
  assertEquals(await followMoves(deps), { followed: 0, waiting: 1 });
  simulator.control.setOutage(false);
  await world.minutes(11);
  assertEquals(await deps.store.planMoves({ limit: 9 }), []);
  assertEquals(await world.atStripe(), "scale@1");
  assertEquals((await deps.store.planChanges("ten_a")).map(({ state }) => state), ["done", "done"]);
  const { pricesSinceMs } = await world.tenant();
  assert(
    (pricesSinceMs ?? 0) > clock.atMs - 11 * MINUTE,
    "when Stripe followed, not when we moved",
  );
});

Deno.test("prices that somebody changed at Stripe are put back by the notice of it", async () => {
  await using world = await openPlanWorld();
  const { deps } = world;
  const { stripeSubscriptionId } = await world.tenant();
  const lite = (await deps.plans.plan("lite@1"))?.value;
  assert(lite !== undefined && stripeSubscriptionId !== null);
  const plan = await deps.provider.ensurePlan(lite);
  const changed = await deps.provider.changePlan({ stripeSubscriptionId, plan });
  assertEquals(await applySubscription(deps, "ten_a", changed), "unchanged");
  assertEquals(await followMoves(deps), { followed: 1, waiting: 0 });
  assertEquals([(await world.tenant()).planRevision, await world.atStripe()], [
    "growth@1",
    "growth@1",
  ]);
});

function codeOf(result: Result<unknown>): string {
  return result.ok ? "ok" : result.error.code;
}
