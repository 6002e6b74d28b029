/** Counters go at the end of their term, over real KV and the stores that write them. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  DELIVERED_KEPT_MS,
  type PruneDeps,
  pruneRollups,
  TRAFFIC_KEPT_MS,
} from "@/lib/chores/prune_rollups.ts";
import { deliveredHourKey, deliveredHoursPrefix } from "@/lib/kv/keys.ts";
import { createKvRollupStore } from "@/lib/kv/rollup_store.ts";
import { createKvTenantStore } from "@/lib/kv/tenant_store.ts";
import { createTrafficStore } from "@/lib/kv/traffic_store.ts";
import { FixedClock } from "@/tests/support/fixed_effects.ts";
import { sampleTenant } from "@/tests/support/samples.ts";

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 10, 26);
const TENANTS = ["ten_a", "ten_b", "ten_c"];
const CALL = { keyId: "key_1", route: "POST /v1/ratings", status: 200, calls: 3 };

/** Hours of calls and of delivered units, at these ages, for each tenant. */
async function open(hours: { readonly calls: number[]; readonly delivered: number[] }) {
  const kv = await Deno.openKv(":memory:");
  const traffic = createTrafficStore({ kv, instanceId: "trf_1" });
  const tenants = createKvTenantStore(kv);
  for (const tenantId of TENANTS) {
    await tenants.putTenant(sampleTenant({ tenantId }), null);
    for (const ageMs of hours.calls) {
      const units = new Map([["risk_score", 5n]]);
      await traffic.append({ tenantId, records: [], uses: new Map() }, [
        { ...CALL, tenantId, startMs: NOW - ageMs, units },
      ]);
    }
    for (const ageMs of hours.delivered) {
      const line = { stripeCustomerId: "cus_1", eventName: "risk_score", meter: "risk_score" };
      const key = deliveredHourKey("sent", NOW - ageMs, { ...line, tenantId });
      await kv.atomic().sum(key, 5n).commit();
    }
  }
  const range = { fromMs: 0, toMs: NOW + HOUR };
  const starts = (rows: readonly { startMs: number }[]) => rows.map(({ startMs }) => NOW - startMs);
  return {
    deps: { rollups: createKvRollupStore(kv), tenants, clock: new FixedClock(NOW) } as PruneDeps,
    /** Ages of what is left. */
    async left() {
      const delivered = await Array.fromAsync(kv.list({ prefix: deliveredHoursPrefix() }));
      const all = await traffic.counts(range);
      const own = await Promise.all(TENANTS.map(async (tenantId) => ({
        traffic: (await traffic.counts({ ...range, tenantId })).map((row) => NOW - row.hourStartMs),
        hour: starts(await traffic.callCounts({ ...range, tenantId, granularity: "hour" })),
        day: starts(await traffic.callCounts({ ...range, tenantId, granularity: "day" })),
      })));
      return {
        delivered: delivered.map(({ key }) => NOW - Number(key[1])),
        all: all.map(({ hourStartMs }) => NOW - hourStartMs),
        own,
      };
    },
    [Symbol.dispose]: () => kv.close(),
  };
}

Deno.test("a counter is kept to the last hour of its term, and is gone after it, for every tenant", async () => {
  const calls = [TRAFFIC_KEPT_MS + HOUR, TRAFFIC_KEPT_MS, HOUR];
  const delivered = [DELIVERED_KEPT_MS + HOUR, DELIVERED_KEPT_MS, HOUR];
  using world = await open({ calls, delivered });
  const pruned = await pruneRollups(world.deps);
  const left = await world.left();
  assertEquals(left.delivered, [...TENANTS.map(() => delivered[1]), ...TENANTS.map(() => HOUR)]);
  assertEquals(left.all, calls.slice(1));
  for (const own of left.own) {
    assertEquals([own.traffic, own.hour], [calls.slice(1), calls.slice(1)]);
    // Both of the young hours lie in days that began within the term.
    assertEquals(own.day, [TRAFFIC_KEPT_MS, 24 * HOUR]);
  }
  // Delivered, all calls, and of each tenant: calls, calls by key and their units by hour and day.
  assertEquals(pruned, 3 + 1 + 3 * (1 + 2 + 2));
  assertEquals(await pruneRollups(world.deps), 0);
});

Deno.test("one run deletes no more than its bound, and the next ones go on until nothing is too old", async () => {
  const old = Array.from({ length: 30 }, (_, at) => TRAFFIC_KEPT_MS + (at + 1) * HOUR);
  using world = await open({ calls: [...old, HOUR], delivered: [] });
  const runs: number[] = [];
  do runs.push(await pruneRollups(world.deps, { limit: 70 })); while (runs.at(-1) !== 0);
  assert(runs.every((pruned) => pruned <= 70) && runs.length > 3, String(runs));
  const left = await world.left();
  assertEquals([left.all, ...left.own.map(({ hour }) => hour)], [[HOUR], [HOUR], [HOUR], [HOUR]]);
});

Deno.test("a run that dies at any commit leaves only old counters behind, and the next one ends it", async () => {
  const old = Array.from({ length: 5 }, (_, at) => TRAFFIC_KEPT_MS + (at + 1) * HOUR);
  for (let dyingAt = 1; dyingAt <= 6; dyingAt++) {
    using world = await open({ calls: [...old, HOUR], delivered: [DELIVERED_KEPT_MS + HOUR, 0] });
    let calls = 0;
    const { rollups } = world.deps;
    const dying: PruneDeps["rollups"] = {
      async prune(rollup, query) {
        const pruned = await rollups.prune(rollup, query);
        if (++calls === dyingAt) throw new Error("The process died");
        return pruned;
      },
    };
    await assertRejects(() => pruneRollups({ ...world.deps, rollups: dying }), Error, "died");
    // Two instances at once: what one deleted, the other does not find.
    await Promise.all([pruneRollups(world.deps), pruneRollups(world.deps)]);
    const left = await world.left();
    assertEquals([left.delivered, left.all], [[0, 0, 0], [HOUR]]);
    for (const own of left.own) assertEquals([own.traffic, own.hour], [[HOUR], [HOUR]]);
  }
});
