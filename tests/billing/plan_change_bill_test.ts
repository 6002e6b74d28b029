/**
 * What a period with plan changes costs: our rating of all its units against all invoices of the
 * Stripe simulator, over real stores and the real engine.
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { applyNotices, receiveNotice } from "@/lib/billing/apply_notice.ts";
import { changePlan } from "@/lib/billing/change_plan.ts";
import { adjustMoney } from "@/lib/billing/adjust.ts";
import { closeDuePeriods } from "@/lib/billing/close_period.ts";
import { closeTenant } from "@/lib/billing/close_tenant.ts";
import type { BillingDeps } from "@/lib/billing/deps.ts";
import { releasePeriod } from "@/lib/billing/release_period.ts";
import type { Act } from "@/lib/tenancy/act.ts";
import { followMoves } from "@/lib/billing/follow_move.ts";
import { createCorrectionStore } from "@/lib/kv/correction_store.ts";
import { proposeCorrection } from "@/lib/metering/corrections.ts";
import { DAY, JUNE, MAY, MINUTE, openPlanWorld } from "@/tests/support/plan_world.ts";

const SECOND = 1_000;

type PlanWorld = Awaited<ReturnType<typeof openPlanWorld>>;

async function move({ deps }: { readonly deps: BillingDeps }, planRevision: string): Promise<void> {
  const moved = await changePlan(deps, { tenantId: "ten_a", planRevision });
  assert(moved.ok, moved.ok ? "" : moved.error.detail);
}

/** Of units that were used under `growth@1` in May; sent by the time it returns. */
async function correct(world: PlanWorld, units: bigint): Promise<void> {
  const { engine: { sealer }, deps: { clock, ids }, kv, targets } = world;
  const corrected = await proposeCorrection({
    tenantId: "ten_a",
    meter: "screening",
    planRevision: "growth@1",
    periodId: "2026-05-01",
    units,
    reason: "Counted twice",
    author: "ada@example.com",
  }, { corrections: createCorrectionStore({ kv }), sealer, targets, clock, ids });
  assert(corrected.ok);
  await world.minutes(3);
}

/** Invoices and our rating agree, and no line had to make up for anything. */
async function agrees(world: PlanWorld, usageMinor: bigint): Promise<void> {
  const closed = await world.close();
  assertEquals(closed, {
    finalized: 1,
    oursMinor: usageMinor,
    stripeMinor: usageMinor,
    madeUpMinor: 0n,
  });
}

for (
  const [what, from, to] of [["an upgrade", "growth@1", "scale@1"], [
    "a downgrade",
    "scale@1",
    "growth@1",
  ]] as const
) {
  Deno.test(`${what} bills the units before and after it in its own minute, each at its own price`, async () => {
    await using world = await openPlanWorld();
    if (from !== "growth@1") await move(world, from);
    await world.minutes(3);
    world.clock.advance(20 * SECOND);
    await world.use(1_000n);
    await move(world, to);
    assertEquals(await world.atStripe(), to);
    await world.use(300n);
    world.clock.advance(10 * SECOND);
    await world.use(200n);
    await world.minutes(3);
    // 2 cents a unit of growth, 0.4 cents one of scale.
    await agrees(world, from === "growth@1" ? 2_000n + 200n : 400n + 1_000n);
  });
}

Deno.test("several changes within a period bill each run of each version by its own ladder", async () => {
  await using world = await openPlanWorld();
  for (
    const [planRevision, units] of [["growth@1", 700n], ["scale@1", 500n], [
      "lite@1",
      900n,
    ]] as const
  ) {
    await move(world, planRevision);
    await world.use(units, { meter: "risk_score" });
    await world.minutes(2);
    await world.use(units);
    world.clock.advance(DAY);
  }
  // risk_score: 600, 400 and 800 units beyond the included ones.
  await agrees(world, 600n + 160n + 800n + 1_400n + 200n + 1_800n);
});

Deno.test("a version that a tenant comes back to is rated as one run, and Stripe's two are made up for", async () => {
  await using world = await openPlanWorld();
  for (const planRevision of ["growth@1", "scale@1", "growth@1"]) {
    await move(world, planRevision);
    await world.use(150n, { meter: "risk_score" });
    await world.minutes(2);
  }
  const closed = await world.close();
  // 300 units of growth less 100 included; Stripe takes 100 off twice.
  assertEquals(closed, {
    finalized: 1,
    oursMinor: 200n + 20n,
    stripeMinor: 220n,
    madeUpMinor: 100n,
  });
});

