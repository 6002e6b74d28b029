/** Provisioning can be repeated after a crash at any point and makes no second object. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { ProviderError } from "@/lib/ports/billing_provider.ts";
import { fromDecimalMinor, toDecimalMinor } from "@/lib/stripe/decimal_amount.ts";
import { checkPlan } from "@/lib/stripe/price_params.ts";
import type { FaultAction } from "@/lib/stripe/simulator/faults.ts";
import { tierLadder } from "@/lib/domain/tiers.ts";
import { emptyPlan, usd } from "../support/samples.ts";
import { everyModelPlan, growthPlan } from "./sample_plans.ts";
import { openStripeWorld, type StripeWorld } from "./stripe_world.ts";

async function inWorld(body: (world: StripeWorld) => Promise<void>): Promise<void> {
  const world = await openStripeWorld();
  try {
    await body(world);
  } finally {
    await world.close();
  }
}

/** Everything a new tenant needs; throws like a crash wherever a scripted fault hits. */
async function provision({ provider, clock, simulator }: StripeWorld) {
  const { stripeCustomerId } = await provider.ensureCustomer({
    tenantId: "ten_a",
    name: "Acme Markets",
    email: null,
  });
  await simulator.control.setCard(stripeCustomerId, "pays");
  const plan = await provider.ensurePlan(growthPlan());
  return await provider.ensureSubscription({
    tenantId: "ten_a",
    stripeCustomerId,
    plan,
    startMs: clock.nowMs(),
  });
}

async function census({ stripe }: StripeWorld) {
  const [customers, products, prices, meters, subscriptions] = await Promise.all([
    stripe.customers.list({ limit: 100 }),
    stripe.products.list({ limit: 100 }),
    stripe.prices.list({ limit: 100 }),
    stripe.billing.meters.list({ limit: 100 }),
    stripe.subscriptions.list({ status: "all", limit: 100 }),
  ]);
  return [customers, products, prices, meters, subscriptions].map(({ data }) => data.length);
}

for (const kind of ["lose_reply", "error_after", "error_before"] as const) {
  Deno.test(`${kind} at every call in turn leaves one of each after repeating`, async () => {
    const action: FaultAction = { kind };
    const MAX_CALLS = 100;
    let reached = true;
    let crashes = 0;
    for (let call = 0; reached && call < MAX_CALLS; call += 1) {
      await inWorld(async (world) => {
        const { control } = world.simulator;
        control.addFault({ action, skip: call });
        let crashed = false;
        await provision(world).catch(() => {
          crashed = true;
        });
        reached = control.waitingFaults() === 0;
        control.clearFaults();
        // A day later Stripe has forgotten every idempotency key.
        if (crashed) world.clock.advance(25 * 3_600_000);
        if (crashed) crashes += 1;
        await provision(world);
        assertEquals(await census(world), [1, 1, 3, 2, 1], `after ${kind} at call ${call}`);
      });
    }
    assert(!reached && crashes > 0, "The faults must have met every call");
  });
}

Deno.test("two instances that provision at once make one of each", () =>
  inWorld(async (world) => {
    const customer = await world.customer();
    const plans = await Promise.all([1, 2, 3].map(() => world.provider.ensurePlan(growthPlan())));
    assertEquals(new Set(plans.map((plan) => JSON.stringify(plan))).size, 1);
    const [plan] = plans;
    assert(plan !== undefined);
    const spec = { tenantId: "ten_a", stripeCustomerId: customer, plan };
    const subscriptions = await Promise.all(
      [1, 2, 3].map(() =>
        world.provider.ensureSubscription({ ...spec, startMs: world.clock.nowMs() })
      ),
    );
    assertEquals(new Set(subscriptions.map((one) => one.stripeSubscriptionId)).size, 1);
    assertEquals(await census(world), [1, 1, 3, 2, 1]);
  }));

Deno.test("a tenant whose customer was deleted gets a new one, also on the same day", () =>
  inWorld(async ({ provider, stripe }) => {
    const spec = { tenantId: "ten_a", name: "Acme", email: null };
    const seen = new Set<string>();
    for (let round = 0; round < 3; round += 1) {
      const { stripeCustomerId } = await provider.ensureCustomer(spec);
      assertEquals(await provider.ensureCustomer(spec), { stripeCustomerId });
      seen.add(stripeCustomerId);
      await stripe.customers.del(stripeCustomerId);
    }
    assertEquals(seen.size, 3);
  }));

Deno.test("a meter is found beyond the first page of the list", () =>
  inWorld(async (world) => {
    const { provider } = world;
    const first = await provider.ensureMeter({ eventName: "oldest", displayName: "Oldest" });
    for (let at = 0; at < 120; at += 1) {
      await provider.ensureMeter({ eventName: `meter_${at}`, displayName: `Meter ${at}` });
    }
    const other = await openStripeWorld({ store: world.store, clock: world.clock });
    const again = await other.provider.ensureMeter({ eventName: "oldest", displayName: "Oldest" });
    assertEquals(again, first);
  }));

