/** The tenant API as its users meet it: one request in, one answer out, on the whole app. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { changeBudget, changeStatus } from "@/lib/tenancy/tenants.ts";
import { revokeApiKey } from "@/lib/tenancy/api_keys.ts";
import { OPERATIONS } from "@/lib/http/api/operations.ts";
import { ACT, type ApiWorld, must, startApi, type TestTenant } from "@/tests/support/api_world.ts";
import { closesOf } from "@/tests/support/api_samples.ts";
import { midMonthClock } from "@/tests/support/mid_month_clock.ts";

const ISIN = "US0378331005";
const RATE = { instrument: ISIN, include: ["risk_score"] };

const world = await startApi({}, { clock: midMonthClock });
const { services } = world.runtime;
globalThis.addEventListener("unload", () => void world[Symbol.asyncDispose]());

/** A tenant with one stored instrument and five years of closes. */
async function tenantWithPrices(...args: Parameters<ApiWorld["tenant"]>): Promise<TestTenant> {
  const tenant = await world.tenant(...args);
  const { key } = tenant;
  const terms = { isin: ISIN, cfi_code: "ESVUFR", currency: "USD", mic: "XNAS" };
  const stored = [
    await world.send({ method: "PUT", path: `/v1/instruments/${ISIN}`, key, json: terms }),
    await world.send({
      method: "PUT",
      path: `/v1/prices/${ISIN}/history`,
      key,
      json: { closes: closesOf(1_280) },
    }),
  ];
  assertEquals(stored.map(({ status }) => status), [200, 200]);
  return tenant;
}

async function unitsOf({ tenantId }: TestTenant): Promise<bigint> {
  await services.engine.folder.foldOwn();
  const lines = await services.usage.books({ tenantId });
  return lines.reduce((sum, { acknowledged }) => sum + acknowledged, 0n);
}

function api(name: string, fn: () => Promise<void>): void {
  // The app's sockets and timers belong to the file, not to one test.
  Deno.test({ name, fn, sanitizeOps: false, sanitizeResources: false });
}

api("a rated call answers with its units, its marginal cost and a computed score", async () => {
  const tenant = await tenantWithPrices("tn_rated");
  const replies = [];
  for (let call = 0; call < 11; call++) {
    replies.push(await world.send({ path: "/v1/ratings", key: tenant.key, json: RATE }));
  }
  const [first, last] = [replies.at(0), replies.at(-1)];
  assertEquals(first?.status, 200);
  assertEquals(first?.headers.get("clawmeter-units"), "1");
  assertEquals(Number(first?.headers.get("clawmeter-cost")), 0);
  assertEquals(Number(last?.headers.get("clawmeter-cost")), 0.01);
  const { risk_score: score, indicative } = first?.body ?? {};
  assertEquals(score.status, "ok");
  assert(score.sri >= 1 && score.sri <= 7 && indicative === true);
  assertEquals(await unitsOf(tenant), 11n);
});

api("each refusal has its own stable code, and bills nothing", async () => {
  const tenant = await tenantWithPrices("tn_refused");
  const { key } = tenant;
  const path = "/v1/ratings";
  const json = "application/json";
  const cases = [
    [{ path, json: RATE }, 401, "missing_credential"],
    [{ path, key: `${key}x`, json: RATE }, 401, "invalid_credential"],
    [{ path, key, json: { ...RATE, instrument: "FR0000120271" } }, 404, "instrument_not_found"],
    [{ path, key, json: { ...RATE, colour: "red" } }, 422, "validation_failed"],
    [{ path, key, json: { ...RATE, include: ["screening"] } }, 403, "not_entitled"],
    [{ path, key, body: "{", headers: { "content-type": json } }, 400, "malformed_json"],
    [
      { path, key, body: '{"instrument":1,"instrument":2}', headers: { "content-type": json } },
      400,
      "duplicate_json_key",
    ],
    [
      { path, key, body: JSON.stringify(RATE), headers: { "content-type": "text/plain" } },
      415,
      "unsupported_media_type",
    ],
    [
      { path, key, body: "x".repeat(1_100_000), headers: { "content-type": json } },
      413,
      "body_too_large",
    ],
    [{ path, key }, 405, "method_not_allowed"],
    [{ path: "/v1/nothing", key }, 404, "not_found"],
    [{ path: "/v1/prices/%zz", key }, 400, "malformed_url"],
  ] as const;
  for (const [request, status, code] of cases) {
    const reply = await world.send(request);
    assertEquals(
      [reply.status, reply.body?.code],
      [status, code],
      JSON.stringify(request).slice(0, 200),
    );
    assertEquals(reply.headers.get("content-type"), "application/problem+json");
    assertEquals(typeof reply.body.detail, "string");
    assert(reply.headers.get("request-id")?.startsWith("req_"));
  }
  assertEquals(await unitsOf(tenant), 0n);
});

