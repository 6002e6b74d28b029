/** What is found out about a connection: against the simulator, and against scripted answers. */
import { assert, assertEquals } from "@std/assert";
import { createStripeProvider } from "@/lib/stripe/stripe_provider.ts";
import { SNAPSHOT_EVENTS, THIN_EVENTS } from "@/lib/stripe/notices.ts";
import { FixedClock, MemoryLogger } from "../support/fixed_effects.ts";
import { openStripeWorld, START_MS } from "./stripe_world.ts";

Deno.test("probing leaves nothing at Stripe, in any meter mode", async () => {
  for (const meterMode of ["v1", "v2_stream", "usage_records"] as const) {
    const world = await openStripeWorld({ meterMode });
    const { stripe, provider } = world;
    const probe = await provider.probe();
    assertEquals(
      probe.rights.filter(({ outcome }) => outcome !== "granted"),
      [],
      meterMode,
    );
    const lists = await Promise.all([
      stripe.customers.list(),
      stripe.products.list(),
      stripe.prices.list(),
      stripe.billing.meters.list(),
      stripe.subscriptions.list(),
      stripe.invoices.list(),
      stripe.invoiceItems.list(),
      stripe.events.list(),
    ]);
    assertEquals(lists.map(({ data }) => data.length), Array(8).fill(0), meterMode);
    await world.close();
  }
});

/** A Stripe that says what a test wants it to say. */
function scripted(
  answerOf: (method: string, path: string) => { status: number; body: unknown } | null,
) {
  const clock = new FixedClock(START_MS);
  return {
    clock,
    provider: createStripeProvider({
      apiKey: "rk_test_scripted",
      meterMode: "v1",
      clock,
      logger: new MemoryLogger(),
      fetch: async (input, init) => {
        const request = new Request(input, init);
        const { pathname } = new URL(request.url);
        const answer = answerOf(request.method, pathname);
        await request.body?.cancel();
        if (answer === null) throw new TypeError("The network is away");
        return Response.json(answer.body, {
          status: answer.status,
          headers: { date: new Date(START_MS - 90_000).toUTCString() },
        });
      },
    }),
  };
}

const EMPTY = { object: "list", data: [], has_more: false, url: "/v1/x" };
const forbidden = { error: { type: "invalid_request_error", message: "The key may not" } };
const missing = { error: { type: "invalid_request_error", message: "Missing required param" } };

Deno.test("a right that is refused is named in Stripe's words, and the others are granted", async () => {
  const { provider } = scripted((method, path) => {
    if (path === "/v1/billing/credit_grants") return { status: 403, body: forbidden };
    if (path === "/v1/webhook_endpoints") return { status: 403, body: forbidden };
    if (path === "/v2/core/event_destinations") return { status: 403, body: forbidden };
    return method === "GET" ? { status: 200, body: EMPTY } : { status: 400, body: missing };
  });
  const probe = await provider.probe();
  assertEquals(probe.rights.filter(({ outcome }) => outcome !== "granted"), [{
    resource: "Credit grants",
    access: "write",
    outcome: "refused",
    detail: "The key may not",
  }]);
  assertEquals(probe.webhooks, null, "not to be read is not the same as none");
  assertEquals(probe.meters, []);
  assertEquals(probe.clockAheadMs, -90_000 + 500);
});

Deno.test("without an answer every right is unknown, and nothing throws", async () => {
  const { provider } = scripted(() => null);
  const probe = await provider.probe();
  assert(probe.rights.every(({ outcome }) => outcome === "unknown"));
  assertEquals([probe.clockAheadMs, probe.roundTripMs, probe.meters, probe.webhooks], [
    null,
    null,
    null,
    null,
  ]);
});

Deno.test("webhook endpoints of both kinds are read with the events that they lack", async () => {
  const endpoint = {
    id: "we_1",
    object: "webhook_endpoint",
    url: "https://meter.example.com/webhooks/stripe",
    status: "enabled",
    enabled_events: SNAPSHOT_EVENTS.filter((type) => type !== "invoice.paid"),
  };
  const destination = {
    id: "ed_1",
    object: "v2.core.event_destination",
    type: "webhook_endpoint",
    event_payload: "thin",
    status: "disabled",
    enabled_events: THIN_EVENTS,
    webhook_endpoint: { url: "https://meter.example.com/webhooks/stripe/thin" },
  };
  const { provider } = scripted((method, path) => {
    if (path === "/v1/webhook_endpoints") {
      return { status: 200, body: { ...EMPTY, data: [endpoint] } };
    }
    if (path === "/v2/core/event_destinations") {
      return { status: 200, body: { data: [destination], next_page_url: null } };
    }
    return method === "GET" ? { status: 200, body: EMPTY } : { status: 400, body: missing };
  });
  assertEquals((await provider.probe()).webhooks, [
    { kind: "snapshot", url: endpoint.url, isEnabled: true, missingEvents: ["invoice.paid"] },
    {
      kind: "thin",
      url: destination.webhook_endpoint.url,
      isEnabled: false,
      missingEvents: [],
    },
  ]);
});
