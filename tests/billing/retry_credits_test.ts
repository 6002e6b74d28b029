/** Credits that Stripe was not given when they were granted: given later, and exactly once. */
import { assert, assertEquals } from "@std/assert";
import { approveCredit } from "@/lib/billing/decide_credit.ts";
import type { BillingDeps } from "@/lib/billing/deps.ts";
import { grantCredit } from "@/lib/billing/grant_credit.ts";
import { CREDITS_PER_RUN, retryCredits } from "@/lib/billing/retry_credits.ts";
import { provisionTenant } from "@/lib/billing/provision_tenant.ts";
import { createKvBillingStore } from "@/lib/kv/billing_store.ts";
import { loadHome } from "@/lib/operator/load_home.ts";
import { ProviderError } from "@/lib/ports/billing_provider.ts";
import type { Act } from "@/lib/tenancy/act.ts";
import { openStripeWorld } from "@/tests/stripe/stripe_world.ts";
import { must, startApi } from "@/tests/support/api_world.ts";
import { GROWTH } from "@/tests/support/billing_world.ts";
import { FakeUsage } from "@/tests/support/fake_usage.ts";
import { CountingIds, MemoryLogger } from "@/tests/support/fixed_effects.ts";
import { createMemoryPlanStore } from "@/tests/support/memory_plan_store.ts";
import { MemoryTenants } from "@/tests/support/memory_tenants.ts";
import { sampleTenant } from "@/tests/support/samples.ts";
import { ScriptedKv } from "@/tests/support/scripted_kv.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const GRANTS = "/v1/billing/credit_grants";
const NOTHING = { given: 0, failed: 0, left: 0 };

function by(id: string): Act {
  return { actor: { kind: "operator", id }, ip: null, requestId: "req_1" };
}

/** Instances of the service on one database, beside Stripe's simulator over HTTP. */
async function open() {
  const stripe = await openStripeWorld({ http: true });
  const { clock, simulator: { control } } = stripe;
  const inner = await Deno.openKv(":memory:");
  const tenants = new MemoryTenants(sampleTenant({
    tenantId: "ten_a",
    createdAtMs: clock.nowMs(),
    stripeCustomerId: await stripe.customer(),
  }));
  tenants.ledger = createKvBillingStore(inner);
  const plans = createMemoryPlanStore();
  await plans.putPlan(GROWTH, null);
  /** A process of its own: what happens to its commits happens to no other's. */
  const instance = () => {
    const kv = new ScriptedKv(inner);
    const usage = new FakeUsage(clock, stripe.provider);
    const deps: BillingDeps = {
      clock,
      ids: new CountingIds(),
      logger: new MemoryLogger(),
      tenants,
      plans,
      usage,
      metering: usage,
      provider: stripe.provider,
      store: createKvBillingStore(kv),
    };
    return { kv, deps };
  };
  const { deps } = instance();
  const grant = async (creditId: string, expiresAtMs: number | null = null) => {
    const terms = { name: "Sorry", category: "promotional", amountMinor: 500n } as const;
    const input = { ...terms, tenantId: "ten_a", creditId, expiresAtMs };
    return await grantCredit(deps, input).then(() => "given", () => "cut off");
  };
  const run = async (afterMs = 5 * MINUTE_MS) => {
    clock.advance(afterMs);
    return await retryCredits(deps);
  };
  /** What Stripe has, without the faults that are meant for us. */
  const atStripe = async () => {
    control.clearFaults();
    const { data } = await stripe.stripe.billing.creditGrants.list({ limit: 100 });
    return data.map(({ id }) => id);
  };
  const marks = async () =>
    (await deps.store.credits("ten_a")).map(({ value }) => value.creditGrantId);
  const waits = async () => (await deps.store.creditsToMirror({})).map(({ value }) => value);
  const loseReply = () => {
    control.addFault({ method: "POST", path: GRANTS, action: { kind: "lose_reply" } });
    control.addFault({
      method: "GET",
      path: GRANTS,
      action: { kind: "error_before" },
      skip: 1,
      times: 50,
    });
  };
  const close = async () => {
    inner.close();
    await stripe.close();
  };
  return {
    ...stripe,
    tenants,
    control,
    instance,
    deps,
    grant,
    run,
    atStripe,
    marks,
    waits,
    loseReply,
    close,
  };
}