api("a key that was revoked serves nothing from the next call on", async () => {
  const { tenantId, keyId, key } = await tenantWithPrices("tn_revoked");
  assertEquals((await world.send({ path: "/v1/ratings", key, json: RATE })).status, 200);
  must(await revokeApiKey({ tenantId, keyId }, { deps: services, act: ACT }));
  const reply = await world.send({ path: "/v1/ratings", key, json: RATE });
  assertEquals([reply.status, reply.body.code], [401, "revoked_credential"]);
});

api(
  "a suspended tenant is refused from the next call on, and nothing more is counted",
  async () => {
    const tenant = await tenantWithPrices("tn_suspended");
    assertEquals(
      (await world.send({ path: "/v1/ratings", key: tenant.key, json: RATE })).status,
      200,
    );
    const { tenantId } = tenant;
    must(await changeStatus({ tenantId, status: "suspended" }, { deps: services, act: ACT }));
    const reply = await world.send({ path: "/v1/ratings", key: tenant.key, json: RATE });
    assertEquals([reply.status, reply.body.code], [403, "tenant_suspended"]);
    assertEquals(await unitsOf(tenant), 1n);
  },
);

api("a hard quota serves its units to the last one, also to calls at the same time", async () => {
  const meters = [{
    meter: "risk_score",
    price: { model: "per_unit" as const, unitAmount: 0n },
    includedUnits: 0n,
    quota: { units: 5n, enforcement: "hard" as const },
  }];
  const tenant = await tenantWithPrices("tn_quota", { meters });
  const replies = await Promise.all(
    Array.from(
      { length: 12 },
      () => world.send({ path: "/v1/ratings", key: tenant.key, json: RATE }),
    ),
  );
  assertEquals(replies.filter(({ status }) => status === 200).length, 5);
  const refused = replies.filter(({ status }) => status !== 200);
  assertEquals(new Set(refused.map(({ body }) => body.code)), new Set(["quota_exceeded"]));
  assertEquals(await unitsOf(tenant), 5n);
});

api("a budget that stops refuses the call that would pass it", async () => {
  const tenant = await tenantWithPrices("tn_budget", {
    meters: [{
      meter: "risk_score",
      price: { model: "per_unit", unitAmount: 10n ** 12n },
      includedUnits: 0n,
      quota: null,
    }],
  });
  const { tenantId, key } = tenant;
  const budget = { amount: 3n * 10n ** 12n, stop: true };
  must(await changeBudget({ tenantId, budget }, { deps: services, act: ACT }));
  const statuses = [];
  for (let call = 0; call < 5; call++) {
    statuses.push((await world.send({ path: "/v1/ratings", key, json: RATE })).status);
  }
  assertEquals(statuses, [200, 200, 200, 402, 402]);
  assertEquals(await unitsOf(tenant), 3n);
});

api(
  "an idempotency key replays the answer and bills once, also for calls at the same time",
  async () => {
    const tenant = await tenantWithPrices("tn_replay");
    const request = {
      path: "/v1/ratings",
      key: tenant.key,
      json: RATE,
      headers: { "idempotency-key": "k-1" },
    };
    const [first, ...others] = await Promise.all(
      Array.from({ length: 6 }, () => world.send(request)),
    );
    const later = await world.send(request);
    for (const reply of [...others, later]) {
      assertEquals(reply.text, first?.text);
      assertEquals(reply.status, 200);
    }
    assertEquals(later.headers.get("idempotency-replayed"), "true");
    assertEquals(await unitsOf(tenant), 1n);
    const other = await world.send({ ...request, json: { ...RATE, include: ["compliance"] } });
    assertEquals([other.status, other.body.code], [422, "idempotency_key_reused"]);
    assertEquals(await unitsOf(tenant), 1n);
  },
);

api("a batch rates and bills its good items and says what is wrong with the others", async () => {
  const tenant = await tenantWithPrices("tn_batch");
  const items = [RATE, { instrument: "nowhere" }, { colour: 1 }, RATE];
  const reply = await world.send({ path: "/v1/ratings/batch", key: tenant.key, json: { items } });
  assertEquals(reply.status, 200);
  assertEquals(reply.body.items.length, 4);
  assertEquals(reply.headers.get("clawmeter-units"), "2");
  assertEquals(await unitsOf(tenant), 2n);
});

api("usage events count once by source and id, each with its own result", async () => {
  const tenant = await world.tenant("tn_events");
  const event = (id: string, data: unknown) => ({
    specversion: "1.0",
    id,
    source: "/jobs",
    type: "usage",
    data,
  });
  const good = event("1", { meter: "risk_score", units: 7 });
  const batch = [good, good, event("2", { meter: "unknown", units: 1 }), event("3", { units: -1 })];
  const request = {
    path: "/v1/events",
    key: tenant.key,
    body: JSON.stringify(batch),
    headers: { "content-type": "application/cloudevents-batch+json" },
  };
  const reply = await world.send(request);
  assertEquals(reply.status, 200);
  const statuses = reply.body.results.map((result: { status: string }) => result.status);
  assertEquals(statuses.toSorted(), ["counted", "duplicate", "refused", "refused"]);
  await world.send(request);
  assertEquals(await unitsOf(tenant), 7n);
});

