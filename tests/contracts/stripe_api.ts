import { assert, assertEquals } from "@std/assert";
import Stripe from "stripe";

/** Stripe's API, or something that says it is. */
export interface StripeApi {
  readonly stripe: Stripe;
  /** Names made with it are new to a real account. */
  readonly run: string;
  readonly nowMs: () => number;
  readonly close: () => Promise<void>;
}

/** What a double is known not to have. */
export interface StripeApiOptions {
  readonly ignore?: boolean;
  /** Answers from fixtures: only the shape of calls and answers can be judged. */
  readonly stateless?: boolean;
  readonly withoutV2?: boolean;
}

/** Every call that the provider makes, through the bare SDK, with the parameters that it uses. */
export function testStripeApi(
  name: string,
  open: () => Promise<StripeApi>,
  options: StripeApiOptions = {},
): void {
  const call = (
    sentence: string,
    body: (api: StripeApi) => Promise<void>,
    needs: { state?: boolean; v2?: boolean } = {},
  ) =>
    Deno.test({
      name: `${name}: ${sentence}`,
      ignore: options.ignore === true || (needs.state === true && options.stateless === true) ||
        (needs.v2 === true && options.withoutV2 === true),
      async fn() {
        const api = await open();
        try {
          await body(api);
        } finally {
          await api.close();
        }
      },
    });

  call("a meter is made, listed and read", async (api) => {
    const meter = await makeMeter(api);
    assertEquals(meter.object, "billing.meter");
    assert(["sum", "count", "last"].includes(meter.default_aggregation.formula));
    assert((await api.stripe.billing.meters.list({ limit: 3 })).data.length > 0);
    assertEquals((await api.stripe.billing.meters.retrieve(meter.id)).object, "billing.meter");
  });

  call("a meter event is taken with identifier and timestamp", async (api) => {
    await makeMeter(api);
    const { id } = await makeCustomer(api);
    const event = await api.stripe.billing.meterEvents.create({
      event_name: `calls_${api.run}`,
      identifier: `m1-${api.run}`,
      timestamp: Math.floor(api.nowMs() / 1_000),
      payload: { stripe_customer_id: id, value: "25" },
    });
    assertEquals(event.object, "billing.meter_event");
  });

  call("an event can be cancelled by its identifier", async (api) => {
    await makeMeter(api);
    const { id } = await makeCustomer(api);
    await api.stripe.billing.meterEvents.create({
      event_name: `calls_${api.run}`,
      identifier: `m1-${api.run}`,
      payload: { stripe_customer_id: id, value: "25" },
    });
    const adjustment = await api.stripe.billing.meterEventAdjustments.create({
      event_name: `calls_${api.run}`,
      type: "cancel",
      cancel: { identifier: `m1-${api.run}` },
    });
    assertEquals(adjustment.object, "billing.meter_event_adjustment");
  });

  call("summaries are listed by the minute, the hour and the day", async (api) => {
    const meter = await makeMeter(api);
    const { id: customer } = await makeCustomer(api);
    const day = 86_400;
    const end_time = Math.floor(api.nowMs() / 1_000 / day) * day;
    for (const grouping of [undefined, "hour", "day"] as const) {
      const { object } = await api.stripe.billing.meters.listEventSummaries(meter.id, {
        customer,
        start_time: end_time - day,
        end_time,
        ...(grouping === undefined ? {} : { value_grouping_window: grouping }),
      });
      assertEquals(object, "list");
    }
  });

  call("a product has an id of our own, once", async (api) => {
    const id = `clawmeter_${api.run}`;
    await api.stripe.products.create({ id, name: "Growth", description: "For teams" });
    assertEquals((await api.stripe.products.retrieve(id)).object, "product");
  });

  call("a second product under one id is refused", async (api) => {
    const id = `clawmeter_${api.run}`;
    await api.stripe.products.create({ id, name: "Growth" });
    const error = await refusalOf(api.stripe.products.create({ id, name: "Growth" }));
    assertEquals(error.code, "resource_already_exists");
  }, { state: true });

  call("every form of price is taken", async (api) => {
    const meter = await makeMeter(api);
    for (const params of await priceForms(api, meter.id)) {
      const price = await api.stripe.prices.create(params);
      assertEquals(price.object, "price");
    }
  });

  call("a price is found by its lookup key, and the key is unique", async (api) => {
    const meter = await makeMeter(api);
    const [params] = await priceForms(api, meter.id);
    assert(params !== undefined);
    const price = await api.stripe.prices.create(params);
    const lookup_keys = [params.lookup_key ?? ""];
    const { data } = await api.stripe.prices.list({ lookup_keys });
    assertEquals(data.map(({ id }) => id), [price.id]);
    const error = await refusalOf(api.stripe.prices.create(params));
    assert(/already uses that lookup key/.test(error.message), error.message);
  }, { state: true });

  call("a customer is made, listed by email and read", async (api) => {
    const { id } = await makeCustomer(api);
    const email = `${api.run}@example.com`;
    assertEquals((await api.stripe.customers.list({ email, limit: 3 })).object, "list");
    assertEquals((await api.stripe.customers.retrieve(id)).object, "customer");
  });

  call("a subscription is flexible, anchored and metered without quantity", async (api) => {
    const subscription = await subscribe(api);
    assertEquals(subscription.object, "subscription");
    assertEquals(
      (await api.stripe.subscriptions.list({ customer: "cus_x", status: "all" })).object,
      "list",
    );
    const retrieved = await api.stripe.subscriptions.retrieve(subscription.id);
    assert(retrieved.items.data.length > 0);
  });

  call(
    "a subscription's prices are swapped and it is cancelled with its last invoice",
    async (api) => {
      const subscription = await subscribe(api);
      const updated = await api.stripe.subscriptions.update(subscription.id, {
        proration_behavior: "create_prorations",
        metadata: { clawmeter_plan_revision: "growth@2" },
      });
      assertEquals(updated.object, "subscription");
      const ended = await api.stripe.subscriptions.cancel(subscription.id, {
        invoice_now: true,
        prorate: true,
      });
      assertEquals(ended.object, "subscription");
    },
  );

  call("the coming invoice is previewed", async (api) => {
    const subscription = await subscribe(api);
    const customer = typeof subscription.customer === "string"
      ? subscription.customer
      : subscription.customer.id;
    const preview = await api.stripe.invoices.createPreview({
      customer,
      subscription: subscription.id,
    });
    assertEquals(preview.object, "invoice");
    assertEquals(preview.lines.object, "list");
  });

  call("an invoice is held, takes an item and becomes final", async (api) => {
    const { id: customer } = await makeCustomer(api);
    const invoice = await api.stripe.invoices.create({ customer, auto_advance: true });
    const held = await api.stripe.invoices.update(invoice.id, { auto_advance: false });
    assertEquals(held.object, "invoice");
    const item = await api.stripe.invoiceItems.create({
      customer,
      invoice: invoice.id,
      currency: "usd",
      amount: 1_250,
      description: "Minimum commitment",
      metadata: { clawmeter_key: api.run },
    });
    assertEquals(item.object, "invoiceitem");
    assertEquals((await api.stripe.invoiceItems.list({ customer, limit: 3 })).object, "list");
    const final = await api.stripe.invoices.finalizeInvoice(invoice.id, { auto_advance: true });
    assertEquals(final.object, "invoice");
    assertEquals((await api.stripe.invoices.list({ customer, limit: 3 })).object, "list");
  });

  call("credit is granted for metered prices", async (api) => {
    const { id: customer } = await makeCustomer(api);
    const grant = await api.stripe.billing.creditGrants.create({
      customer,
      name: "Prepaid",
      category: "paid",
      amount: { type: "monetary", monetary: { currency: "usd", value: 5_000 } },
      applicability_config: { scope: { price_type: "metered" } },
      metadata: { clawmeter_key: api.run },
    });
    assertEquals(grant.object, "billing.credit_grant");
    assertEquals((await api.stripe.billing.creditGrants.list({ customer })).object, "list");
  });

  call("checkout takes metered items without quantity", async (api) => {
    const meter = await makeMeter(api);
    const { id: customer } = await makeCustomer(api);
    const [params] = await priceForms(api, meter.id);
    assert(params !== undefined);
    const price = await api.stripe.prices.create(params);
    const session = await api.stripe.checkout.sessions.create({
      mode: "subscription",
      customer,
      line_items: [{ price: price.id }],
      success_url: "https://example.com/done",
      cancel_url: "https://example.com/back",
      subscription_data: { metadata: { clawmeter_tenant: api.run } },
    });
    assertEquals(session.object, "checkout.session");
  });

  call("the customer portal opens", async (api) => {
    const { id: customer } = await makeCustomer(api);
    const session = await api.stripe.billingPortal.sessions.create({
      customer,
      return_url: "https://example.com",
    });
    assertEquals(session.object, "billing_portal.session");
  });

  call("a test clock is made and advanced", async (api) => {
    const frozen_time = Math.floor(api.nowMs() / 1_000);
    const clock = await api.stripe.testHelpers.testClocks.create({ frozen_time });
    const advanced = await api.stripe.testHelpers.testClocks.advance(clock.id, {
      frozen_time: frozen_time + 3_600,
    });
    assertEquals(advanced.object, "test_helpers.test_clock");
  });

  call("events are listed", async (api) => {
    const events = await api.stripe.events.list({ types: ["invoice.paid"], limit: 3 });
    assertEquals(events.object, "list");
  });

  call("the stream opens a session and takes events", async (api) => {
    await makeMeter(api);
    const { id } = await makeCustomer(api);
    const session = await api.stripe.v2.billing.meterEventSession.create({});
    await api.stripe.v2.billing.meterEventStream.create({
      events: [{
        event_name: `calls_${api.run}`,
        identifier: `m1-${api.run}`,
        timestamp: new Date(api.nowMs()).toISOString(),
        payload: { stripe_customer_id: id, value: "25" },
      }],
    }, { apiKey: session.authentication_token });
  }, { v2: true });

  call("unknown and missing parameters are refused", async (api) => {
    const unknown = await refusalOf(
      api.stripe.rawRequest("POST", "/v1/billing/meter_events", {
        event_name: "x",
        payload: { value: "1" },
        idntifier: "y",
      }),
    );
    assertEquals(unknown.statusCode, 400);
    const missing = await refusalOf(
      api.stripe.rawRequest("POST", "/v1/billing/meters", { display_name: "x" }),
    );
    assertEquals(missing.statusCode, 400);
  });

  call("an unknown URL is 404", async (api) => {
    const error = await refusalOf(api.stripe.rawRequest("POST", "/v1/never_heard_of", {}));
    assertEquals(error.statusCode, 404);
  });

  call("no key is 401", async (api) => {
    const error = await refusalOf(api.stripe.customers.list({}, { apiKey: "nonsense" }));
    assertEquals(error.statusCode, 401);
  });
}

