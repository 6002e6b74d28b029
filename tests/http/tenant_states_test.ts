/** Usage of tenants whose subscription is in any state, and of one that closes in the middle of its calls. */
import { assert, assertEquals } from "@std/assert";
import { applySubscription } from "@/lib/billing/apply_subscription.ts";
import { OPERATOR_TOKEN, startApi, type TestTenant } from "@/tests/support/api_world.ts";
import { usageEvent } from "@/tests/support/tenant_calls.ts";

const MINUTE = 60_000;
const DAY = 86_400_000;
const folder = await Deno.makeTempDir({ prefix: "tenant_states_" });
const time = { atMs: Date.UTC(2026, 10, 10, 12) };
const world = await startApi({ KV_URL: `${folder}/kv.db` }, { clock: { nowMs: () => time.atMs } });
const { services } = world.runtime;
globalThis.addEventListener("unload", () => {
  void world[Symbol.asyncDispose]();
  Deno.removeSync(folder, { recursive: true });
});

function api(name: string, fn: () => Promise<void>): void {
  // The app's sockets and timers belong to the file, not to one test.
  Deno.test({ name, fn, sanitizeOps: false, sanitizeResources: false });
}

function operate(method: string, path: string, json: unknown = {}) {
  return world.send({ method, path: `/operator/v1${path}`, key: OPERATOR_TOKEN, json });
}

async function subscribed(tenantId: string): Promise<TestTenant> {
  const tenant = await world.tenant(tenantId);
  const collection = { kind: "invoice", days_until_due: 30 };
  const done = await operate("POST", `/tenants/${tenantId}/provision`, { collection });
  assertEquals(done.status, 200, done.text);
  return tenant;
}

async function use({ key }: TestTenant, id: string, units: number) {
  const body = JSON.stringify(usageEvent(id, { data: { meter: "risk_score", units } }));
  const headers = { "content-type": "application/cloudevents+json" };
  const reply = await world.send({ path: "/v1/events", key, body, headers });
  return { status: reply.status, code: reply.body.code, counted: reply.body.counted };
}

async function settle(): Promise<void> {
  for (let round = 0; round < 3; round++) {
    await services.engine.flushDue();
    time.atMs += 2 * MINUTE;
  }
  await services.engine.flushDue();
}

async function booksOf({ tenantId }: TestTenant) {
  const lines = await services.usage.books({ tenantId });
  const sum = (pick: (line: typeof lines[number]) => bigint) =>
    lines.reduce((total, line) => total + pick(line), 0n);
  return {
    acknowledged: sum((line) => line.acknowledged),
    sent: sum((line) => line.sent),
    difference: sum((line) => line.difference),
  };
}

/** What Stripe says, what the next call gets, and after the grace period. */
const STATES:
  readonly (readonly [stripe: string, now: number, code: string | undefined, later: number])[] = [
    ["active", 200, undefined, 200],
    ["trialing", 200, undefined, 200],
    ["past_due", 200, undefined, 402],
    ["unpaid", 403, "tenant_suspended", 403],
    ["paused", 403, "tenant_suspended", 403],
    ["incomplete", 403, "tenant_suspended", 403],
    ["incomplete_expired", 403, "tenant_suspended", 403],
    ["canceled", 403, "tenant_closed", 403],
    ["a_word_of_next_year", 200, undefined, 200],
  ];

for (const [status, now, code, later] of STATES) {
  api(
    `usage before and under the subscription state ${status} is served or refused, and never dropped`,
    async () => {
      const tenant = await subscribed(`tn_${status}`);
      const { tenantId } = tenant;
      assertEquals((await use(tenant, "before", 3)).status, 200);
      const stored = (await services.tenants.tenant(tenantId))?.value;
      const subscription = await services.billing.provider.subscription(
        stored?.stripeSubscriptionId ?? "",
      );
      assert(subscription !== null);
      await applySubscription(services.billing, tenantId, { ...subscription, status });
      const under = await use(tenant, "under", 5);
      assertEquals([under.status, under.code], [now, code]);
      time.atMs += 15 * DAY;
      const afterwards = await use(tenant, "after", 7);
      assertEquals(afterwards.status, later);
      await settle();
      const units = 3n + (now === 200 ? 5n : 0n) + (later === 200 ? 7n : 0n);
      assertEquals(await booksOf(tenant), { acknowledged: units, sent: units, difference: 0n });
    },
  );
}

api("usage of a tenant without any subscription waits, and is billed once it has one", async () => {
  const tenant = await world.tenant("tn_unsubscribed");
  assertEquals((await use(tenant, "1", 4)).counted, 1);
  await settle();
  assertEquals(await booksOf(tenant), { acknowledged: 4n, sent: 0n, difference: 0n });
  const collection = { kind: "invoice", days_until_due: 30 };
  await operate("POST", `/tenants/${tenant.tenantId}/provision`, { collection });
  await settle();
  assertEquals(await booksOf(tenant), { acknowledged: 4n, sent: 4n, difference: 0n });
});

api(
  "a tenant closed in a storm of calls is served nothing after it, owes nothing, and its id is never used again",
  async () => {
    const tenant = await subscribed("tn_storm");
    const { tenantId } = tenant;
    let closed = false;
    let counted = 0n;
    const refusals = new Set<string>();
    const clients = Array.from({ length: 6 }, async (_, client) => {
      // Until one call was begun after the close: it takes as long as it takes.
      for (let call = 0, begunAfter = false; !begunAfter; call++) {
        begunAfter = closed;
        const { status, code, counted: events } = await use(tenant, `${client}_${call}`, 2);
        assert(!begunAfter || status !== 200, "served after it was closed");
        // Decided before the close and not committed by then, an event is to be sent again.
        if (status === 200) counted += 2n * BigInt(events);
        else refusals.add(code);
      }
    });
    const stop = (async () => {
      while (counted < 60n) await new Promise((resolve) => setTimeout(resolve));
      const reply = await operate("PUT", `/tenants/${tenantId}/status`, { status: "closed" })
        .finally(() => closed = true);
      assert(reply.status === 200 || reply.body.code === "units_outstanding", reply.text);
    })();
    await Promise.all([...clients, stop]);
    assertEquals(refusals, new Set(["tenant_closed"]));

    const closing =
      (await services.audit.entries({ chain: tenantId, limit: 1, action: "tenant.closed" }))
        .items[0];
    assert(closing !== undefined, "the audit log tells who closed it");
    await settle();
    assertEquals(await booksOf(tenant), { acknowledged: counted, sent: counted, difference: 0n });
    const again = await operate("PUT", `/tenants/${tenantId}/status`, { status: "closed" });
    assertEquals([again.status, again.body.status], [200, "closed"], again.text);

    const { plan_revision } = again.body;
    const reused = await operate("POST", "/tenants", {
      name: "Again",
      plan_revision,
      tenant_id: tenantId,
    });
    assertEquals([reused.status, reused.body.code], [409, "tenant_exists"]);
    assertEquals((await use(tenant, "late", 1)).code, "tenant_closed");
  },
);
