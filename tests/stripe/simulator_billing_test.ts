/** The simulator's money: periods, tiers, prorations, payments, credit, held drafts, test clocks. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import type Stripe from "stripe";
import { priceUnits } from "@/lib/domain/pricing.ts";
import type { MeterEvent, ProviderInvoice } from "@/lib/ports/billing_provider.ts";
import { emptyPlan, usd } from "../support/samples.ts";
import { everyModelPlan, growthPlan } from "./sample_plans.ts";
import { openStripeWorld, type StripeWorld } from "./stripe_world.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const JUNE = Date.UTC(2026, 5, 1);

async function inWorld(body: (world: StripeWorld) => Promise<void>): Promise<void> {
  const world = await openStripeWorld();
  try {
    await body(world);
  } finally {
    await world.close();
  }
}

async function subscribe(world: StripeWorld, plan = growthPlan(), startMs = world.clock.nowMs()) {
  const customer = await world.customer();
  const provisioned = await world.provider.ensurePlan(plan);
  const subscription = await world.provider.ensureSubscription({
    tenantId: "ten_a",
    stripeCustomerId: customer,
    plan: provisioned,
    startMs,
  });
  return { customer, provisioned, id: subscription.stripeSubscriptionId };
}

let sent = 0;

async function use(world: StripeWorld, event: Partial<MeterEvent> & { stripeCustomerId: string }) {
  sent += 1;
  const outcome = await world.provider.sendMeterEvent({
    identifier: `m1-${sent}`,
    eventName: "risk_score",
    units: 1n,
    timestampMs: world.clock.nowMs(),
    attempt: 1,
    ...event,
  });
  assertEquals(outcome.kind, "delivered");
}

async function newest(world: StripeWorld, customer: string): Promise<ProviderInvoice> {
  const [invoice] = await world.provider.invoices({ stripeCustomerId: customer, limit: 1 });
  assert(invoice !== undefined);
  return invoice;
}

function amounts(invoice: ProviderInvoice, meter: string | null): bigint[] {
  return invoice.lines.filter((line) => line.meter === meter).map((line) => line.amountMinor);
}

Deno.test("the first fee is prorated by the second, and usage is billed when the period ends", () =>
  inWorld(async (world) => {
    const { customer } = await subscribe(world);
    const first = await newest(world, customer);
    // 16.5 of 31 days of 49 dollars.
    assertEquals([first.status, first.totalMinor], ["paid", 2_608n]);
    await use(world, { stripeCustomerId: customer, units: 1_500n });
    await use(world, { stripeCustomerId: customer, units: 40n, eventName: "screening" });
    world.clock.atMs = JUNE + 60_000;
    const draft = await newest(world, customer);
    assertEquals(draft.status, "draft");
    assertEquals([draft.periodEndMs, draft.finalizesAtMs], [JUNE, JUNE + HOUR_MS]);
    // Free units, 1,000 at 0.5 cents, 400 at 0.1 cents, the second rung's flat fee.
    assertEquals(amounts(draft, "risk_score"), [0n, 500n, 40n, 100n]);
    // 40 units at 0.0125 cents: half a cent, rounded up.
    assertEquals(amounts(draft, "screening"), [1n]);
    assertEquals(amounts(draft, null), [4_900n]);
    world.clock.atMs = JUNE + HOUR_MS;
    const final = await newest(world, customer);
    assertEquals([final.status, final.totalMinor], ["paid", 5_541n]);
    assertEquals(final.number?.endsWith("-0002"), true);
  }));

Deno.test("late usage reaches the draft of its period, and nothing after it is final", () =>
  inWorld(async (world) => {
    const { customer } = await subscribe(world);
    world.clock.atMs = JUNE + 30 * 60_000;
    await use(world, { stripeCustomerId: customer, units: 300n, timestampMs: JUNE - 60_000 });
    await use(world, { stripeCustomerId: customer, units: 1_100n, timestampMs: JUNE });
    assertEquals(amounts(await newest(world, customer), "risk_score"), [0n, 100n]);
    world.clock.atMs = JUNE + HOUR_MS;
    const final = await newest(world, customer);
    await use(world, { stripeCustomerId: customer, units: 5_000n, timestampMs: JUNE - 60_000 });
    assertEquals((await newest(world, customer)).totalMinor, final.totalMinor);
  }));

Deno.test("a held draft waits, takes a correction, and is final when it is told so", () =>
  inWorld(async (world) => {
    const { provider } = world;
    const { customer } = await subscribe(world);
    world.clock.atMs = JUNE + 60_000;
    const { invoiceId } = await newest(world, customer);
    const held = await provider.holdInvoice(invoiceId);
    assertEquals([held.autoAdvance, held.finalizesAtMs], [false, null]);
    world.clock.advance(10 * DAY_MS);
    assertEquals((await newest(world, customer)).status, "draft");
    await provider.ensureInvoiceItem({
      key: "minimum",
      stripeCustomerId: customer,
      invoiceId,
      currency: "usd",
      amountMinor: 777n,
      description: "Minimum commitment",
    });
    const final = await provider.finalizeInvoice(invoiceId);
    assertEquals([final.status, final.totalMinor], ["paid", 5_677n]);
    assertEquals(await provider.finalizeInvoice(invoiceId), final);
  }));

Deno.test("every price model bills what the domain prices", () =>
  inWorld(async (world) => {
    const plan = everyModelPlan();
    const { customer, id } = await subscribe(world, plan);
    const used = new Map<string, bigint>();
    const minutes = { next: 0 };
    const property = fc.asyncProperty(
      fc.constantFrom(...plan.meters.map(({ meter }) => meter)),
      fc.bigInt({ min: 0n, max: 30n }),
      async (meter, units) => {
        minutes.next += 1;
        await use(world, {
          stripeCustomerId: customer,
          eventName: meter,
          units,
          timestampMs: world.clock.nowMs() + 60_000 * (minutes.next % 5),
        });
        used.set(meter, (used.get(meter) ?? 0n) + units);
        const preview = await world.provider.previewInvoice({
          stripeCustomerId: customer,
          stripeSubscriptionId: id,
        });
        for (const { meter, price, includedUnits } of plan.meters) {
          const expected = priceUnits(price, includedUnits, used.get(meter) ?? 0n);
          const billed = amounts(preview, meter).reduce((sum, amount) => sum + amount, 0n);
          assertEquals(billed, expected.amountMinor, `${meter} of ${used.get(meter) ?? 0n} units`);
        }
      },
    );
    await fc.assert(property, { numRuns: 60, seed: 20_260_515 });
  }));

Deno.test("a negative total of a period bills zero units", () =>
  inWorld(async (world) => {
    const { customer } = await subscribe(world);
    await use(world, { stripeCustomerId: customer, units: -50n });
    world.clock.atMs = JUNE + 60_000;
    assertEquals(amounts(await newest(world, customer), "risk_score"), [0n]);
  }));

Deno.test("a plan change bills the usage so far at the old price", () =>
  inWorld(async (world) => {
    const { provider } = world;
    const { customer, id } = await subscribe(world);
    await use(world, { stripeCustomerId: customer, units: 1_100n });
    world.clock.advance(DAY_MS);
    const next = await provider.ensurePlan(emptyPlan({
      planId: "scale",
      baseFee: usd("49.00"),
      meters: [{
        meter: "risk_score",
        includedUnits: 0n,
        quota: null,
        price: { model: "per_unit", unitAmount: usd("0.002") },
      }],
    }));
    await provider.changePlan({ stripeSubscriptionId: id, plan: next });
    world.clock.advance(60_000);
    await use(world, { stripeCustomerId: customer, units: 1_000n });
    world.clock.atMs = JUNE + 60_000;
    const draft = await newest(world, customer);
    // New usage first, then the old ladder's lines: 100 free, 1,000 at half a cent.
    assertEquals(amounts(draft, "risk_score"), [200n, 0n, 500n]);
    const unused = draft.lines.filter(({ meter, proration }) => meter === null && proration)
      .map(({ amountMinor }) => amountMinor);
    assertEquals(unused, [-2_450n, 2_450n]);
  }));

Deno.test("cancelling invoices the usage so far and gives unused time back", () =>
  inWorld(async (world) => {
    const { customer, id } = await subscribe(world);
    await use(world, { stripeCustomerId: customer, units: 2_100n });
    world.clock.advance(DAY_MS);
    await world.provider.cancelSubscription(id);
    const last = await newest(world, customer);
    assertEquals(amounts(last, "risk_score"), [0n, 500n, 100n, 100n]);
    assertEquals(amounts(last, null), [-2_450n]);
    world.clock.atMs = JUNE + 60_000;
    assertEquals((await newest(world, customer)).invoiceId, last.invoiceId);
  }));

Deno.test("a declined card makes the tenant past due, retries, then unpaid; paying heals it", () =>
  inWorld(async (world) => {
    const { provider, stripe, simulator } = world;
    const { customer, id } = await subscribe(world);
    await simulator.control.setCard(customer, "declines");
    const status = async () => (await provider.subscription(id))?.status;
    world.clock.atMs = JUNE + HOUR_MS;
    assertEquals(await status(), "past_due");
    const open = await newest(world, customer);
    assertEquals(open.status, "open");
    world.clock.advance(16 * DAY_MS);
    assertEquals(await status(), "unpaid");
    await simulator.control.setCard(customer, "pays");
    await stripe.invoices.pay(open.invoiceId);
    assertEquals(await status(), "active");
  }));

Deno.test("a sent invoice becomes overdue at its due date", () =>
  inWorld(async (world) => {
    const { provider } = world;
    const { stripeCustomerId } = await provider.ensureCustomer({
      tenantId: "ten_b",
      name: "Basel Funds",
      email: null,
    });
    const { stripeSubscriptionId } = await provider.ensureSubscription({
      tenantId: "ten_b",
      stripeCustomerId,
      plan: await provider.ensurePlan(growthPlan()),
      startMs: world.clock.nowMs(),
      collection: { kind: "invoice", daysUntilDue: 10 },
    });
    world.clock.advance(2 * HOUR_MS);
    assertEquals((await newest(world, stripeCustomerId)).status, "open");
    world.clock.advance(10 * DAY_MS);
    assertEquals((await provider.subscription(stripeSubscriptionId))?.status, "past_due");
  }));

Deno.test("without a payment method a fee that is due at once refuses the subscription", () =>
  inWorld(async (world) => {
    const { provider } = world;
    const { stripeCustomerId } = await provider.ensureCustomer({
      tenantId: "ten_c",
      name: "No Card",
      email: null,
    });
    const plan = await provider.ensurePlan(growthPlan());
    await assertRejects(() =>
      provider.ensureSubscription({
        tenantId: "ten_c",
        stripeCustomerId,
        plan,
        startMs: world.clock.nowMs(),
      })
    );
  }));

Deno.test("credit pays metered lines only, and only while it lasts", () =>
  inWorld(async (world) => {
    const { customer } = await subscribe(world);
    await world.provider.ensureCredit({
      key: "prepaid",
      stripeCustomerId: customer,
      name: "Prepaid",
      category: "paid",
      currency: "usd",
      amountMinor: 800n,
      expiresAtMs: null,
    });
    await use(world, { stripeCustomerId: customer, units: 1_100n });
    world.clock.atMs = JUNE + HOUR_MS;
    assertEquals((await newest(world, customer)).totalMinor, 4_900n);
    await use(world, { stripeCustomerId: customer, units: 1_100n });
    world.clock.atMs = Date.UTC(2026, 6, 1) + HOUR_MS;
    assertEquals((await newest(world, customer)).totalMinor, 4_900n + 200n);
  }));

Deno.test("a backdated subscription bills the periods that are already over", () =>
  inWorld(async (world) => {
    const { customer, id } = await subscribe(world, growthPlan(), Date.UTC(2026, 3, 20, 12, 0, 30));
    const subscription = await world.provider.subscription(id);
    assertEquals(subscription?.currentPeriodEndMs, JUNE);
    const invoices = await world.provider.invoices({ stripeCustomerId: customer, limit: 10 });
    assertEquals(invoices.map(({ periodEndMs }) => periodEndMs), [
      Date.UTC(2026, 4, 1),
      Date.UTC(2026, 3, 20, 12),
    ]);
  }));

Deno.test("a yearly plan ends its period on the first of January", () =>
  inWorld(async (world) => {
    const plan = growthPlan({ planId: "yearly", planRevision: "yearly@1", interval: "year" });
    const { id } = await subscribe(world, plan);
    const subscription = await world.provider.subscription(id);
    assertEquals(subscription?.currentPeriodEndMs, Date.UTC(2027, 0, 1));
  }));

Deno.test("twelve months in one leap of the clock make twelve paid invoices", () =>
  inWorld(async (world) => {
    const { customer } = await subscribe(world);
    world.clock.atMs = Date.UTC(2027, 4, 2);
    const invoices = await world.provider.invoices({ stripeCustomerId: customer, limit: 50 });
    assertEquals(invoices.length, 13);
    assertEquals(new Set(invoices.map(({ status }) => status)), new Set(["paid"]));
    assertEquals(new Set(invoices.map(({ number }) => number)).size, 13);
  }));

Deno.test("a test clock moves its own customers only, two intervals at most", () =>
  inWorld(async (world) => {
    const { stripe, provider, simulator } = world;
    const start = Math.floor(world.clock.nowMs() / 1_000);
    const clock = await stripe.testHelpers.testClocks.create({ frozen_time: start });
    const customer = await stripe.customers.create({ test_clock: clock.id, name: "Frozen" });
    await simulator.control.setCard(customer.id, "pays");
    const plan = await provider.ensurePlan(growthPlan());
    await provider.ensureSubscription({
      tenantId: "ten_f",
      stripeCustomerId: customer.id,
      plan,
      startMs: world.clock.nowMs(),
    });
    await use(world, { stripeCustomerId: customer.id, units: 1_100n });
    const advance = (ms: number) =>
      stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: ms / 1_000 });
    await assertRejects(() => advance(Date.UTC(2026, 8, 1)));
    assertEquals((await advance(JUNE + 60_000)).status, "advancing");
    const ready = await stripe.testHelpers.testClocks.retrieve(clock.id);
    assertEquals(ready.status, "ready");
    assertEquals((await newest(world, customer.id)).status, "draft");
    await advance(JUNE + HOUR_MS);
    assertEquals((await newest(world, customer.id)).totalMinor, 5_400n);
    // Usage of the frozen future is not in the future for its clock.
    await use(world, { stripeCustomerId: customer.id, timestampMs: JUNE + HOUR_MS });
    await assertRejects(() => advance(JUNE));
  }));

Deno.test("summaries may lag, and invoices count what they don't show yet", () =>
  inWorld(async (world) => {
    const { customer, id } = await subscribe(world);
    world.simulator.control.setSummaryDelay(5 * 60_000);
    await use(world, { stripeCustomerId: customer, units: 1_100n });
    const query = {
      eventName: "risk_score",
      stripeCustomerId: customer,
      startMs: world.clock.nowMs(),
      endMs: world.clock.nowMs() + 60_000,
    };
    const shown = async () =>
      (await world.provider.summaries(query)).reduce((sum, { units }) => sum + units, 0n);
    assertEquals(await shown(), 0n);
    const preview = await world.provider.previewInvoice({
      stripeCustomerId: customer,
      stripeSubscriptionId: id,
    });
    assertEquals(amounts(preview, "risk_score"), [0n, 500n]);
    world.clock.advance(5 * 60_000);
    assertEquals(await shown(), 1_100n);
  }));

Deno.test("an event can be cancelled for a day", () =>
  inWorld(async (world) => {
    const { stripe } = world;
    const { customer, id } = await subscribe(world);
    await use(world, { stripeCustomerId: customer, units: 1_100n, identifier: "m1-undo" });
    const cancel = () =>
      stripe.billing.meterEventAdjustments.create({
        event_name: "risk_score",
        type: "cancel",
        cancel: { identifier: "m1-undo" },
      });
    await cancel();
    const preview = await world.provider.previewInvoice({
      stripeCustomerId: customer,
      stripeSubscriptionId: id,
    });
    assertEquals(amounts(preview, "risk_score"), [0n]);
    world.clock.advance(DAY_MS);
    await assertRejects(cancel);
  }));

Deno.test("an identifier is unique for 24 hours and free afterwards", () =>
  inWorld(async (world) => {
    const { customer } = await subscribe(world);
    const event = {
      identifier: "m1-again",
      eventName: "risk_score",
      stripeCustomerId: customer,
      units: 1n,
      timestampMs: world.clock.nowMs(),
    };
    const send = (attempt: number) => world.provider.sendMeterEvent({ ...event, attempt });
    assertEquals((await send(1)).kind, "delivered");
    world.clock.advance(DAY_MS - 1);
    assertEquals((await send(2)).kind, "already_exists");
    world.clock.advance(1);
    assertEquals((await send(3)).kind, "delivered");
  }));

Deno.test("Stripe's own refusals: unknown, missing and misspelt parameters, unknown URLs", () =>
  inWorld(async ({ stripe }) => {
    const refusal = async (call: Promise<unknown>) => {
      const error = await call.then(() => null, (error: Stripe.errors.StripeError) => error);
      assert(error !== null);
      return [error.statusCode, error.code, error.param];
    };
    const raw = (path: string, params: Record<string, unknown>) =>
      stripe.rawRequest("POST", path, params);
    assertEquals(await refusal(raw("/v1/customers", { nmae: "x" })), [
      400,
      "parameter_unknown",
      "nmae",
    ]);
    assertEquals(await refusal(raw("/v1/billing/meters", { event_name: "x" })), [
      400,
      "parameter_missing",
      "display_name",
    ]);
    assertEquals(
      await refusal(
        raw("/v1/billing/meter_events", {
          event_name: "x",
          payload: { value: 1 },
          timestamp: "soon",
        }),
      ),
      [400, "parameter_invalid_integer", "timestamp"],
    );
    assertEquals((await refusal(raw("/v1/nothing", {})))[0], 404);
    assertEquals((await refusal(stripe.customers.retrieve("cus_none")))[0], 404);
    assertEquals(
      (await refusal(raw("/v1/prices", {
        currency: "usd",
        product: "prod_none",
        recurring: { interval: "fortnight" },
      })))[2],
      "recurring[interval]",
    );
  }));

Deno.test("an invoice and a subscription of twenty items are read beyond their first ten", () =>
  inWorld(async (world) => {
    const plan = emptyPlan({
      planId: "wide",
      meters: Array.from({ length: 20 }, (_, at) => ({
        meter: `meter_${at}`,
        includedUnits: 0n,
        quota: null,
        price: { model: "per_unit", unitAmount: usd("0.01") },
      })),
    });
    const { customer, provisioned, id } = await subscribe(world, plan);
    const stripeCustomerId = customer;
    for (const { meter } of plan.meters) {
      await use(world, { stripeCustomerId, eventName: meter, units: 3n });
    }
    const preview = await world.provider.previewInvoice({
      stripeCustomerId,
      stripeSubscriptionId: id,
    });
    assertEquals(preview.lines.map(({ meter }) => meter), plan.meters.map(({ meter }) => meter));
    assertEquals(preview.totalMinor, 60n);
    const before = await world.stripe.subscriptions.retrieve(id);
    assertEquals([before.items.data.length, before.items.has_more], [10, true]);
    await world.provider.changePlan({ stripeSubscriptionId: id, plan: provisioned });
    world.clock.atMs = JUNE + 60_000;
    assertEquals((await newest(world, customer)).lines.length, 20);
  }));
