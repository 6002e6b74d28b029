/** Webhooks of the simulator: signed like Stripe's, retried, repeated and reordered on demand. */
import { assert, assertEquals } from "@std/assert";
import type { ProviderNotice } from "@/lib/ports/billing_provider.ts";
import { createMemorySimulatorStore } from "@/lib/stripe/simulator/memory_store.ts";
import { createStripeSimulator } from "@/lib/stripe/simulator/simulator.ts";
import { createStripeProvider } from "@/lib/stripe/stripe_provider.ts";
import { createWebhookVerifier } from "@/lib/stripe/webhooks.ts";
import { FixedClock, MemoryLogger } from "../support/fixed_effects.ts";
import { growthPlan } from "./sample_plans.ts";
import { SECRET_KEY, START_MS } from "./stripe_world.ts";

async function openReceiver(store = createMemorySimulatorStore()) {
  const clock = new FixedClock(START_MS);
  const received: ProviderNotice[] = [];
  const receiver = { answer: 200, calls: 0 };
  const verifier = createWebhookVerifier({
    snapshotSecrets: ["whsec_a"],
    thinSecrets: ["whsec_b"],
    livemode: false,
    clock,
  });
  const simulator = await createStripeSimulator({
    store,
    clock,
    secretKey: SECRET_KEY,
    webhooks: {
      snapshot: { url: "http://app.invalid/webhooks/stripe", secret: "whsec_a" },
      thin: { url: "http://app.invalid/webhooks/stripe/thin", secret: "whsec_b" },
    },
    async fetch(url, init) {
      receiver.calls += 1;
      const request = new Request(url, init);
      const body = new Uint8Array(await request.arrayBuffer());
      const signature = request.headers.get("stripe-signature");
      const kind = url.endsWith("/thin") ? "thin" : "snapshot";
      const result = await verifier[kind](body, signature);
      assert(result.ok, JSON.stringify(result));
      if (receiver.answer === 200) received.push(result.value);
      return new Response(null, { status: receiver.answer });
    },
  });
  const provider = createStripeProvider({
    apiKey: SECRET_KEY,
    apiBase: "http://stripe.invalid",
    meterMode: "v1",
    clock,
    logger: new MemoryLogger(),
    fetch: simulator.fetch,
  });
  async function provision() {
    const spec = { tenantId: "ten_a", name: "Acme", email: null };
    const { stripeCustomerId } = await provider.ensureCustomer(spec);
    await simulator.control.setCard(stripeCustomerId, "pays");
    const plan = await provider.ensurePlan(growthPlan());
    await provider.ensureSubscription({
      tenantId: "ten_a",
      stripeCustomerId,
      plan,
      startMs: clock.nowMs(),
    });
    await simulator.idle();
    return stripeCustomerId;
  }
  return { clock, received, receiver, simulator, provider, provision };
}

Deno.test("a subscription's life arrives as signed notices", async () => {
  const { clock, received, provision, simulator } = await openReceiver();
  await provision();
  clock.atMs = Date.UTC(2026, 5, 1, 1);
  await simulator.tick();
  const types = received.filter(({ kind }) => kind !== "other").map(({ type }) => type);
  assertEquals(types, [
    "invoice.created",
    "invoice.finalized",
    "invoice.paid",
    "customer.subscription.created",
    "invoice.created",
    "customer.subscription.updated",
    "invoice.finalized",
    "invoice.paid",
  ]);
});

Deno.test("a receiver that fails gets the same events again, until it takes them", async () => {
  const { clock, received, receiver, provision, simulator } = await openReceiver();
  receiver.answer = 500;
  await provision();
  assertEquals(received, []);
  const calls = receiver.calls;
  await simulator.tick();
  assertEquals(receiver.calls, calls);
  receiver.answer = 200;
  clock.advance(10_000);
  await simulator.tick();
  assertEquals(received.length, calls);
  assertEquals(new Set(received.map(({ eventId }) => eventId)).size, calls);
});

Deno.test("undelivered webhooks survive a restart", async () => {
  const store = createMemorySimulatorStore();
  const before = await openReceiver(store);
  before.simulator.control.holdWebhooks();
  await before.provision();
  assertEquals(before.received, []);
  const after = await openReceiver(store);
  await after.simulator.tick();
  assert(after.received.some(({ type }) => type === "customer.subscription.created"));
});

Deno.test("held webhooks come out in another order, several times", async () => {
  const { received, provision, simulator } = await openReceiver();
  simulator.control.holdWebhooks();
  await provision();
  await simulator.control.releaseWebhooks({ order: "shuffled", copies: 3, seed: 7 });
  const ids = received.map(({ eventId }) => eventId);
  const distinct = [...new Set(ids)];
  assertEquals(ids.length, 3 * distinct.length);
  assert(JSON.stringify(distinct) !== JSON.stringify([...distinct].sort()));
});

Deno.test("an asynchronous refusal arrives as a thin event that leads to its identifiers", async () => {
  const { clock, received, provision, provider, simulator } = await openReceiver();
  const stripeCustomerId = await provision();
  simulator.control.addFault({
    path: "/v1/billing/meter_events",
    action: { kind: "refuse_later", code: "meter_event_invalid_value" },
  });
  const outcome = await provider.sendMeterEvent({
    identifier: "m1-later",
    eventName: "risk_score",
    stripeCustomerId,
    units: 5n,
    timestampMs: clock.nowMs(),
    attempt: 1,
  });
  assertEquals(outcome.kind, "delivered");
  clock.advance(10_000);
  await simulator.tick();
  const notice = received.find(({ kind }) => kind === "meter_errors");
  assert(notice !== undefined);
  const report = await provider.meterErrors(notice.eventId);
  assertEquals(report.samples.map(({ code, identifier }) => [code, identifier]), [
    ["meter_event_invalid_value", "m1-later"],
  ]);
  const [summary] = await provider.summaries({
    eventName: "risk_score",
    stripeCustomerId,
    startMs: START_MS,
    endMs: START_MS + 60_000,
  });
  assertEquals(summary?.units, 0n);
});
