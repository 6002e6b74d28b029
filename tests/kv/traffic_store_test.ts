/** Counts of calls over a real database in memory: for people to look at, exact all the same. */
import { assert, assertEquals } from "@std/assert";
import type { CallCount } from "@/lib/ports/traffic.ts";
import { createTrafficStore } from "@/lib/kv/traffic_store.ts";
import { TrafficLog } from "@/lib/metering/traffic_log.ts";
import { MemoryKv } from "@/tests/support/memory_kv.ts";
import { ScriptedKv } from "@/tests/support/scripted_kv.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOON = Date.UTC(2026, 10, 24, 12);
const TENANT = "ten_a";

async function store() {
  const kv = await Deno.openKv(":memory:");
  return {
    traffic: createTrafficStore({ kv, instanceId: "trf_1" }),
    [Symbol.dispose]: () => kv.close(),
  };
}

function count(changes: Partial<CallCount> = {}): CallCount {
  return {
    tenantId: TENANT,
    startMs: NOON,
    keyId: "key_1",
    route: "POST /v1/ratings",
    status: 200,
    calls: 1,
    units: new Map([["risk_score", 2n]]),
    ...changes,
  };
}

function chunk(uses: Readonly<Record<string, number>> = {}, tenantId = TENANT) {
  return { tenantId, records: [], uses: new Map(Object.entries(uses)) };
}

Deno.test("calls add up by hour and by UTC day, with their units by meter", async () => {
  using world = await store();
  const { traffic } = world;
  await traffic.append(chunk(), [
    count({ calls: 3 }),
    count({ startMs: NOON + HOUR, calls: 4 }),
    count({ startMs: NOON + DAY }),
  ]);
  await traffic.append(chunk(), [count({ calls: 5, units: new Map([["greeks", 7n]]) })]);
  const read = (granularity: "hour" | "day") =>
    traffic.callCounts({
      tenantId: TENANT,
      fromMs: NOON - 12 * HOUR,
      toMs: NOON + DAY,
      granularity,
    });
  const units = new Map([["greeks", 7n], ["risk_score", 2n]]);
  assertEquals(await read("hour"), [
    count({ calls: 8, units }),
    count({ startMs: NOON + HOUR, calls: 4 }),
  ]);
  assertEquals(await read("day"), [
    count({ startMs: NOON - 12 * HOUR, calls: 12, units: new Map([...units, ["risk_score", 4n]]) }),
    count({ startMs: NOON + 12 * HOUR }),
  ]);
});

Deno.test("key, route and status keep calls apart, and another tenant's are never among them", async () => {
  using world = await store();
  const { traffic } = world;
  const counts = [
    count(),
    count({ keyId: "key_2" }),
    count({ route: "POST /v1/screening" }),
    count({ status: 429, units: new Map() }),
  ];
  await traffic.append(chunk(), counts);
  await traffic.append(chunk({}, "ten_b"), [count({ tenantId: "ten_b", calls: 99 })]);
  const query = { tenantId: TENANT, fromMs: NOON, toMs: NOON + HOUR, granularity: "hour" } as const;
  assertEquals((await traffic.callCounts(query)).length, counts.length);
  const byStatus = await traffic.counts({ tenantId: TENANT, fromMs: NOON, toMs: NOON + HOUR });
  assertEquals(byStatus.map(({ status, calls }) => [status, calls]), [[200, 3], [429, 1]]);
});

Deno.test("one flush may hold more counts than one commit takes", async () => {
  using world = await store();
  const { traffic } = world;
  const counts = Array.from({ length: 130 }, (_, at) => count({ keyId: `key_${at}` }));
  await traffic.append(chunk(), counts);
  const query = { tenantId: TENANT, fromMs: NOON, toMs: NOON + HOUR, granularity: "hour" } as const;
  assertEquals((await traffic.callCounts(query)).length, counts.length);
});

Deno.test("a key's last use never goes back, whichever instance tells it last", async () => {
  using world = await store();
  const { traffic } = world;
  await traffic.append(chunk({ key_1: NOON + 5_000, key_2: NOON }), []);
  await traffic.append(chunk({ key_1: NOON }), []);
  const uses = await traffic.lastUses(TENANT);
  assertEquals([uses.get("key_1"), uses.get("key_2"), uses.get("key_3")], [
    NOON + 5_000,
    NOON,
    undefined,
  ]);
});

