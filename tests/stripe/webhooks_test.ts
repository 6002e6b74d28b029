/** Webhooks: only what Stripe signed, lately, with our secret and for our mode, is believed. */
import { assert, assertEquals } from "@std/assert";
import type { ProviderNotice } from "@/lib/ports/billing_provider.ts";
import { signPayload } from "@/lib/stripe/simulator/signature.ts";
import { createWebhookVerifier, MAX_WEBHOOK_BYTES } from "@/lib/stripe/webhooks.ts";
import { FixedClock } from "../support/fixed_effects.ts";

const SECRET = "whsec_current";
const NOW_S = 1_800_000_000;

const verifier = createWebhookVerifier({
  snapshotSecrets: [SECRET, "whsec_previous"],
  thinSecrets: ["whsec_thin"],
  livemode: false,
  clock: new FixedClock(NOW_S * 1_000),
});

const paid = {
  id: "evt_1",
  object: "event",
  api_version: "2026-10-28.endive",
  type: "invoice.paid",
  created: NOW_S - 5,
  livemode: false,
  data: {
    object: {
      id: "in_1",
      customer: "cus_1",
      parent: { subscription_details: { subscription: "sub_1" } },
    },
  },
};

async function send(
  event: unknown,
  { secret = SECRET, timestamp = NOW_S, as = "snapshot", tamper = (text: string) => text }: {
    secret?: string;
    timestamp?: number;
    as?: "snapshot" | "thin";
    tamper?: (text: string) => string;
  } = {},
) {
  const body = JSON.stringify(event);
  const signature = await signPayload({ secret, timestamp, body });
  return await verifier[as](new TextEncoder().encode(tamper(body)), signature);
}

async function code(sent: ReturnType<typeof send>): Promise<string> {
  const result = await sent;
  return result.ok ? "accepted" : result.error.code;
}

async function accepted(sent: ReturnType<typeof send>): Promise<ProviderNotice> {
  const result = await sent;
  assert(result.ok, JSON.stringify(result));
  return result.value;
}

Deno.test("a signed event becomes a notice", async () => {
  assertEquals(await accepted(send(paid)), {
    eventId: "evt_1",
    type: "invoice.paid",
    createdAtMs: (NOW_S - 5) * 1_000,
    kind: "invoice_changed",
    change: "paid",
    stripeCustomerId: "cus_1",
    invoiceId: "in_1",
    stripeSubscriptionId: "sub_1",
  });
});

Deno.test("a changed body, a foreign secret and a made-up signature are refused", async () => {
  const tamper = (text: string) => text.replace("cus_1", "cus_2");
  assertEquals(await code(send(paid, { tamper })), "invalid_signature");
  assertEquals(await code(send(paid, { tamper: (text) => `${text} ` })), "invalid_signature");
  assertEquals(await code(send(paid, { secret: "whsec_other" })), "invalid_signature");
  const body = new TextEncoder().encode(JSON.stringify(paid));
  for (
    const [signature, expected] of [
      [null, "missing_signature"],
      ["", "missing_signature"],
      ["x".repeat(5_000), "missing_signature"],
      ["v1=00", "invalid_signature"],
      [`t=${NOW_S}`, "invalid_signature"],
      [`t=${NOW_S},v1=`, "invalid_signature"],
      [`t=${NOW_S},v1=${"0".repeat(64)}`, "invalid_signature"],
      [`t=${NOW_S},v0=${"0".repeat(64)}`, "invalid_signature"],
      [`t=-1,v1=${"0".repeat(64)}`, "invalid_signature"],
      [`t=${NOW_S}.5,v1=${"0".repeat(64)}`, "invalid_signature"],
    ] as const
  ) {
    const result = await verifier.snapshot(body, signature);
    assertEquals(result.ok ? "accepted" : result.error.code, expected, String(signature));
  }
});

Deno.test("a replay is refused once it is over 300 s old, to the second", async () => {
  assertEquals(await code(send(paid, { timestamp: NOW_S - 300 })), "accepted");
  assertEquals(await code(send(paid, { timestamp: NOW_S - 301 })), "stale_signature");
});

Deno.test("a signature from the future is refused beyond 300 s, to the second", async () => {
  assertEquals(await code(send(paid, { timestamp: NOW_S + 300 })), "accepted");
  assertEquals(await code(send(paid, { timestamp: NOW_S + 301 })), "future_signature");
});