for (
  const [when, atMs] of [
    ["first", MAY + 15 * SECOND],
    ["last", JUNE - 20 * SECOND],
  ] as const
) {
  Deno.test(`a change in the ${when} minute of a period leaves no unit unbilled and no invoice held`, async () => {
    await using world = await openPlanWorld();
    world.clock.atMs = atMs;
    await world.use(100n);
    await move(world, "scale@1");
    await world.use(500n);
    await world.minutes(5);
    const { finalized, oursMinor, stripeMinor } = await world.close();
    assertEquals([finalized, oursMinor, stripeMinor], [1, 200n + 200n, 400n]);
  });
}

Deno.test("units of another instance are counted before Stripe changes prices", async () => {
  await using world = await openPlanWorld();
  const other = world.another();
  await other.tick();
  await world.use(400n, { by: other });
  await move(world, "scale@1");
  assertEquals(await world.atStripe(), "growth@1", "the other one has yet to count its units");
  await world.use(100n, { by: other });
  await other.tick();
  await world.minutes(2);
  assertEquals(await world.atStripe(), "scale@1");
  await other.tick();
  await world.minutes(3);
  await agrees(world, 800n + 40n);
});

Deno.test("units answered before they were written are billed at the price that they were answered at", async () => {
  await using world = await openPlanWorld();
  const buffering = world.buffering();
  await buffering.tick();
  await move(world, "scale@1");
  await world.use(100n, { by: buffering, planRevision: "growth@1" });
  await buffering.recorder.idle();
  await buffering.tick();
  await world.minutes(3);
  const closed = await world.close();
  // At Stripe they came to the new price; 1.60 of them is made up for.
  assertEquals(closed, { finalized: 1, oursMinor: 200n, stripeMinor: 200n, madeUpMinor: 160n });
});

Deno.test("a correction of a version that was left bills that version's price", async () => {
  await using world = await openPlanWorld();
  await world.use(1_000n);
  await move(world, "scale@1");
  await world.use(1_000n);
  await world.minutes(3);
  await correct(world, -400n);
  const { finalized, oursMinor, stripeMinor } = await world.close();
  assertEquals([finalized, oursMinor, stripeMinor], [1, 1_200n + 400n, 1_600n]);
});

Deno.test("usage that was corrected away altogether costs nothing, though Stripe took it at two prices", async () => {
  await using world = await openPlanWorld();
  await world.use(1_000n);
  await move(world, "scale@1");
  await world.minutes(3);
  await correct(world, -1_000n);
  // Stripe has 1,000 units at the old price, and a line below zero, which costs nothing, at the new.
  assertEquals(await world.close(), {
    finalized: 1,
    oursMinor: 0n,
    stripeMinor: 0n,
    madeUpMinor: -2_000n,
  });
});

Deno.test("an event that comes after its month, on a new plan, is billed as we rate it", async () => {
  await using world = await openPlanWorld();
  await world.use(50n);
  await world.minutes(3);
  world.clock.atMs = JUNE + 5 * MINUTE;
  await move(world, "scale@1");
  await world.use(10n, { periodId: "2026-05-01" });
  await world.minutes(3);
  const { finalized, oursMinor, stripeMinor } = await world.close();
  assertEquals([finalized, oursMinor, stripeMinor], [1, 100n + 4n, 104n]);
});

Deno.test("a month that ends while Stripe has yet to follow a move is billed as we rate it", async () => {
  await using world = await openPlanWorld();
  world.clock.atMs = JUNE - 10 * MINUTE;
  await world.use(50n);
  await world.minutes(2);
  const { deps, simulator } = world;
  const tenants: BillingDeps["tenants"] = {
    ...deps.tenants,
    putTenant(...write) {
      simulator.control.setOutage(true);
      return deps.tenants.putTenant(...write);
    },
  };
  await move({ deps: { ...deps, tenants } }, "scale@1");
  await world.use(1_000n);
  await world.minutes(12);
  simulator.control.setOutage(false);
  await world.minutes(15);
  assertEquals(await world.atStripe(), "scale@1");
  const { finalized, oursMinor, stripeMinor } = await world.close();
  assertEquals([finalized, oursMinor, stripeMinor], [1, 100n + 400n, 500n]);
});

Deno.test("a tenant that ends gets its last invoice, with what a plan change left, and it is not held", async () => {
  await using world = await openPlanWorld();
  const { deps, clock, simulator } = world;
  const buffering = world.buffering();
  await buffering.tick();
  await world.use(100n);
  await move(world, "scale@1");
  await world.use(50n, { by: buffering, planRevision: "growth@1" });
  await buffering.recorder.idle();
  await buffering.tick();
  await world.use(500n);
  await world.minutes(3);
  const ended = await closeTenant(deps, { tenantId: "ten_a" });
  assert(ended.ok, ended.ok ? "" : ended.error.detail);
  for (const notice of await deps.provider.noticesSince({ sinceMs: 0, limit: 100 })) {
    await receiveNotice(deps, notice, "pull");
  }
  await applyNotices(deps);
  await closeDuePeriods(deps);
  clock.advance(3 * 60 * MINUTE);
  await simulator.tick();
  const { stripeCustomerId } = await world.tenant();
  const query = { stripeCustomerId: stripeCustomerId ?? "", limit: 9 };
  const [last] = await deps.provider.invoices(query);
  assert(last !== undefined && last.status !== "draft", "nobody has to release it");
  const usage = last.lines.filter(({ meter, key }) => meter !== null || key !== null);
  assertEquals(usage.reduce((sum, { amountMinor }) => sum + amountMinor, 0n), 200n + 100n + 200n);
  const close = await deps.store.periodClose("ten_a", "2026-05-01");
  assertEquals([close?.value.state, close?.value.invoiceId], ["finalized", last.invoiceId]);
});

