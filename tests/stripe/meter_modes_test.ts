/** The two other ways to send usage: the stream, and usage records of old accounts. */
import { assert, assertEquals } from "@std/assert";
import type { MeterEvent } from "@/lib/ports/billing_provider.ts";
import { growthPlan } from "./sample_plans.ts";
import { openStripeWorld, type StripeWorld } from "./stripe_world.ts";

async function withMode(
  meterMode: "v2_stream" | "usage_records",
  body: (world: StripeWorld) => Promise<void>,
): Promise<void> {
  const world = await openStripeWorld({ http: true, meterMode });
  try {
    await body(world);
  } finally {
    await world.close();
  }
}

function eventsFor(world: StripeWorld, stripeCustomerId: string, count: number): MeterEvent[] {
  return Array.from({ length: count }, (_, at) => ({
    identifier: `m1-${at}`,
    eventName: "risk_score",
    stripeCustomerId,
    units: 2n,
    timestampMs: world.clock.nowMs() - at * 60_000,
    attempt: 1,
  }));
}

async function hourlySum(world: StripeWorld, stripeCustomerId: string): Promise<bigint> {
  const hourMs = 3_600_000;
  const endMs = Math.ceil((world.clock.nowMs() + 1) / hourMs) * hourMs;
  const summaries = await world.provider.summaries({
    eventName: "risk_score",
    stripeCustomerId,
    startMs: endMs - 48 * hourMs,
    endMs,
    grouping: "hour",
  });
  return summaries.reduce((sum, { units }) => sum + units, 0n);
}

Deno.test("the stream carries 250 events in three requests, each event once", () =>
  withMode("v2_stream", async (world) => {
    const customer = await world.customer();
    await world.provider.ensureMeter({ eventName: "risk_score", displayName: "Risk score" });
    const events = eventsFor(world, customer, 250);
    const outcomes = await world.provider.sendMeterEvents(events);
    assertEquals(new Set(outcomes.map(({ kind }) => kind)), new Set(["delivered"]));
    assertEquals(outcomes.length, 250);
    assertEquals(await hourlySum(world, customer), 500n);
    await world.provider.sendMeterEvents(events);
    assertEquals(await hourlySum(world, customer), 500n);
  }));

Deno.test("a lost reply of the stream is unknown for all of its events, and repeats are harmless", () =>
  withMode("v2_stream", async (world) => {
    const customer = await world.customer();
    await world.provider.ensureMeter({ eventName: "risk_score", displayName: "Risk score" });
    const events = eventsFor(world, customer, 3);
    world.simulator.control.addFault({
      path: "/v2/billing/meter_event_stream",
      action: { kind: "lose_reply" },
    });
    const outcomes = await world.provider.sendMeterEvents(events);
    assertEquals(outcomes.map(({ kind }) => kind), ["unknown", "unknown", "unknown"]);
    await world.provider.sendMeterEvents(events.map((event) => ({ ...event, attempt: 2 })));
    assertEquals(await hourlySum(world, customer), 6n);
  }));

Deno.test("a session is renewed when its 15 minutes are over", () =>
  withMode("v2_stream", async (world) => {
    const customer = await world.customer();
    await world.provider.ensureMeter({ eventName: "risk_score", displayName: "Risk score" });
    const [first, second] = eventsFor(world, customer, 2);
    assert(first !== undefined && second !== undefined);
    assertEquals((await world.provider.sendMeterEvent(first)).kind, "delivered");
    world.clock.advance(16 * 60_000);
    assertEquals((await world.provider.sendMeterEvent(second)).kind, "delivered");
    assertEquals(await hourlySum(world, customer), 4n);
  }));