Deno.test("an old signature can't pass under a second, newer timestamp", async () => {
  const body = JSON.stringify(paid);
  const old = await signPayload({ secret: SECRET, timestamp: NOW_S - 9_000, body });
  const result = await verifier.snapshot(new TextEncoder().encode(body), `t=${NOW_S},${old}`);
  assertEquals(result.ok ? "accepted" : result.error.code, "invalid_signature");
});

Deno.test("while a secret is rolled, the previous one is accepted too", async () => {
  assertEquals(await code(send(paid, { secret: "whsec_previous" })), "accepted");
});

Deno.test("an event of the other mode is refused, though the signature is right", async () => {
  assertEquals(await code(send({ ...paid, livemode: true })), "wrong_mode");
});

Deno.test("thin and snapshot endpoints don't take each other's events", async () => {
  const thin = {
    id: "evt_t",
    object: "v2.core.event",
    type: "v1.billing.meter.error_report_triggered",
    created: new Date(NOW_S * 1_000).toISOString(),
    livemode: false,
    related_object: { id: "mtr_1", type: "billing.meter", url: "/v1/billing/meters/mtr_1" },
  };
  assertEquals(await code(send(thin, { as: "thin", secret: "whsec_thin" })), "accepted");
  assertEquals(await code(send(thin)), "invalid_event");
  assertEquals(await code(send(paid, { as: "thin", secret: "whsec_thin" })), "invalid_event");
  assertEquals(await code(send(thin, { as: "thin" })), "invalid_signature");
});

Deno.test("thin error reports name their meter", async () => {
  const event = (type: string, related: unknown) => ({
    id: "evt_t",
    object: "v2.core.event",
    type,
    created: new Date(NOW_S * 1_000).toISOString(),
    livemode: false,
    related_object: related,
  });
  const options = { as: "thin", secret: "whsec_thin" } as const;
  const related = { id: "mtr_1", type: "billing.meter", url: "/v1/billing/meters/mtr_1" };
  const errors = await accepted(
    send(event("v1.billing.meter.error_report_triggered", related), options),
  );
  assertEquals(errors.kind === "meter_errors" && errors.stripeMeterId, "mtr_1");
  assertEquals(errors.createdAtMs, NOW_S * 1_000);
  const none = await accepted(send(event("v1.billing.meter.no_meter_found", null), options));
  assertEquals(none.kind, "no_meter_found");
});

Deno.test("what is not an event, or not known, harms nobody", async () => {
  assertEquals(await code(send([])), "invalid_event");
  assertEquals(await code(send({ hello: "world" })), "invalid_event");
  assertEquals((await accepted(send({ ...paid, type: "charge.succeeded" }))).kind, "other");
  assertEquals((await accepted(send({ ...paid, type: "invoice.unheard_of" }))).kind, "other");
  const odd = { ...paid, data: { object: { id: "in_1" } } };
  assertEquals((await accepted(send(odd))).kind, "other");
});

Deno.test("expanded objects are read like plain ids", async () => {
  const event = {
    ...paid,
    type: "customer.subscription.updated",
    data: { object: { id: "sub_1", customer: { id: "cus_9", object: "customer" } } },
  };
  const notice = await accepted(send(event));
  assertEquals(notice.kind === "subscription_changed" && notice.stripeCustomerId, "cus_9");
});

Deno.test("a finished checkout and a deleted customer name whom they are about", async () => {
  const checkout = await accepted(send({
    ...paid,
    type: "checkout.session.completed",
    data: { object: { id: "cs_1", customer: "cus_1", subscription: "sub_1" } },
  }));
  assertEquals(checkout.kind === "checkout_completed" && checkout.stripeSubscriptionId, "sub_1");
  const deleted = await accepted(send({
    ...paid,
    type: "customer.deleted",
    data: { object: { id: "cus_1" } },
  }));
  assertEquals(deleted.kind === "customer_deleted" && deleted.stripeCustomerId, "cus_1");
});

Deno.test("an endpoint without a secret, or with too much to read, refuses before any work", async () => {
  const closed = createWebhookVerifier({
    snapshotSecrets: [],
    thinSecrets: [],
    livemode: false,
    clock: new FixedClock(NOW_S * 1_000),
  });
  const none = await closed.snapshot(new Uint8Array(2), `t=${NOW_S},v1=00`);
  assertEquals(none.ok ? "accepted" : none.error.code, "no_secret");
  const huge = await verifier.snapshot(new Uint8Array(MAX_WEBHOOK_BYTES + 1), `t=${NOW_S},v1=00`);
  assertEquals(huge.ok ? "accepted" : huge.error.code, "body_too_large");
});
