/** What the simulator remembers: over restarts, crashes and repeated calls. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { createKvSimulatorStore } from "@/lib/kv/simulator_store.ts";
import type { SimulatorDocument, SimulatorStore } from "@/lib/ports/simulator_store.ts";
import { createMemorySimulatorStore } from "@/lib/stripe/simulator/memory_store.ts";
import { FixedClock } from "../support/fixed_effects.ts";
import { growthPlan } from "./sample_plans.ts";
import { openStripeWorld, SECRET_KEY, START_MS } from "./stripe_world.ts";

async function withKv(body: (kv: Deno.Kv) => Promise<void>): Promise<void> {
  const kv = await Deno.openKv(":memory:");
  try {
    await body(kv);
  } finally {
    kv.close();
  }
}

async function documentsOf(store: SimulatorStore): Promise<SimulatorDocument[]> {
  return await Array.fromAsync(store.load());
}

for (
  const [name, run] of [
    [
      "memory",
      (body: (store: SimulatorStore) => Promise<void>) => body(createMemorySimulatorStore()),
    ],
    [
      "KV",
      (body: (store: SimulatorStore) => Promise<void>) =>
        withKv((kv) => body(createKvSimulatorStore(kv))),
    ],
  ] as const
) {
  Deno.test(`${name} store: what is put is loaded, what is deleted is not`, () =>
    run(async (store) => {
      const put = (id: string, value: unknown) =>
        ({ kind: "put", collection: "customers", id, value }) as const;
      await store.commit([put("a", { n: 1 }), put("b", { n: 2 }), put("c", { n: 3 })]);
      await store.commit([put("a", { n: 9 }), {
        kind: "delete",
        collection: "customers",
        id: "b",
      }]);
      const found = (await documentsOf(store)).sort((a, b) => a.id < b.id ? -1 : 1);
      assertEquals(found.map(({ id, value }) => [id, value]), [["a", { n: 9 }], ["c", { n: 3 }]]);
    }));

  Deno.test(`${name} store: a document larger than a KV value comes back whole, also shrunk`, () =>
    run(async (store) => {
      const big = { text: "ß".repeat(100_000) };
      const put = (value: unknown) =>
        store.commit([{ kind: "put", collection: "invoices", id: "in_1", value }]);
      await put(big);
      await store.commit([{ kind: "put", collection: "invoices", id: "in_2", value: { n: 2 } }]);
      assertEquals((await documentsOf(store)).map(({ value }) => value), [big, { n: 2 }]);
      await put({ n: 1 });
      assertEquals((await documentsOf(store)).map(({ value }) => value), [{ n: 1 }, { n: 2 }]);
      await store.commit([{ kind: "delete", collection: "invoices", id: "in_1" }]);
      assertEquals((await documentsOf(store)).map(({ value }) => value), [{ n: 2 }]);
    }));
}

Deno.test("a restart over KV keeps customers, usage, identifiers and saved replies", () =>
  withKv(async (kv) => {
    const clock = new FixedClock(START_MS);
    const before = await openStripeWorld({ store: createKvSimulatorStore(kv), clock });
    const customer = await before.customer();
    const plan = await before.provider.ensurePlan(growthPlan());
    const spec = { tenantId: "ten_a", stripeCustomerId: customer, plan, startMs: clock.nowMs() };
    const subscription = await before.provider.ensureSubscription(spec);
    const event = {
      identifier: "m1-a",
      eventName: "risk_score",
      stripeCustomerId: customer,
      units: 1_100n,
      timestampMs: clock.nowMs(),
      attempt: 1,
    };
    assertEquals((await before.provider.sendMeterEvent(event)).kind, "delivered");
    const create = (world: typeof before) =>
      world.stripe.customers.create({ name: "Same" }, { idempotencyKey: "k-1" });
    const made = await create(before);
    await before.close();

    const after = await openStripeWorld({ store: createKvSimulatorStore(kv), clock });
    assertEquals((await create(after)).id, made.id);
    assertEquals(
      (await after.provider.sendMeterEvent({ ...event, attempt: 2 })).kind,
      "already_exists",
    );
    assertEquals(await after.provider.ensureSubscription(spec), subscription);
    const preview = await after.provider.previewInvoice({
      stripeCustomerId: customer,
      stripeSubscriptionId: subscription.stripeSubscriptionId,
    });
    assertEquals(preview.totalMinor, 4_900n + 500n);
    const another = await after.stripe.customers.create({ name: "New" });
    assert(another.id > made.id);
    await after.close();
  }));

Deno.test("a crash while storing leaves neither the effect nor the saved reply", async () => {
  const inner = createMemorySimulatorStore();
  let crash = false;
  const store: SimulatorStore = {
    load: () => inner.load(),
    commit: (changes) => crash ? Promise.reject(new Error("crashed")) : inner.commit(changes),
  };
  const world = await openStripeWorld({ store });
  const create = () => world.stripe.customers.create({ name: "A" }, { idempotencyKey: "k-1" });
  crash = true;
  await assertRejects(create);
  crash = false;
  assertEquals((await world.stripe.customers.list()).data, []);
  const made = await create();
  assertEquals((await create()).id, made.id);
  assertEquals((await world.stripe.customers.list()).data.length, 1);
  const again = await openStripeWorld({ store: inner });
  assertEquals((await again.stripe.customers.list()).data.map(({ id }) => id), [made.id]);
});

Deno.test("an idempotency key replays its reply, refuses other parameters, and ends after a day", async () => {
  const world = await openStripeWorld();
  const create = (name: string) =>
    world.stripe.customers.create({ name }, { idempotencyKey: "k-1" });
  const first = await create("A");
  assertEquals((await create("A")).id, first.id);
  const error = await assertRejects(() => create("B"));
  assertEquals(error instanceof Error && "type" in error && error.type, "StripeIdempotencyError");
  world.clock.advance(24 * 3_600_000);
  assert((await create("B")).id !== first.id);
});

Deno.test("parameters that are refused don't spend the idempotency key", async () => {
  const { stripe } = await openStripeWorld();
  const options = { idempotencyKey: "k-1" };
  await assertRejects(() => stripe.rawRequest("POST", "/v1/customers", { nmae: "A" }, options));
  assert((await stripe.customers.create({ name: "A" }, options)).id.startsWith("cus_"));
});

Deno.test("lists page both ways without losing or repeating anything", async () => {
  const { stripe } = await openStripeWorld();
  const made: string[] = [];
  for (let at = 0; at < 25; at += 1) {
    made.unshift((await stripe.customers.create({ name: `Customer ${at}` })).id);
  }
  const listed: string[] = [];
  for await (const customer of stripe.customers.list({ limit: 7 })) listed.push(customer.id);
  assertEquals(listed, made);
  const back = await stripe.customers.list({ limit: 3, ending_before: made[5] ?? "" });
  assertEquals(back.data.map(({ id }) => id), made.slice(2, 5));
  assertEquals(back.has_more, true);
});

Deno.test("only the secret key opens the API and the control", async () => {
  const { simulator } = await openStripeWorld();
  const ask = (path: string, key: string | null, method = "GET") =>
    simulator.fetch(`http://stripe.invalid${path}`, {
      method,
      headers: key === null ? {} : { authorization: `Bearer ${key}` },
    });
  assertEquals((await ask("/v1/customers", null)).status, 401);
  assertEquals((await ask("/v1/customers", "sk_test_other")).status, 401);
  assertEquals((await ask("/v1/customers", SECRET_KEY)).status, 200);
  assertEquals((await ask("/_control/clear_faults", null, "POST")).status, 401);
  assertEquals((await ask("/_control/clear_faults", SECRET_KEY, "POST")).status, 200);
  assertEquals((await ask("/_control/unheard_of", SECRET_KEY, "POST")).status, 404);
});

Deno.test("faults, outages and cards can be scripted over HTTP", async () => {
  const world = await openStripeWorld({ http: true });
  try {
    const control = async (name: string, body: unknown) => {
      const response = await fetch(`${world.baseUrl}/_control/${name}`, {
        method: "POST",
        headers: { authorization: `Bearer ${SECRET_KEY}` },
        body: JSON.stringify(body),
      });
      await response.body?.cancel();
      return response.status;
    };
    const customer = await world.stripe.customers.create({ name: "A" });
    assertEquals(await control("card", { customer: customer.id, card: "pays" }), 200);
    assertEquals(await control("card", { customer: "cus_none", card: "pays" }), 404);
    assertEquals(await control("faults", { action: { kind: "rate_limit" } }), 200);
    assertEquals(await control("faults", { action: { kind: "explode" } }), 400);
    await assertRejects(() => world.stripe.customers.list());
    await world.stripe.customers.list();
    assertEquals(await control("outage", { down: true }), 200);
    await assertRejects(() => world.stripe.customers.list());
    assertEquals(await control("outage", { down: false }), 200);
    await world.stripe.customers.list();
  } finally {
    await world.close();
  }
});
