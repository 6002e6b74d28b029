/** Limits as callers meet them: what is served, what a refusal says, and what a failure costs. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { PeriodUsage } from "@/lib/metering/period_usage.ts";
import { StorageUnavailable } from "@/lib/ports/storage.ts";
import { changeBudget } from "@/lib/tenancy/tenants.ts";
import { ACT, must, startApi, type TestTenant } from "@/tests/support/api_world.ts";
import { ISIN, prepareTenant } from "@/tests/support/tenant_calls.ts";
import { FixedClock } from "@/tests/support/fixed_effects.ts";

const RATE = { instrument: ISIN, include: ["risk_score"] };
const CENT = 10n ** 12n;
const time = { atMs: Date.UTC(2026, 10, 30, 23, 59, 0) };
const world = await startApi({}, { clock: { nowMs: () => time.atMs } });
const { services } = world.runtime;
globalThis.addEventListener("unload", () => void world[Symbol.asyncDispose]());

function api(name: string, fn: () => Promise<void>): void {
  // The app's sockets and timers belong to the file, not to one test.
  Deno.test({ name, fn, sanitizeOps: false, sanitizeResources: false });
}

async function limited(tenantId: string, quotas: object): Promise<TestTenant> {
  const tenant = await prepareTenant(world, tenantId);
  const found = (await services.tenants.tenant(tenantId)) ?? null;
  assert(found !== null);
  const overrides = { ...found.value.overrides, quotas: { ...quotas } };
  assert((await services.tenants.putTenant({ ...found.value, overrides }, found.versionstamp)).ok);
  // A call that commits nothing would go by what this instance remembers.
  services.callers.invalidate();
  return tenant;
}

const rate = ({ key }: TestTenant, json: unknown = RATE) =>
  world.send({ path: "/v1/ratings", key, json });

async function unitsOf({ tenantId }: TestTenant): Promise<bigint> {
  await services.engine.folder.foldOwn();
  const lines = await services.usage.books({ tenantId });
  return lines.reduce((sum, { acknowledged }) => sum + acknowledged, 0n);
}

api("a used-up hard quota says which, what is left, and when to come back", async () => {
  const tenant = await limited("tn_quota", { risk_score: { units: 2n, enforcement: "hard" } });
  for (let call = 0; call < 2; call++) assertEquals((await rate(tenant)).status, 200);
  const refused = await rate(tenant);
  assertEquals([refused.status, refused.body.code], [429, "quota_exceeded"]);
  assertEquals(refused.headers.get("retry-after"), "60");
  assertMatch(refused.headers.get("ratelimit") ?? "", /^"burst";r=\d+.*, "risk_score";r=0;t=60$/);
  assertMatch(
    refused.headers.get("ratelimit-policy") ?? "",
    /^"burst";q=\d+;w=\d+, "risk_score";q=2$/,
  );
  assertEquals(await unitsOf(tenant), 2n);
});

api("a used-up budget says when to come back, and costs nothing more", async () => {
  const tenant = await prepareTenant(world, "tn_budget");
  const { tenantId } = tenant;
  const budget = { amount: 2n * CENT, stop: true };
  must(await changeBudget({ tenantId, budget }, { deps: services, act: ACT }));
  const statuses: number[] = [];
  for (let call = 0; call < 4; call++) statuses.push((await rate(tenant)).status);
  assertEquals(statuses, [200, 200, 402, 402]);
  assertEquals((await rate(tenant)).headers.get("retry-after"), "60");
  assertEquals(await unitsOf(tenant), 2n);
});

api("a caller that is too fast is told when the next token comes", async () => {
  const limits = { requestsPerSecond: 1, burst: 3 };
  const { key } = await world.tenant("tn_fast", { limits });
  const statuses: number[] = [];
  let last = await world.send({ path: "/v1/plan", key });
  for (let call = 0; call < 4; call++) {
    last = await world.send({ path: "/v1/plan", key });
    statuses.push(last.status);
  }
  assertEquals(statuses, [200, 200, 429, 429]);
  assertEquals([last.body.code, last.headers.get("retry-after")], ["rate_limited", "1"]);
  assertMatch(last.headers.get("ratelimit") ?? "", /^"burst";r=0;t=1$/);
});

api("a call whose work fails sets nothing aside: the whole quota can still be served", async () => {
  const tenant = await limited("tn_failing", { risk_score: { units: 3n, enforcement: "hard" } });
  const { rating, quotaGate } = services;
  let reserved = 0;
  const reserve: typeof quotaGate.reserve = (demand) => {
    reserved += 1;
    return quotaGate.reserve(demand);
  };
  Object.assign(services, { quotaGate: { reserve } });
  const failures = [
    () => Promise.reject(new Error("a defect")),
    () => Promise.reject(new StorageUnavailable("cut")),
  ];
  for (const fail of failures) {
    const cache = new Proxy(rating.cache, { get: () => fail });
    Object.assign(services, { rating: { ...rating, cache } });
    const failed = await rate(tenant).finally(() => Object.assign(services, { rating }));
    assert(failed.status >= 500, failed.text);
    if (failed.status === 503) assert(failed.headers.has("retry-after"));
  }
  const absent = await rate(tenant, { ...RATE, instrument: "FR0000120271" });
  assertEquals(absent.status, 404);
  Object.assign(services, { quotaGate });
  assertEquals(reserved, 3, "units were set aside for each");
  const statuses: number[] = [];
  for (let call = 0; call < 4; call++) statuses.push((await rate(tenant)).status);
  assertEquals(statuses, [200, 200, 200, 429]);
  assertEquals(await unitsOf(tenant), 3n);
});

api(
  "units of a call whose commit is in doubt stay set aside: they may have been counted",
  async () => {
    const tenant = await limited("tn_doubt", { risk_score: { units: 2n, enforcement: "hard" } });
    const { recorder } = services;
    const record: typeof recorder.record = async (request) => {
      assertEquals((await recorder.record(request)).kind, "committed");
      return { kind: "unavailable", retryAfterMs: 1_000 };
    };
    Object.assign(services, { recorder: { record } });
    const doubtful = await rate(tenant).finally(() => Object.assign(services, { recorder }));
    assertEquals([doubtful.status, doubtful.headers.get("retry-after")], [503, "1"]);
    const statuses: number[] = [];
    for (let call = 0; call < 3; call++) statuses.push((await rate(tenant)).status);
    assertEquals(statuses, [200, 429, 429]);
    assertEquals(await unitsOf(tenant), 2n);
  },
);

api(
  "a call that is decided anew, refused for another quota or not answered holds no units back",
  async () => {
    const hard = (units: bigint) => ({ units, enforcement: "hard" });
    const moved = await limited("tn_moved", { risk_score: hard(2n) });
    assertEquals((await world.send({ path: "/v1/plan", key: moved.key })).status, 200);
    // Any change of the configuration makes every instance decide again.
    const now = await services.tenants.tenant(moved.tenantId);
    assert(now !== null);
    assert((await services.tenants.putTenant({ ...now.value, name: "New" }, now.versionstamp)).ok);
    const served = [];
    for (let call = 0; call < 3; call++) served.push((await rate(moved)).status);
    assertEquals(served, [200, 200, 429]);

    const pair = await limited("tn_pair", { risk_score: hard(2n), compliance: hard(1n) });
    const both = { ...RATE, include: ["risk_score", "compliance"] };
    const paired = [];
    for (const json of [both, both, both, RATE, RATE]) paired.push((await rate(pair, json)).status);
    assertEquals(paired, [200, 429, 429, 200, 429]);

    const large = await limited("tn_large", { risk_score: hard(500n) });
    const items = Array.from({ length: 500 }, () => ({ instrument: ISIN }));
    const batch = (headers: Record<string, string>) =>
      world.send({ path: "/v1/ratings/batch", key: large.key, json: { items }, headers });
    assertEquals((await batch({ "idempotency-key": "k" })).body.code, "reply_too_large");
    assertEquals((await batch({})).status, 200);
    assertEquals(await unitsOf(moved) + await unitsOf(pair), 2n + 3n);
  },
);

api("of a batch only what it was served counts against a hard quota", async () => {
  const tenant = await limited("tn_batch", { risk_score: { units: 4n, enforcement: "hard" } });
  const items = [RATE, { ...RATE, instrument: "FR0000120271" }, RATE];
  const batch = (key: string) =>
    world.send({ path: "/v1/ratings/batch?partial=allow", key, json: { items } });
  assertEquals((await batch(tenant.key)).status, 200);
  assertEquals(await unitsOf(tenant), 2n);
  assertEquals((await batch(tenant.key)).status, 429, "three would be one too many");
  const statuses: number[] = [];
  for (let call = 0; call < 3; call++) statuses.push((await rate(tenant)).status);
  assertEquals(statuses, [200, 200, 429]);
  assertEquals(await unitsOf(tenant), 4n);
});

api(
  "a store that fails while the second of two quotas is reserved takes nothing from the first",
  async () => {
    const hard = { units: 1n, enforcement: "hard" };
    const tenant = await limited("tn_two", { risk_score: hard, compliance: hard });
    const both = { ...RATE, include: ["risk_score", "compliance"] };
    const { quotaGate } = services;
    const reserve: typeof quotaGate.reserve = (demand) =>
      demand.meter === "compliance"
        ? Promise.reject(new StorageUnavailable("cut"))
        : quotaGate.reserve(demand);
    Object.assign(services, { quotaGate: { reserve } });
    const cut = await rate(tenant, both).finally(() => Object.assign(services, { quotaGate }));
    assertEquals(cut.status, 503);
    assertEquals((await rate(tenant, both)).status, 200);
    assertEquals((await rate(tenant, RATE)).body.code, "quota_exceeded");
  },
);

api(
  "a soft quota is passed by at most the calls under way and what others served since they were last read",
  async () => {
    const [inFlight, others] = [5, 7n];
    const clock = new FixedClock();
    const folded = new Map([["risk_score", 90n]]);
    const usage = {
      periodTotals: () =>
        Promise.resolve([...folded].map(([meter, units]) => ({
          tenantId: "acme",
          periodId: "p",
          planRevision: "growth@1",
          meter,
          units,
        }))),
    };
    const mine = new PeriodUsage({ usage, clock, maxAgeMs: 5_000 });
    const used = async () => (await mine.load("acme", "p")).get("risk_score") ?? 0n;
    const quota = 100n;
    let served = await used();
    // Others serve on, unseen until the figure is read again.
    served += others;
    folded.set("risk_score", 90n + others);
    let batch = 0;
    while (await used() < quota && batch++ < 100) {
      // Calls of one moment are all judged before any of them counts.
      for (let call = 0; call < inFlight; call++) mine.add("acme", "p", [["risk_score", 1n]]);
      served += BigInt(inFlight);
    }
    assert(served >= quota);
    assert(served - quota <= BigInt(inFlight) - 1n + others, `${served - quota} over`);
    clock.advance(5_000);
    mine.peek("acme", "p");
    await new Promise((resolve) => setTimeout(resolve));
    assert(await used() >= quota, "once they are read, nothing more is served");
  },
);