Deno.test("a credit whose reply from Stripe was lost is found there by the next run, and made once", async () => {
  const { grant, run, atStripe, marks, waits, loseReply, close } = await open();
  loseReply();
  assertEquals([await grant("crd_1"), await marks()], ["cut off", [null]]);
  const there = await atStripe();
  assertEquals(there.length, 1, "it had arrived");
  assertEquals(await run(), { ...NOTHING, given: 1 });
  assertEquals([await atStripe(), await marks(), await waits()], [there, there, []]);
  assertEquals([await run(), await atStripe()], [NOTHING, there], "and nothing more is done");
  await close();
});

Deno.test("while Stripe is away for days a credit is tried once an hour, says why, and is made once in the end", async () => {
  const { control, grant, run, atStripe, marks, waits, loseReply, close } = await open();
  loseReply();
  await grant("crd_lost");
  control.clearFaults();
  control.setOutage(true);
  await grant("crd_none");
  let failed = 0;
  for (let minute = 0; minute < 30 * 60; minute += 5) failed += (await run()).failed;
  assert(failed > 30 && failed < 80, `${failed} attempts of two credits in 30 hours`);
  const [first] = await waits();
  assert(first !== undefined && first.detail !== null && first.attempts > 10);
  control.setOutage(false);
  let given = 0;
  for (let minute = 0; minute < 60; minute += 5) given += (await run()).given;
  assertEquals([given, await waits()], [2, []]);
  const there = await atStripe();
  assertEquals([there.length, new Set(await marks())], [2, new Set(there)]);
  await close();
});

Deno.test("two instances and the console's button that give a credit at once make one of it", async () => {
  const { clock, control, instance, grant, atStripe, marks, waits, close } = await open();
  control.setOutage(true);
  await grant("crd_1");
  control.setOutage(false);
  clock.advance(5 * MINUTE_MS);
  await Promise.all([
    retryCredits(instance().deps),
    retryCredits(instance().deps),
    grant("crd_1"),
  ]);
  // Whoever was refused since another was at it leaves it to the next run.
  clock.advance(HOUR_MS);
  await retryCredits(instance().deps);
  const there = await atStripe();
  assertEquals([there.length, await marks(), await waits()], [1, there, []]);
  await close();
});

Deno.test("a process that is killed between Stripe's answer and our mark has made the one credit there is", async () => {
  const { clock, control, instance, grant, atStripe, marks, waits, close } = await open();
  control.setOutage(true);
  await grant("crd_1");
  control.setOutage(false);
  clock.advance(5 * MINUTE_MS);
  const dying = instance();
  dying.kv.beforeCommit = () => {
    throw new Error("killed");
  };
  await retryCredits(dying.deps).catch(() => {});
  const there = await atStripe();
  assertEquals([there.length, await marks(), (await waits()).length], [1, [null], 1]);
  // Beyond the time for which Stripe knows an idempotency key.
  clock.advance(30 * HOUR_MS);
  assertEquals(await retryCredits(instance().deps), { ...NOTHING, given: 1 });
  assertEquals([await atStripe(), await marks(), await waits()], [there, there, []]);
  await close();
});

for (const fault of ["drop_before", "drop_after", "repeat", "late"] as const) {
  Deno.test(`a mark of a given credit that meets ${fault} is settled by the next run, with one credit at Stripe`, async () => {
    const { clock, control, instance, grant, atStripe, marks, waits, close } = await open();
    control.setOutage(true);
    await grant("crd_1");
    control.setOutage(false);
    clock.advance(5 * MINUTE_MS);
    const { kv, deps } = instance();
    kv.script(fault);
    await retryCredits(deps);
    await kv.land();
    clock.advance(HOUR_MS);
    await retryCredits(deps);
    const there = await atStripe();
    assertEquals([there.length, await marks(), await waits()], [1, there, []]);
    await close();
  });
}

