/** The pages that people see: checkout, portal, hosted invoice. */
import { assert, assertEquals } from "@std/assert";
import { growthPlan } from "./sample_plans.ts";
import { openStripeWorld, type StripeWorld } from "./stripe_world.ts";

async function openPage(world: StripeWorld, url: string, form?: Record<string, string>) {
  const response = await world.simulator.fetch(
    url,
    form === undefined ? {} : { method: "POST", body: new URLSearchParams(form) },
  );
  return {
    status: response.status,
    location: response.headers.get("location"),
    policy: response.headers.get("content-security-policy"),
    html: await response.text(),
  };
}

async function checkout(world: StripeWorld) {
  const { provider } = world;
  const { stripeCustomerId } = await provider.ensureCustomer({
    tenantId: "ten_a",
    name: `<b>"Acme"</b>`,
    email: null,
  });
  const url = await provider.checkoutUrl({
    stripeCustomerId,
    plan: await provider.ensurePlan(growthPlan({ name: "<script>alert(1)</script>" })),
    successUrl: "https://app.example/done?session={CHECKOUT_SESSION_ID}",
    cancelUrl: "https://app.example/back",
  });
  return { stripeCustomerId, url };
}

Deno.test("paying on the checkout page starts the subscription of the tenant, once", async () => {
  const world = await openStripeWorld();
  const { stripeCustomerId, url } = await checkout(world);
  assertEquals((await openPage(world, url)).status, 200);
  assertEquals((await openPage(world, url, { action: "decline" })).status, 200);
  assertEquals((await world.stripe.subscriptions.list()).data.length, 0);
  const paid = await openPage(world, url, { action: "pay" });
  assertEquals(paid.status, 303);
  assert(paid.location?.startsWith("https://app.example/done?session=cs_test_"));
  await openPage(world, url, { action: "pay" });
  const { data: [subscription, ...others] } = await world.stripe.subscriptions.list({
    customer: stripeCustomerId,
  });
  assertEquals(others, []);
  assertEquals(subscription?.metadata.clawmeter_tenant, "ten_a");
  assertEquals(subscription?.status, "active");
  const found = await world.provider.noticesSince({ sinceMs: 0, limit: 100 });
  assert(found.some(({ kind }) => kind === "checkout_completed"));
  const again = await world.provider.ensureSubscription({
    tenantId: "ten_a",
    stripeCustomerId,
    plan: await world.provider.ensurePlan(growthPlan({ name: "<script>alert(1)</script>" })),
    startMs: world.clock.nowMs(),
  });
  assertEquals(again.stripeSubscriptionId, subscription?.id);
});

Deno.test("going back leaves everything as it was", async () => {
  const world = await openStripeWorld();
  const { url } = await checkout(world);
  const back = await openPage(world, url, { action: "cancel" });
  assertEquals([back.status, back.location], [303, "https://app.example/back"]);
  assertEquals((await world.stripe.subscriptions.list()).data, []);
});

Deno.test("names are shown as text, and the page allows no script at all", async () => {
  const world = await openStripeWorld();
  const { url } = await checkout(world);
  const { html, policy } = await openPage(world, url);
  assert(!html.includes("<script"));
  assert(html.includes("&#60;script&#62;"));
  assert(policy?.startsWith("default-src 'none'; style-src 'sha256-"));
});

Deno.test("a page opens with its own token only", async () => {
  const world = await openStripeWorld();
  const { url } = await checkout(world);
  assertEquals((await openPage(world, url.replace(/token=.*/, "token=0"))).status, 404);
  assertEquals((await openPage(world, url.replace(/\?.*/, ""))).status, 404);
});

Deno.test("the portal changes the card, lists invoices and cancels", async () => {
  const world = await openStripeWorld();
  const { stripeCustomerId, url } = await checkout(world);
  await openPage(world, url, { action: "pay" });
  const portal = await world.provider.portalUrl({
    stripeCustomerId,
    returnUrl: "javascript:alert(1)",
  });
  const shown = await openPage(world, portal);
  assertEquals(shown.status, 200);
  assert(!shown.html.includes("javascript:"));
  const invoiceUrl = /href="([^"]*\/invoices\/[^"]*)"/.exec(shown.html)?.[1];
  assert(invoiceUrl !== undefined);
  const invoice = await openPage(world, invoiceUrl.replaceAll("&#38;", "&"));
  assertEquals(invoice.status, 200);
  assert(invoice.html.includes("$26.08"));
  await openPage(world, portal, { action: "card", card: "declines" });
  const customer = await world.stripe.customers.retrieve(stripeCustomerId);
  assert(!customer.deleted);
  assertEquals(customer.invoice_settings.default_payment_method, "pm_card_chargeCustomerFail");
  assertEquals((await openPage(world, portal, { action: "cancel" })).status, 303);
  const all = await world.stripe.subscriptions.list({ status: "all" });
  assertEquals(all.data.map(({ status }) => status), ["canceled"]);
});

Deno.test("a checkout is over after a day", async () => {
  const world = await openStripeWorld();
  const { url } = await checkout(world);
  world.clock.advance(24 * 3_600_000);
  assertEquals((await openPage(world, url, { action: "pay" })).status, 410);
});