Deno.test("units of a version that was left before there was a subscription are billed at their own price", async () => {
  await using world = await openPlanWorld({ provisioned: false });
  await world.use(1_000n);
  await world.minutes(3);
  await move(world, "scale@1");
  await world.use(1_000n);
  await world.minutes(3);
  await world.provision();
  await world.minutes(3);
  const { finalized, oursMinor, stripeMinor } = await world.close();
  assertEquals([finalized, oursMinor, stripeMinor], [1, 2_000n + 400n, 2_400n]);
});

Deno.test("usage of months before there was a subscription is on its first invoice, once", async () => {
  await using world = await openPlanWorld({
    provisioned: false,
    createdAtMs: Date.UTC(2026, 1, 9),
  });
  world.clock.atMs = Date.UTC(2026, 2, 20);
  await world.use(300n);
  world.clock.atMs = Date.UTC(2026, 3, 20);
  await world.use(200n);
  world.clock.atMs = MAY + 10 * DAY;
  await world.use(100n);
  await world.provision();
  await world.minutes(3);
  const first = await world.close();
  assertEquals([first.finalized, first.oursMinor], [1, 200n], "May by itself");
  assertEquals([first.stripeMinor, first.madeUpMinor], [200n + 600n + 400n, 1_000n]);
  for (const [periodId, code] of [["2026-03-01", "billed_later"], ["2026-04-01", "billed_later"]]) {
    const close = await world.deps.store.periodClose("ten_a", periodId ?? "");
    assertEquals([close?.value.state, close?.value.reasons[0]?.code], ["finalized", code]);
  }
  assertEquals((await world.close()).stripeMinor, 1_200n, "nothing is added by another run");
});

Deno.test("a close that dies with its invoice final ends the months on it when it is repeated", async () => {
  await using world = await openPlanWorld({
    provisioned: false,
    createdAtMs: Date.UTC(2026, 1, 9),
  });
  world.clock.atMs = Date.UTC(2026, 3, 20);
  await world.use(200n);
  world.clock.atMs = MAY + 10 * DAY;
  await world.use(100n);
  await world.provision();
  await world.minutes(3);
  const { putPeriodClose } = world.deps.store;
  let dead = false;
  world.deps.store.putPeriodClose = async (row, version) => {
    if (row.state === "finalized") dead = true;
    if (dead) throw new Error("died");
    return await putPeriodClose(row, version);
  };
  await assertRejects(() => world.close(), Error, "died");
  const open = await world.deps.store.periodClose("ten_a", "2026-04-01");
  assertEquals([open?.value.state, open?.value.invoiceId], ["waiting", null]);
  world.deps.store.putPeriodClose = putPeriodClose;
  await world.minutes(10);
  assertEquals((await world.close()).stripeMinor, 200n + 400n, "nothing is added twice");
  for (const [periodId, code] of [["2026-04-01", "billed_later"], ["2026-05-01", undefined]]) {
    const close = await world.deps.store.periodClose("ten_a", periodId ?? "");
    assertEquals([close?.value.state, close?.value.reasons[0]?.code], ["finalized", code]);
  }
});

/** Holds May over money that waits for a second person, and lets one release it all the same. */
async function heldAndReleased(
  { deps, close }: PlanWorld,
  { dies = false, reasons = ["approval_waiting"] }: {
    readonly dies?: boolean;
    readonly reasons?: readonly string[];
  } = {},
) {
  const act: Act = { actor: { kind: "operator", id: "olga" }, ip: null, requestId: "req_1" };
  const waiting = await adjustMoney(deps, {
    tenantId: "ten_a",
    periodId: "2026-05-01",
    amountMinor: 200_000n,
    note: "Set-up",
    createdBy: "olga",
    act,
  });
  assert(waiting.ok && waiting.value.state === "pending");
  assertEquals((await close()).finalized, 0);
  const row = await deps.store.periodClose("ten_a", "2026-05-01");
  assertEquals(row?.value.reasons.map(({ code }) => code), reasons);
  const wanted = { tenantId: "ten_a", periodId: "2026-05-01", reason: "Agreed by mail", act };
  if (dies) {
    const provider = {
      ...deps.provider,
      finalizeInvoice: () => Promise.reject(new Error("died")),
    };
    await assertRejects(() => releasePeriod({ ...deps, provider }, wanted), Error, "died");
  }
  const released = await releasePeriod(deps, wanted);
  assert(released.ok, released.ok ? "" : released.error.detail);
  assertEquals(released.value.state, "finalized");
}

