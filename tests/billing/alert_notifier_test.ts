import { assert, assertEquals } from "@std/assert";
import { alertBody, createAlertNotifier } from "@/lib/billing/alert_notifier.ts";
import { newWebhookSecret, signWebhook } from "@/lib/billing/webhook_signature.ts";
import type { Alert } from "@/lib/ports/watch_store.ts";
import type { Mail } from "@/lib/ports/mailer.ts";
import type { OutboundAnswer, OutboundRequest } from "@/lib/ports/outbound.ts";
import { billingWorld } from "@/tests/support/billing_world.ts";
import { sampleTenant } from "@/tests/support/samples.ts";

const ALERT: Alert = {
  alertId: "alr_1",
  tenantId: "ten_a",
  periodId: "2026-05-01",
  subject: { kind: "quota", meter: "risk_score" },
  percent: 90,
  used: 9_000n,
  limit: 10_000n,
  createdAtMs: Date.UTC(2026, 4, 15),
  delivery: { state: "waiting", attempts: 0, detail: null, channels: [], triedAtMs: null },
};

async function channels(address = "93.184.216.34") {
  const world = await billingWorld(sampleTenant({ locale: "de-DE" }));
  const requests: OutboundRequest[] = [];
  const mails: Mail[] = [];
  const answers: OutboundAnswer[] = [];
  const notifier = createAlertNotifier({
    ...world.deps,
    resolver: { addresses: () => Promise.resolve([address]) },
    outbound: {
      send: (request) => {
        requests.push(request);
        const fine = { ok: true as const, status: 204, contentType: "", text: "" };
        return Promise.resolve(answers.shift() ?? fine);
      },
    },
    mailer: {
      send: (mail) => {
        mails.push(mail);
        return Promise.resolve({ kind: "sent" });
      },
    },
  });
  const settings = {
    tenantId: "ten_a",
    emails: ["ops@acme.example"],
    webhookUrl: "https://hooks.acme.example/usage",
    webhookSecret: newWebhookSecret(world.deps.ids),
  };
  await world.deps.store.putAlertSettings(settings, null);
  return { ...world, notifier, requests, mails, answers, settings };
}

Deno.test("a webhook is signed so that its receiver can check it (Standard Webhooks)", async () => {
  const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  const signed = await signWebhook(
    { id: "msg_p5jXN8AQM9LWM0D4loKWxJek", atMs: 1_614_265_330_000, body: '{"test": 2432232314}' },
    secret,
  );
  assertEquals(signed["webhook-signature"], "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  assertEquals(signed["webhook-timestamp"], "1614265330");
});

Deno.test("an alert goes to every channel, in the tenant's language", async () => {
  const { notifier, requests, mails, settings, close } = await channels();
  const delivery = await notifier.notify(ALERT, settings);
  assertEquals(delivery, { channels: ["webhook", "ops@acme.example"], failure: null });
  assertEquals(requests[0]?.body, alertBody(ALERT));
  assertEquals(requests[0]?.address, "93.184.216.34");
  assertEquals(mails[0]?.subject, "90 % des Kontingents Risikobewertungen sind verbraucht");
  assert(mails[0]?.text.includes("9.000 von 10.000"));
  close();
});

Deno.test("a channel that failed is tried again, one that has it is not", async () => {
  const { notifier, requests, mails, answers, settings, close } = await channels();
  answers.push({ ok: true, status: 500, contentType: "", text: "" });
  const first = await notifier.notify(ALERT, settings);
  assertEquals(first, {
    channels: ["ops@acme.example"],
    failure: "webhook: The receiver answered 500",
  });
  const again = { ...ALERT, delivery: { ...ALERT.delivery, channels: first.channels } };
  assertEquals((await notifier.notify(again, settings)).failure, null);
  assertEquals([requests.length, mails.length], [2, 1]);
  close();
});

Deno.test("a name that leads into a private network is not called", async () => {
  const { notifier, requests, settings, close } = await channels("169.254.169.254");
  const delivery = await notifier.notify(ALERT, settings);
  assert(delivery.failure?.startsWith("webhook: url_refused"));
  assertEquals(requests, []);
  close();
});

Deno.test("any secret that we make can sign", async () => {
  const message = { id: "msg_1", atMs: 0, body: "{}" };
  for (let fill = 0; fill < 256; fill++) {
    const secret = newWebhookSecret({ bytes: (length) => new Uint8Array(length).fill(fill) });
    const signed = await signWebhook(message, secret);
    assertEquals(signed["webhook-signature"].length, "v1,".length + 44, secret);
  }
});
