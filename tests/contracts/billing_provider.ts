import { assert, assertEquals, assertRejects } from "@std/assert";
import type { BillingProvider, MeterEvent } from "@/lib/ports/billing_provider.ts";
import { ProviderError } from "@/lib/ports/billing_provider.ts";
import { emptyPlan, usd } from "../support/samples.ts";
import { growthPlan } from "../stripe/sample_plans.ts";

/** A provider under test. Names carry `run`, so that a real account can be used again. */
export interface ProviderWorld {
  readonly provider: BillingProvider;
  readonly nowMs: () => number;
  readonly run: string;
  /** Waits for what the provider does later; at once where it does everything at once. */
  readonly eventually: (check: () => Promise<boolean>) => Promise<void>;
  readonly close: () => Promise<void>;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** What Clawmeter relies on of any billing provider, Stripe itself included. */
export function testBillingProvider(
  name: string,
  open: () => Promise<ProviderWorld>,
  options: { ignore?: boolean } = {},
): void {
  const guarantee = (sentence: string, body: (world: ProviderWorld) => Promise<void>) =>
    Deno.test({
      name: `${name}: ${sentence}`,
      ignore: options.ignore ?? false,
      async fn() {
        const world = await open();
        try {
          await body(world);
        } finally {
          await world.close();
        }
      },
    });

  guarantee("creating again finds what exists", async (world) => {
    const { provider, run } = world;
    const spec = { tenantId: `ten_${run}`, name: "Acme", email: `${run}@example.com` };
    const first = await provider.ensureCustomer(spec);
    assertEquals(await provider.ensureCustomer(spec), first);
    assertEquals(await provider.ensureCustomer({ ...spec, name: "Acme AG" }), first);
    const plan = usagePlan(run);
    const provisioned = await provider.ensurePlan(plan);
    assertEquals(await provider.ensurePlan(plan), provisioned);
    assertEquals(provisioned.prices.map(({ meter }) => meter), plan.meters.map((m) => m.meter));
    const subscribe = () =>
      provider.ensureSubscription({
        tenantId: spec.tenantId,
        stripeCustomerId: first.stripeCustomerId,
        plan: provisioned,
        startMs: world.nowMs(),
      });
    const subscription = await subscribe();
    assertEquals(subscription.status, "active");
    assertEquals(subscription.planRevision, plan.planRevision);
    assertEquals(
      (await subscribe()).stripeSubscriptionId,
      subscription.stripeSubscriptionId,
    );
  });

  guarantee("a billing period ends at midnight UTC on the first", async (world) => {
    const { subscription } = await subscribed(world);
    const end = new Date(subscription.currentPeriodEndMs);
    assertEquals([end.getUTCDate(), end.getUTCHours(), end.getUTCMinutes()], [1, 0, 0]);
  });

  guarantee("an identifier counts once, and is told when it comes again", async (world) => {
    const { provider } = world;
    const { event, customer } = await subscribed(world);
    assertEquals(await provider.sendMeterEvent(event), { kind: "delivered" });
    const again = await provider.sendMeterEvent({ ...event, attempt: 2 });
    assertEquals(again, { kind: "already_exists" });
    await world.eventually(async () => (await unitsOf(world, customer, event)) === event.units);
    assertEquals(await unitsOf(world, customer, event), event.units);
  });

  guarantee("a timestamp over 35 days old is refused", async (world) => {
    const { event } = await subscribed(world);
    const old = { ...event, timestampMs: world.nowMs() - 36 * 24 * HOUR_MS };
    const outcome = await world.provider.sendMeterEvent(old);
    assertEquals(outcome.kind, "refused");
    assert(outcome.kind === "refused" && outcome.code === "timestamp_too_far_in_past");
  });

  guarantee("a batch has one outcome per event, in order", async (world) => {
    const { event } = await subscribed(world);
    const events = [0, 1, 2].map((at) => ({
      ...event,
      identifier: `${event.identifier}-${at}`,
      timestampMs: event.timestampMs - at * MINUTE_MS,
    }));
    const bad = { ...event, identifier: `${event.identifier}-bad`, timestampMs: 1 };
    const outcomes = await world.provider.sendMeterEvents([...events, bad]);
    assertEquals(outcomes.map(({ kind }) => kind), [
      "delivered",
      "delivered",
      "delivered",
      "refused",
    ]);
  });

  guarantee("a summary holds its start and not its end", async (world) => {
    const { event, customer } = await subscribed(world);
    const { provider } = world;
    // Within an hour and not at its edge, so that only the minute decides.
    const hour = Math.floor(event.timestampMs / HOUR_MS) * HOUR_MS;
    const minute = hour - 30 * MINUTE_MS;
    await provider.sendMeterEvent({ ...event, timestampMs: minute });
    const query = { eventName: event.eventName, stripeCustomerId: customer };
    const sum = async (startMs: number, endMs: number) => {
      const summaries = await provider.summaries({ ...query, startMs, endMs });
      return summaries.reduce((total, { units }) => total + units, 0n);
    };
    await world.eventually(async () => (await sum(minute, minute + MINUTE_MS)) === event.units);
    assertEquals(await sum(minute, minute + MINUTE_MS), event.units);
    assertEquals(await sum(minute - MINUTE_MS, minute), 0n);
    assertEquals(await sum(minute + MINUTE_MS, minute + 2 * MINUTE_MS), 0n);
  });

  guarantee("the preview prices usage so far, free units first", async (world) => {
    const { event, customer, subscription } = await subscribed(world);
    const { provider } = world;
    const preview = () =>
      provider.previewInvoice({
        stripeCustomerId: customer,
        stripeSubscriptionId: subscription.stripeSubscriptionId,
      });
    assertEquals(await provider.sendMeterEvent({ ...event, units: 1_500n }), { kind: "delivered" });
    await world.eventually(async () => (await preview()).totalMinor !== 0n);
    const invoice = await preview();
    // 100 free, 1,000 at 0.5 cents, 400 at 0.1 cents and 1 dollar for reaching them.
    assertEquals(invoice.totalMinor, 500n + 40n + 100n);
    const units = invoice.lines.filter((line) => line.meter === event.eventName)
      .reduce((sum, line) => sum + line.units, 0n);
    assertEquals(units, 1_500n);
  });

  guarantee("an invoice item and a credit with the same key exist once", async (world) => {
    const { customer } = await subscribed(world);
    const item = {
      key: `adjust-${world.run}`,
      stripeCustomerId: customer,
      invoiceId: null,
      currency: "usd",
      amountMinor: 1_250n,
      description: "Minimum commitment",
    };
    const first = await world.provider.ensureInvoiceItem(item);
    assertEquals(await world.provider.ensureInvoiceItem(item), first);
    const credit = {
      key: `credit-${world.run}`,
      stripeCustomerId: customer,
      name: "Prepaid",
      category: "paid",
      currency: "usd",
      amountMinor: 5_000n,
      expiresAtMs: null,
    } as const;
    const grant = await world.provider.ensureCredit(credit);
    assertEquals(await world.provider.ensureCredit(credit), grant);
  });

  guarantee("a plan that it can't express is refused before anything exists", async (world) => {
    const plan = usagePlan(`${world.run}x`);
    const [meter] = plan.meters;
    assert(meter !== undefined);
    const impossible = {
      ...plan,
      meters: [
        {
          ...meter,
          includedUnits: 10n,
          price: { model: "package", packageUnits: 5n, packageAmount: usd("1.00") },
        } as const,
      ],
    };
    const checked = world.provider.checkPlan(impossible);
    assert(!checked.ok);
    assertEquals(checked.error.code, "included_units_with_package");
    await assertRejects(() => world.provider.ensurePlan(impossible), ProviderError);
  });

  guarantee("an unknown subscription and an unknown invoice are null", async ({ provider }) => {
    assertEquals(await provider.subscription("sub_never_made"), null);
    assertEquals(await provider.invoice("in_never_made"), null);
  });

  guarantee(
    "a cancelled subscription stays cancelled and can be followed by another",
    async (world) => {
      const { subscription, subscribe } = await subscribed(world);
      const { provider } = world;
      const ended = await provider.cancelSubscription(subscription.stripeSubscriptionId);
      assertEquals(ended.status, "canceled");
      const again = await provider.cancelSubscription(subscription.stripeSubscriptionId);
      assertEquals(again.status, "canceled");
      const next = await subscribe();
      assert(next.stripeSubscriptionId !== subscription.stripeSubscriptionId);
      assertEquals(next.status, "active");
    },
  );

  guarantee(
    "a probe says what the key may do and which meters there are, and makes nothing",
    async (world) => {
      const { provider } = world;
      const { event, customer } = await subscribed(world);
      const invoicesBefore =
        (await provider.invoices({ stripeCustomerId: customer, limit: 100 })).length;
      const probe = await provider.probe();
      assert(probe.rights.length > 10);
      assertEquals(probe.rights.filter(({ outcome }) => outcome !== "granted"), []);
      const meter = probe.meters?.find(({ eventName }) => eventName === event.eventName);
      assertEquals(meter, { eventName: event.eventName, isActive: true, fits: true });
      assertEquals((await provider.probe()).meters, probe.meters);
      const invoices = await provider.invoices({ stripeCustomerId: customer, limit: 100 });
      assertEquals(invoices.length, invoicesBefore);
    },
  );

  guarantee("checkout and the customer portal have a page each", async (world) => {
    const { customer, plan } = await subscribed(world);
    const checkout = await world.provider.checkoutUrl({
      stripeCustomerId: customer,
      plan,
      successUrl: "https://example.com/done",
      cancelUrl: "https://example.com/back",
    });
    assert(URL.canParse(checkout));
  });
}

/** Usage only: a fresh customer without a card can subscribe to it. */
function usagePlan(run: string) {
  const { meters } = growthPlan();
  return emptyPlan({
    planId: `contract_${run}`,
    meters: meters.slice(0, 1).map((meter) => ({ ...meter, meter: `risk_score_${run}` })),
  });
}

async function subscribed(world: ProviderWorld) {
  const { provider, run } = world;
  const tenantId = `ten_${run}`;
  const { stripeCustomerId } = await provider.ensureCustomer({
    tenantId,
    name: "Acme",
    email: `${run}@example.com`,
  });
  const plan = await provider.ensurePlan(usagePlan(run));
  const subscribe = () =>
    provider.ensureSubscription({ tenantId, stripeCustomerId, plan, startMs: world.nowMs() });
  const subscription = await subscribe();
  const event: MeterEvent = {
    identifier: `m1-${run}`,
    eventName: `risk_score_${run}`,
    stripeCustomerId,
    units: 7n,
    timestampMs: Math.floor(world.nowMs() / MINUTE_MS) * MINUTE_MS,
    attempt: 1,
  };
  return { subscription, subscribe, event, plan, customer: stripeCustomerId };
}

async function unitsOf(world: ProviderWorld, customer: string, event: MeterEvent) {
  const hour = Math.floor(event.timestampMs / HOUR_MS) * HOUR_MS;
  const summaries = await world.provider.summaries({
    eventName: event.eventName,
    stripeCustomerId: customer,
    startMs: hour,
    endMs: hour + HOUR_MS,
    grouping: "hour",
  });
  return summaries.reduce((sum, { units }) => sum + units, 0n);
}