Deno.test("every call that was noted is counted once, even those beyond the list's bound", async () => {
  using world = await store();
  const logger = { debug() {}, info() {}, warn() {}, error() {} };
  const log = new TrafficLog({ store: world.traffic, clock: { nowMs: () => NOON }, logger });
  for (let call = 0; call < 250; call++) {
    const refused = call % 10 === 0;
    log.note({
      requestId: `req_${call}`,
      tenantId: TENANT,
      keyId: call % 2 === 0 ? "key_1" : "key_2",
      atMs: NOON + call,
      route: "POST /v1/ratings",
      status: refused ? 402 : 200,
      code: refused ? "budget_reached" : null,
      units: refused ? 0n : 1n,
      cost: 0n,
      latencyMicros: 900,
    }, refused ? new Map() : new Map([["risk_score", 1n]]));
  }
  await log.flush();
  await log.flush();
  const query = { tenantId: TENANT, fromMs: NOON, toMs: NOON + HOUR, granularity: "hour" } as const;
  const counts = await world.traffic.callCounts(query);
  assertEquals(counts.reduce((sum, { calls }) => sum + calls, 0), 250);
  assertEquals(counts.reduce((sum, one) => sum + (one.units.get("risk_score") ?? 0n), 0n), 225n);
  assertEquals((await world.traffic.recent({ tenantId: TENANT, limit: 500 })).items.length, 100);
  const uses = await world.traffic.lastUses(TENANT);
  assertEquals([uses.get("key_1"), uses.get("key_2")], [NOON + 248, NOON + 249]);
});

Deno.test("many tenants share few commits, each with its own counts and records", async () => {
  const kv = new ScriptedKv(new MemoryKv());
  const traffic = createTrafficStore({ kv, instanceId: "trf_1" });
  const tenants = Array.from({ length: 300 }, (_, at) => `ten_${at}`);
  const calls = (at: number) => at % 40 === 0 ? 120 : 1;
  await traffic.appendAll(
    tenants.map((tenantId, at) => ({
      chunk: {
        tenantId,
        records: Array.from({ length: at % 101 }, (_, call) => ({
          requestId: `req_${call}`,
          tenantId,
          keyId: "key_1",
          atMs: NOON + call,
          route: "POST /v1/ratings",
          status: 200,
          code: null,
          units: 1n,
          cost: 0n,
          latencyMicros: 900,
        })),
        uses: new Map([["key_1", NOON + at]]),
      },
      counts: Array.from({ length: calls(at) }, (_, key) => count({ tenantId, keyId: `k${key}` })),
    })),
    (error) => {
      throw error;
    },
  );
  assert(kv.commits <= 60, `${kv.commits} commits`);
  const hour = { fromMs: NOON, toMs: NOON + HOUR };
  for (const [at, tenantId] of tenants.entries()) {
    const [counted] = await traffic.counts({ tenantId, ...hour });
    assertEquals(counted?.calls, calls(at), tenantId);
    const { items } = await traffic.recent({ tenantId, limit: 200 });
    assertEquals([items.length, new Set(items.map((one) => one.tenantId)).size], [
      at % 101,
      at % 101 === 0 ? 0 : 1,
    ]);
    assertEquals((await traffic.lastUses(tenantId)).get("key_1"), NOON + at);
  }
});

Deno.test("what one commit can't write leaves the others written, and is told with its tenants", async () => {
  const kv = new ScriptedKv(new MemoryKv());
  const traffic = createTrafficStore({ kv, instanceId: "trf_1" });
  const many = (tenantId: string) => ({
    chunk: chunk({}, tenantId),
    counts: Array.from({ length: 50 }, (_, key) => count({ tenantId, keyId: `key_${key}` })),
  });
  const told: string[] = [];
  kv.script("drop_before");
  await traffic.appendAll(["ten_a", "ten_b"].map(many), (_error, tenantIds) => {
    told.push(...tenantIds);
  });
  const calls = async (tenantId: string) =>
    (await traffic.counts({ tenantId, fromMs: NOON, toMs: NOON + HOUR }))[0]?.calls;
  assertEquals(told, ["ten_a"]);
  assertEquals([await calls("ten_a"), await calls("ten_b")], [undefined, 50]);
});

for (const kept of [true, false]) {
  Deno.test(`calls ${kept ? "with" : "without"} kept records count once although their commits are repeated`, async () => {
    const kv = new ScriptedKv(new MemoryKv());
    const traffic = createTrafficStore({ kv, instanceId: "trf_1" });
    const record = {
      requestId: "req_1",
      tenantId: TENANT,
      keyId: "key_1",
      atMs: NOON,
      route: "POST /v1/ratings",
      status: 200,
      code: null,
      units: 2n,
      cost: 0n,
      latencyMicros: 5,
    };
    const counts = Array.from({ length: 120 }, (_, key) => count({ keyId: `key_${key}` }));
    kv.script("repeat", "repeat", "repeat");
    await traffic.append({ ...chunk(), records: kept ? [record] : [] }, counts);
    const query = { tenantId: TENANT, fromMs: NOON, toMs: NOON + HOUR };
    assertEquals((await traffic.counts(query)).map(({ calls }) => calls), [120]);
  });
}