function makeMeter({ stripe, run }: StripeApi): Promise<Stripe.Billing.Meter> {
  return stripe.billing.meters.create({
    event_name: `calls_${run}`,
    display_name: "Calls",
    default_aggregation: { formula: "sum" },
    customer_mapping: { event_payload_key: "stripe_customer_id", type: "by_id" },
    value_settings: { event_payload_key: "value" },
  });
}

function makeCustomer({ stripe, run }: StripeApi): Promise<Stripe.Customer> {
  return stripe.customers.create({
    name: "Acme Markets",
    email: `${run}@example.com`,
    metadata: { clawmeter_tenant: run },
  });
}

async function priceForms(
  { stripe, run }: StripeApi,
  meter: string,
): Promise<Stripe.PriceCreateParams[]> {
  const product = await stripe.products.create({ name: "Growth" });
  const recurring = { interval: "month", usage_type: "metered", meter } as const;
  const base = { product: product.id, currency: "usd", recurring };
  const cents = (text: string) => Stripe.Decimal.from(text);
  return [
    { ...base, unit_amount_decimal: cents("0.0125"), lookup_key: `clawmeter:${run}:unit` },
    {
      ...base,
      billing_scheme: "tiered",
      tiers_mode: "graduated",
      tiers: [
        { up_to: 100, unit_amount_decimal: cents("0") },
        { up_to: "inf", unit_amount_decimal: cents("0.5"), flat_amount_decimal: cents("100") },
      ],
    },
    {
      ...base,
      billing_scheme: "tiered",
      tiers_mode: "volume",
      tiers: [{ up_to: "inf", unit_amount_decimal: cents("0.1") }],
    },
    {
      ...base,
      unit_amount_decimal: cents("399"),
      transform_quantity: { divide_by: 25, round: "up" },
    },
    {
      product: product.id,
      currency: "usd",
      unit_amount_decimal: cents("4900"),
      recurring: { interval: "month", usage_type: "licensed" },
    },
  ];
}

async function subscribe(api: StripeApi): Promise<Stripe.Subscription> {
  const meter = await makeMeter(api);
  const { id: customer } = await makeCustomer(api);
  const [params] = await priceForms(api, meter.id);
  assert(params !== undefined);
  const price = await api.stripe.prices.create(params);
  return await api.stripe.subscriptions.create({
    customer,
    items: [{ price: price.id }],
    billing_mode: { type: "flexible" },
    billing_cycle_anchor_config: { day_of_month: 1, hour: 0, minute: 0, second: 0 },
    metadata: { clawmeter_tenant: api.run },
  });
}

async function refusalOf(call: Promise<unknown>): Promise<Stripe.errors.StripeError> {
  const failure = await call.then(() => null, (error: unknown) => error);
  assert(failure instanceof Stripe.errors.StripeError, `Not refused: ${failure}`);
  return failure;
}