Deno.test("one event that the stream can't read does not hold up the others", () =>
  withMode("v2_stream", async (world) => {
    const customer = await world.customer();
    await world.provider.ensureMeter({ eventName: "risk_score", displayName: "Risk score" });
    const [good, bad, last] = eventsFor(world, customer, 3);
    assert(good !== undefined && bad !== undefined && last !== undefined);
    const unreadable = { ...bad, eventName: "x".repeat(101) };
    const outcomes = await world.provider.sendMeterEvents([good, unreadable, last]);
    assertEquals(outcomes.map(({ kind }) => kind), ["delivered", "refused", "delivered"]);
    assertEquals(await hourlySum(world, customer), 4n);
  }));

Deno.test("what the stream refuses later comes as an error report", () =>
  withMode("v2_stream", async (world) => {
    await world.provider.ensureMeter({ eventName: "risk_score", displayName: "Risk score" });
    const [event] = eventsFor(world, "cus_nobody", 1);
    assert(event !== undefined);
    const old = {
      ...event,
      identifier: "m1-old",
      timestampMs: event.timestampMs - 36 * 86_400_000,
    };
    assertEquals(
      (await world.provider.sendMeterEvents([event, old])).map(({ kind }) => kind),
      ["delivered", "delivered"],
    );
    await world.simulator.control.reportErrors();
    const [notice] = await world.provider.noticesSince({ sinceMs: 0, limit: 10 });
    assert(notice?.kind === "meter_errors");
    const { samples } = await world.provider.meterErrors(notice.eventId);
    assertEquals(samples.map(({ code }) => code).sort(), [
      "meter_event_customer_not_found",
      "timestamp_too_far_in_past",
    ]);
  }));

Deno.test("an old account bills usage records, and sending again sets the same quantity", () =>
  withMode("usage_records", async (world) => {
    const { provider } = world;
    const customer = await world.customer();
    const plan = await provider.ensurePlan(growthPlan());
    assertEquals((await world.stripe.billing.meters.list()).data, []);
    const startMs = world.clock.nowMs();
    const subscription = await provider.ensureSubscription({
      tenantId: "ten_a",
      stripeCustomerId: customer,
      plan,
      startMs,
    });
    assertEquals(subscription.currentPeriodEndMs, Date.UTC(2026, 5, 1));
    world.clock.advance(3_600_000);
    const [first, second] = eventsFor(world, customer, 2);
    assert(first !== undefined && second !== undefined);
    for (const attempt of [1, 2, 3]) {
      const outcomes = await provider.sendMeterEvents([
        { ...first, units: 300n, attempt },
        { ...second, units: 50n, attempt },
      ]);
      assertEquals(outcomes.map(({ kind }) => kind), ["delivered", "delivered"]);
    }
    const [summary] = await provider.summaries({
      eventName: "risk_score",
      stripeCustomerId: customer,
      startMs,
      endMs: subscription.currentPeriodEndMs,
    });
    assertEquals(summary?.units, 350n);
    const preview = await provider.previewInvoice({
      stripeCustomerId: customer,
      stripeSubscriptionId: subscription.stripeSubscriptionId,
    });
    const lines = preview.lines.filter(({ meter }) => meter === "risk_score");
    assertEquals(lines.reduce((sum, line) => sum + line.amountMinor, 0n), 125n);
  }));

Deno.test("a usage record for a customer without the price is refused with a reason", () =>
  withMode("usage_records", async (world) => {
    const customer = await world.customer();
    const [event] = eventsFor(world, customer, 1);
    assert(event !== undefined);
    const outcome = await world.provider.sendMeterEvent(event);
    assert(outcome.kind === "refused");
    assertEquals(outcome.code, "no_subscription_item");
  }));

Deno.test("a usage record outside the open period is refused", () =>
  withMode("usage_records", async (world) => {
    const customer = await world.customer();
    const plan = await world.provider.ensurePlan(growthPlan());
    await world.provider.ensureSubscription({
      tenantId: "ten_a",
      stripeCustomerId: customer,
      plan,
      startMs: world.clock.nowMs(),
    });
    const [event] = eventsFor(world, customer, 1);
    assert(event !== undefined);
    const early = { ...event, timestampMs: event.timestampMs - 86_400_000 };
    assertEquals((await world.provider.sendMeterEvent(early)).kind, "refused");
  }));