Deno.test("a meter that counts otherwise, or is archived, is refused with what to do", () =>
  inWorld(async ({ provider, stripe }) => {
    await stripe.billing.meters.create({
      event_name: "counted",
      display_name: "Counted",
      default_aggregation: { formula: "count" },
    });
    const ensure = (eventName: string) => provider.ensureMeter({ eventName, displayName: "x" });
    const differs = await assertRejects(() => ensure("counted"), ProviderError);
    assertEquals(differs.code, "meter_differs");
    const archived = await stripe.billing.meters.create({
      event_name: "archived",
      display_name: "Archived",
      default_aggregation: { formula: "sum" },
    });
    await stripe.billing.meters.deactivate(archived.id);
    const inactive = await assertRejects(() => ensure("archived"), ProviderError);
    assertEquals(inactive.code, "meter_inactive");
  }));

Deno.test("a price of another amount under our lookup key is not taken for ours", () =>
  inWorld(async ({ provider }) => {
    await provider.ensurePlan(growthPlan());
    const forged = growthPlan({ baseFee: usd("48.00") });
    const error = await assertRejects(() => provider.ensurePlan(forged), ProviderError);
    assertEquals(error.code, "price_differs");
  }));

Deno.test("changing the plan swaps the prices once", () =>
  inWorld(async (world) => {
    const { provider, stripe } = world;
    const subscription = await provision(world);
    const next = await provider.ensurePlan(growthPlan({
      revision: 2,
      planRevision: "growth@2",
      baseFee: usd("99.00"),
    }));
    const spec = { stripeSubscriptionId: subscription.stripeSubscriptionId, plan: next };
    const changed = await provider.changePlan(spec);
    assertEquals(changed.planRevision, "growth@2");
    assertEquals(await provider.changePlan(spec), changed);
    const { items: { data } } = await stripe.subscriptions.retrieve(
      subscription.stripeSubscriptionId,
    );
    assertEquals(data.length, 3);
  }));

Deno.test("amounts survive Stripe's decimal text, to 12 decimals", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 26n), max: 10n ** 26n }), (amount) => {
      assertEquals(fromDecimalMinor(toDecimalMinor(amount)), amount);
    }),
    { seed: 20_260_515 },
  );
  assertEquals(toDecimalMinor(1n), "0.000000000001");
  assertEquals(toDecimalMinor(usd("0.000125")), "0.0125");
  assertEquals(fromDecimalMinor("0.0000000000001"), null);
  assertEquals(fromDecimalMinor("1e3"), null);
});

Deno.test("every price model arrives at Stripe as it was meant", () =>
  inWorld(async ({ provider, stripe }) => {
    const plan = await provider.ensurePlan(everyModelPlan());
    const read = async (meter: string) => {
      const id = plan.prices.find((price) => price.meter === meter)?.priceId ?? "";
      return await stripe.prices.retrieve(id, { expand: ["tiers"] });
    };
    const unit = await read("m_unit");
    assertEquals(unit.unit_amount_decimal?.toString(), "3.33");
    assertEquals(unit.unit_amount, null);
    const volume = await read("m_volume");
    assertEquals(volume.tiers_mode, "volume");
    assertEquals(
      volume.tiers?.map(({ up_to, unit_amount, flat_amount }) => ({
        up_to,
        unit_amount,
        flat_amount,
      })),
      [
        { up_to: 10, unit_amount: 50, flat_amount: 200 },
        { up_to: null, unit_amount: 10, flat_amount: null },
      ],
    );
    const pack = await read("m_package");
    assertEquals(pack.transform_quantity, { divide_by: 25, round: "up" });
    assertEquals(pack.recurring?.usage_type, "metered");
  }));

Deno.test("what Stripe can't express is named, all at once", () => {
  const meter = { meter: "m", quota: null };
  const ladder = tierLadder({ upTo: null, unitAmount: 1n, flatAmount: 0n });
  const plan = emptyPlan({
    currency: "kwd",
    baseFee: 10n ** 12n,
    meters: [
      { ...meter, includedUnits: 5n, price: { model: "volume", tiers: ladder } },
      {
        ...meter,
        includedUnits: 5n,
        price: { model: "package", packageUnits: 5n, packageAmount: 1n },
      },
    ],
  });
  const checked = checkPlan(plan);
  assert(!checked.ok);
  assertEquals(checked.error.errors?.map(({ code }) => code), [
    "indivisible_base_fee",
    "included_units_with_volume",
    "included_units_with_package",
  ]);
  assertEquals(checkPlan(emptyPlan()).ok, false);
  assertEquals(checkPlan(growthPlan()).ok, true);
  const many = Array.from({ length: 20 }, (_, at) => ({
    ...meter,
    meter: `m${at}`,
    includedUnits: 0n,
    price: { model: "per_unit", unitAmount: 1n } as const,
  }));
  assertEquals(checkPlan(emptyPlan({ meters: many })).ok, true);
  assertEquals(checkPlan(emptyPlan({ meters: many, baseFee: usd("1.00") })).ok, false);
});