api(
  "a stored version is a 304 to who has it, and a write against another one is refused",
  async () => {
    const { key } = await tenantWithPrices("tn_versions");
    const path = `/v1/instruments/${ISIN}`;
    const found = await world.send({ path, key });
    const etag = found.headers.get("etag") ?? "";
    const again = await world.send({ path, key, headers: { "if-none-match": etag } });
    assertEquals([again.status, again.text], [304, ""]);
    const terms = { isin: ISIN, currency: "USD" };
    const first = { method: "PUT", path, key, json: terms, headers: { "if-match": etag } };
    assertEquals((await world.send(first)).status, 200);
    const stale = await world.send(first);
    assertEquals([stale.status, stale.body.code], [412, "version_mismatch"]);
  },
);

api("another tenant's instruments and prices are as absent as ones that never were", async () => {
  await tenantWithPrices("tn_owner");
  const stranger = await world.tenant("tn_stranger");
  for (const path of [`/v1/instruments/${ISIN}`, `/v1/prices/${ISIN}`]) {
    const reply = await world.send({ path, key: stranger.key });
    assertEquals(reply.status, 404);
    const absent = await world.send({
      path: path.replace(ISIN, "FR0000120271"),
      key: stranger.key,
    });
    assertEquals(reply.body.code, absent.body.code);
  }
  const rated = await world.send({ path: "/v1/ratings", key: stranger.key, json: RATE });
  assertEquals(rated.status, 404);
});

api("usage up to a moment alone is that of the period that it lies in or ends", async () => {
  const { key } = await world.tenant("tn_up_to");
  for (
    const [to, from] of [
      ["2026-02-10T12:00:00.000Z", "2026-02-01T00:00:00.000Z"],
      ["2026-02-01T00:00:00.000Z", "2026-01-01T00:00:00.000Z"],
    ]
  ) {
    const { status, body } = await world.send({ path: `/v1/usage?to=${to}`, key });
    assertEquals([status, body.from, body.to], [200, from, to]);
  }
});

api("usage, plan and preview agree about what was used", async () => {
  const tenant = await tenantWithPrices("tn_agree");
  const { key } = tenant;
  for (let call = 0; call < 12; call++) await world.send({ path: "/v1/ratings", key, json: RATE });
  await unitsOf(tenant);
  const usage = await world.send({ path: "/v1/usage?granularity=hour", key });
  const plan = await world.send({ path: "/v1/plan", key });
  const preview = await world.send({ path: "/v1/billing/preview", key });
  assertEquals(usage.body.totals, { risk_score: 12 });
  assertEquals(plan.body.usage[0].used, 12);
  assertEquals(preview.body.total, "0.02");
});

api(
  "every operation of the API is served, described, and answers 405 to other methods",
  async () => {
    const { body: document } = await world.send({ path: "/openapi.json" });
    for (const { path, method } of OPERATIONS) {
      assert(document.paths[path]?.[method.toLowerCase()], `${method} ${path} is not described`);
      const target = path.replace(/\{\w+\}/g, "x");
      const unknown = await world.send({ method: "DELETE", path: target });
      assertEquals([unknown.status, unknown.body.code], [405, "method_not_allowed"], path);
      assertStringIncludes(unknown.headers.get("allow") ?? "", method);
      const anonymous = await world.send({ method, path: target });
      assertEquals(anonymous.body.code, "missing_credential", `${method} ${path}`);
    }
  },
);

api("operator endpoints take the operator token and nothing else", async () => {
  const { key } = await world.tenant("tn_no_operator");
  for (const credential of [undefined, key, "wrong"]) {
    const reply = await world.send({
      method: "POST",
      path: "/internal/flush",
      ...(credential === undefined ? {} : { key: credential }),
    });
    assertEquals(reply.status, 401);
  }
});

api("a webhook without a valid signature is refused and stores nothing", async () => {
  for (const path of ["/webhooks/stripe", "/webhooks/stripe/thin"]) {
    const forged = await world.send({
      method: "POST",
      path,
      body: JSON.stringify({ id: "evt_1", type: "customer.deleted" }),
      headers: { "stripe-signature": "t=1,v1=00" },
    });
    assert(forged.status === 400 || forged.status === 401, `${forged.status} ${forged.text}`);
  }
  assertEquals(await services.billing.store.waiting(10), []);
});

api("no unit is lost between the calls above, the ledger and Stripe", async () => {
  await services.engine.folder.foldOwn();
  const lines = await services.usage.books();
  assertEquals(lines.filter(({ difference }) => difference !== 0n), []);
  assertEquals((await services.usage.evidence()).difference, 0n);
});