Deno.test("a run gives a bounded number of credits, oldest first, and asks a Stripe that is away once", async () => {
  const { control, grant, run, atStripe, close } = await open();
  const count = CREDITS_PER_RUN + 5;
  control.setOutage(true);
  for (let number = 0; number < count; number++) await grant(`crd_${number}`);
  assertEquals(await run(), { given: 0, failed: 1, left: count - 1 });
  control.setOutage(false);
  assertEquals(await run(), { given: CREDITS_PER_RUN, failed: 0, left: 5 });
  assertEquals(await run(), { given: 5, failed: 0, left: 0 });
  assertEquals((await atStripe()).length, count);
  await close();
});

Deno.test("a credit granted before its tenant was a customer is given once it is one; an expired one never", async () => {
  const { clock, tenants, grant, run, atStripe, marks, waits, close } = await open();
  const customer = tenants.get("ten_a");
  tenants.set({ ...customer, stripeCustomerId: null });
  assertEquals(await grant("crd_early"), "given");
  assertEquals(await grant("crd_short", clock.nowMs() + 4 * MINUTE_MS), "given");
  assertEquals([await run(), (await waits()).length], [NOTHING, 1]);
  tenants.set(customer);
  assertEquals(await run(7 * HOUR_MS), { ...NOTHING, given: 1 });
  const there = await atStripe();
  assertEquals([there.length, await marks(), await waits()], [1, [there[0], null], []]);
  await close();
});

Deno.test("a credit that a second person approved while Stripe was away is given as well", async () => {
  const { control, deps, run, atStripe, marks, close } = await open();
  const terms = { name: "Sorry", category: "promotional", expiresAtMs: null } as const;
  const input = { ...terms, tenantId: "ten_a", creditId: "crd_1", amountMinor: 200_000n };
  must(await grantCredit(deps, { ...input, act: by("olga") }));
  assertEquals(await run(), NOTHING, "nothing is given before it is approved");
  control.setOutage(true);
  const decision = { tenantId: "ten_a", creditId: "crd_1", approver: "omar", act: by("omar") };
  await approveCredit(deps, decision).catch(() => {});
  control.setOutage(false);
  assertEquals(await run(), { ...NOTHING, given: 1 });
  assertEquals(await marks(), await atStripe());
  await close();
});

Deno.test({
  name: "the run of five minutes gives the credit, counts it, and the console shows why it waits",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    let nowMs = Date.parse("2026-11-24T10:00:00Z");
    const world = await startApi({}, { clock: { nowMs: () => nowMs }, logger: new MemoryLogger() });
    try {
      await world.tenant("tn_money");
      const { billing, chores } = world.runtime.services;
      const collection = { kind: "invoice", daysUntilDue: 30 } as const;
      must(await provisionTenant(billing, { tenantId: "tn_money", email: null, collection }));
      const { provider } = billing;
      const { ensureCredit } = provider;
      Object.assign(provider, {
        ensureCredit: () => Promise.reject(new ProviderError("unavailable", "Try later.")),
      });
      const terms = { name: "Late", category: "paid", amountMinor: 500n } as const;
      const input = { ...terms, tenantId: "tn_money", creditId: "crd_late", expiresAtMs: null };
      await grantCredit(billing, input).catch(() => {});
      nowMs += 5 * MINUTE_MS;
      assertEquals((await chores.everyFiveMinutes()).report.creditsFailed, 1);
      const { failedCredits, attention } = await loadHome(world.runtime.services);
      assertEquals(failedCredits.map(({ detail, attempts }) => [detail, attempts]), [[
        "Try later.",
        1,
      ]]);
      assert(attention.some(({ key }) => key === "credits"));
      Object.assign(provider, { ensureCredit });
      nowMs += 5 * MINUTE_MS;
      const { ok, report } = await chores.everyFiveMinutes();
      assertEquals([ok, report.creditsGiven, report.creditsFailed], [true, 1, 0]);
      assertEquals((await loadHome(world.runtime.services)).failedCredits, []);
    } finally {
      await world[Symbol.asyncDispose]();
    }
  },
});