for (
  const [what, dies] of [["a release", false], [
    "a release that died and is repeated",
    true,
  ]] as const
) {
  Deno.test(`${what} makes up for a move as the close does, and once`, async () => {
    await using world = await openPlanWorld();
    const buffering = world.buffering();
    await buffering.tick();
    await move(world, "scale@1");
    await world.use(100n, { by: buffering, planRevision: "growth@1" });
    await buffering.recorder.idle();
    await buffering.tick();
    await world.minutes(3);
    await heldAndReleased(world, { dies });
    const closed = await world.close();
    assertEquals(closed, { finalized: 0, oursMinor: 200n, stripeMinor: 200n, madeUpMinor: 160n });
  });
}

Deno.test("a release over units that differ bills what Stripe has, and makes up for none of them", async () => {
  await using world = await openPlanWorld();
  await world.use(100n);
  await move(world, "scale@1");
  await world.use(500n);
  await world.minutes(3);
  const { stripeCustomerId } = await world.tenant();
  await world.deps.provider.sendMeterEvent({
    identifier: "stranger",
    eventName: "screening",
    stripeCustomerId: stripeCustomerId ?? "",
    units: 50n,
    timestampMs: world.clock.nowMs() - MINUTE,
    attempt: 1,
  });
  await heldAndReleased(world, { reasons: ["approval_waiting", "units_differ"] });
  const closed = await world.close();
  assertEquals(closed, { finalized: 0, oursMinor: 400n, stripeMinor: 420n, madeUpMinor: 0n });
});

Deno.test("a release of the first invoice bills the months before there was a subscription, and ends them", async () => {
  await using world = await openPlanWorld({
    provisioned: false,
    createdAtMs: Date.UTC(2026, 1, 9),
  });
  world.clock.atMs = Date.UTC(2026, 3, 20);
  await world.use(200n);
  world.clock.atMs = MAY + 10 * DAY;
  await world.use(100n);
  await world.provision();
  await world.minutes(3);
  await heldAndReleased(world, { dies: true });
  const { stripeMinor, madeUpMinor } = await world.close();
  assertEquals([stripeMinor, madeUpMinor], [200n + 400n, 400n]);
  const april = await world.deps.store.periodClose("ten_a", "2026-04-01");
  const { state, reasons, closingSinceMs } = april?.value ?? {};
  assertEquals([state, reasons?.[0]?.code, closingSinceMs], ["finalized", "billed_later", null]);
});

Deno.test("a move cut off before or after any of its steps is completed, and every unit billed once", async () => {
  const steps = ["putTenant", "changePlan", "putPlanChange", "endPlanMove"] as const;
  for (const step of steps) {
    for (const when of ["before", "after"] as const) {
      await using world = await openPlanWorld();
      await world.use(100n);
      await assertRejects(
        () => move({ deps: dyingAt(world.deps, step, when) }, "scale@1"),
        Error,
        "died",
        `${when} ${step}`,
      );
      if ((await world.tenant()).planRevision === "growth@1") await move(world, "scale@1");
      await world.use(500n);
      await world.minutes(3);
      assertEquals(await followMoves(world.deps), { followed: 0, waiting: 0 }, `${when} ${step}`);
      await agrees(world, 200n + 200n);
    }
  }
});

/** Dies at one call, once. */
function dyingAt(
  deps: BillingDeps,
  step: "putTenant" | "changePlan" | "putPlanChange" | "endPlanMove",
  when: "before" | "after",
): BillingDeps {
  const dying =
    <Args extends unknown[], T>(call: (...args: Args) => Promise<T>) => async (...args: Args) => {
      if (when === "after") await call(...args);
      return await Promise.reject<T>(new Error("died"));
    };
  const { tenants, provider, store } = deps;
  return {
    ...deps,
    tenants: step === "putTenant" ? { ...tenants, putTenant: dying(tenants.putTenant) } : tenants,
    provider: step === "changePlan"
      ? { ...provider, changePlan: dying(provider.changePlan) }
      : provider,
    store: step === "putPlanChange"
      ? { ...store, putPlanChange: dying(store.putPlanChange) }
      : step === "endPlanMove"
      ? { ...store, endPlanMove: dying(store.endPlanMove) }
      : store,
  };
}
