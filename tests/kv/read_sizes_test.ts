/**
 * What a page costs: the keys that are read for it. Each of these is a promise that more tenants, more
 * usage or more history make no page slower, told without a clock.
 */
import { assert, assertEquals } from "@std/assert";
import { createKvBillingStore } from "@/lib/kv/billing_store.ts";
import { outboxDoneKey } from "@/lib/kv/keys.ts";
import { createOutboxStore } from "@/lib/kv/outbox_store.ts";
import { createKvTenantStore } from "@/lib/kv/tenant_store.ts";
import { createTrafficStore } from "@/lib/kv/traffic_store.ts";
import type { OutboxState } from "@/lib/domain/outbox.ts";
import type { RequestRecord } from "@/lib/ports/traffic.ts";
import { dayOf } from "@/lib/domain/window.ts";
import { createCountingKv } from "@/tests/support/counting_kv.ts";
import { sampleEntry, sampleTenant } from "@/tests/support/samples.ts";
import { entry, HOUR, MINUTE, openMeteringWorld, PERIOD } from "@/tests/support/metering_world.ts";

async function counted() {
  const database = await Deno.openKv(":memory:");
  return { kv: createCountingKv(database), [Symbol.dispose]: () => database.close() };
}

const NOON = Date.UTC(2026, 4, 15, 12);

Deno.test("a page of the tenants list reads the tenants that it shows, and one to know of more", async () => {
  using world = await counted();
  const tenants = createKvTenantStore(world.kv);
  for (let at = 0; at < 130; at++) {
    const tenantId = `ten_${String(at).padStart(4, "0")}`;
    await tenants.putTenant(sampleTenant({ tenantId }), null);
  }
  let cursor: string | null = null;
  const read = await world.kv.read(async () => ({ cursor } = await tenants.tenants({ limit: 50 })));
  assertEquals([read, cursor], [51, "ten_0049"]);
  const last = { limit: 50, cursor: "ten_0099" };
  assertEquals(await world.kv.read(() => tenants.tenants(last)), 30);
});

Deno.test("a search reads every tenant once, and then one key and the page until the configuration moves", async () => {
  using world = await counted();
  const tenants = createKvTenantStore(world.kv);
  for (let at = 0; at < 90; at++) {
    const name = at % 30 === 0 ? `Basalt ${at}` : `Cobalt ${at}`;
    await tenants.putTenant(sampleTenant({ tenantId: `ten_${at}`, name }), null);
  }
  const search = () => tenants.tenants({ limit: 50, search: "basalt" });
  assertEquals(await world.kv.read(search), 1 + 90 + 3);
  assertEquals(await world.kv.read(search), 1 + 3);
  assertEquals(await world.kv.read(() => tenants.planCounts()), 1);
  const found = await tenants.tenant("ten_1");
  const renamed = sampleTenant({ tenantId: "ten_1", name: "Basalt too" });
  await tenants.putTenant(renamed, found?.versionstamp ?? null);
  assertEquals((await search()).items.length, 4);
});

Deno.test("the first and the last page of the outbox ask for as much as they show, and miss no entry", async () => {
  using world = await counted();
  const sizes: number[] = [];
  const list: typeof world.kv.list = (selector, options) => {
    sizes.push(options?.batchSize ?? 0);
    return world.kv.list(selector, options);
  };
  const kv = { ...world.kv, list };
  const { reader } = await openMeteringWorld({ kv });
  const all = 1_730;
  for (let at = 0; at < all; at++) {
    const sent = sampleEntry({
      entryId: `cm_${String(at).padStart(5, "0")}`,
      timestampMs: NOON - at * MINUTE,
      state: at % 100 === 0 ? "sent" : "confirmed",
    });
    await world.kv.set(outboxDoneKey(sent), { v: 1, ...sent });
  }
  const walk = async (state: OutboxState) => {
    const ids = new Set<string>();
    const pages: { asked: number[]; read: number }[] = [];
    let next: string | null = null;
    do {
      sizes.length = 0;
      const from: { cursor?: string } = next === null ? {} : { cursor: next };
      const read = await world.kv.read(async () => {
        const page = await reader.outbox({ state, limit: 50, ...from });
        for (const { entryId } of page.entries) ids.add(entryId);
        next = page.cursor;
      });
      pages.push({ asked: [...sizes], read });
    } while (next !== null);
    return { ids, pages };
  };
  const confirmed = await walk("confirmed");
  assertEquals(confirmed.ids.size, all - 18);
  for (const { read, asked } of confirmed.pages) {
    assert(read <= 52 && asked.every((size) => size <= 200), `${read} of ${asked}`);
  }
  const sent = await walk("sent");
  assertEquals([sent.ids.size, sent.pages.length], [18, 2]);
  assert(sent.pages.every(({ read }) => read <= 1_000));
});

Deno.test("entries that are through are listed from a minute on without reading those before, and none is missed", async () => {
  using world = await counted();
  const { reader } = await openMeteringWorld({ kv: world.kv });
  const recent = new Set<string>();
  const [tenants, meters] = [40, ["compliance", "risk_score"]];
  for (let tenant = 0; tenant < tenants; tenant++) {
    for (const meter of meters) {
      for (let at = 0; at < 60; at++) {
        const entry = sampleEntry({
          tenantId: `ten_${tenant}`,
          meter,
          entryId: `cm_${tenant}_${meter}_${at}`,
          timestampMs: NOON - at * HOUR,
          state: at % 2 === 0 ? "sent" : "confirmed",
        });
        await world.kv.set(outboxDoneKey(entry), { v: 1, ...entry });
        // Every third tenant was quiet of late.
        if (tenant % 3 === 0 && at < 6) await world.kv.delete(outboxDoneKey(entry));
        else if (at < 6 && at % 2 === 0) recent.add(entry.entryId);
      }
    }
  }
  const walk = async (query: { readonly tenantId?: string; readonly limit: number }) => {
    const found: string[] = [];
    let [next, read]: [string | null, number] = [null, 0];
    do {
      const from: { cursor?: string } = next === null ? {} : { cursor: next };
      const pageRead = await world.kv.read(async () => {
        const since = { state: "sent", sinceMs: NOON - 5 * HOUR } as const;
        const page = await reader.outbox({ ...query, ...since, ...from });
        found.push(...page.entries.map(({ entryId }) => entryId));
        next = page.cursor;
      });
      assert(pageRead <= 1_000);
      read += pageRead;
    } while (next !== null);
    return { found, read };
  };
  const pairs = tenants * meters.length;
  const all = await walk({ limit: 1_000 });
  assertEquals([all.found.length, new Set(all.found)], [recent.size, recent]);
  assert(all.read <= pairs + 2 * recent.size + 1, `${all.read} keys of ${pairs * 57}`);
  for (const limit of [1, 7]) assertEquals((await walk({ limit })).found, all.found);
  const own = await walk({ tenantId: "ten_1", limit: 5 });
  assertEquals(own.found, all.found.filter((id) => id.startsWith("cm_1_")));
  assert(own.read <= 20, `${own.read} keys of one tenant`);
});

Deno.test("the newest anomalies of all tenants are read without any other", async () => {
  using world = await counted();
  const store = createKvBillingStore(world.kv);
  for (let at = 0; at < 300; at++) {
    await store.putAnomaly({
      tenantId: `ten_${at % 60}`,
      meter: "risk_score",
      hourStartMs: NOON - at * HOUR,
      kind: "spike",
      units: 900,
      expected: 20,
      score: 12,
      foundAtMs: NOON,
    });
  }
  let hours: readonly number[] = [];
  const read = await world.kv.read(async () => {
    hours = (await store.anomalies({ limit: 5 })).map(({ hourStartMs }) => hourStartMs);
  });
  assertEquals(read, 5);
  assertEquals(hours, [0, 1, 2, 3, 4].map((back) => NOON - back * HOUR));
});

Deno.test("held closes are read without the finalized ones, and leave the list when they finalize", async () => {
  using world = await counted();
  const store = createKvBillingStore(world.kv);
  const close = (at: number, state: "held" | "finalized") => ({
    tenantId: `ten_${at}`,
    periodId: PERIOD,
    state,
    invoiceId: null,
    reasons: [],
    attempts: 1,
    updatedAtMs: NOON,
    closingSinceMs: null,
  });
  for (let at = 0; at < 200; at++) {
    await store.putPeriodClose(close(at, at % 100 === 7 ? "held" : "finalized"), null);
  }
  const held = async () => (await store.periodCloses({ state: "held", limit: 50 })).items;
  assertEquals(await world.kv.read(held), 2);
  const found = await store.periodClose("ten_7", PERIOD);
  await store.putPeriodClose(close(7, "finalized"), found?.versionstamp ?? null);
  assertEquals((await held()).map(({ tenantId }) => tenantId), ["ten_107"]);
});

Deno.test("calls of all tenants by the hour are as many keys as hours and statuses", async () => {
  using world = await counted();
  const traffic = createTrafficStore({ kv: world.kv, instanceId: "trf_1" });
  for (let at = 0; at < 40; at++) {
    for (let back = 0; back < 3; back++) {
      const count = { startMs: NOON - back * HOUR, keyId: "key", route: "POST /v1/ratings" };
      const tenantId = `ten_${at}`;
      await traffic.append({ tenantId, records: [], uses: new Map() }, [
        { ...count, tenantId, status: 200, calls: 2, units: new Map() },
        { ...count, tenantId, status: 429, calls: 1, units: new Map() },
      ]);
    }
  }
  const range = { fromMs: NOON - HOUR, toMs: NOON + HOUR };
  assertEquals(await world.kv.read(() => traffic.counts(range)), 4);
  assertEquals((await traffic.counts(range)).map(({ calls }) => calls), [80, 40, 80, 40]);
  assertEquals(await world.kv.read(() => traffic.callKinds("ten_3")), 2);
});

Deno.test("the calls of one hour are found without reading those after it", async () => {
  using world = await counted();
  const traffic = createTrafficStore({ kv: world.kv, instanceId: "trf_1" });
  for (let minute = 0; minute < 600; minute++) {
    const atMs = NOON - minute * MINUTE;
    const records = [call(`early_${minute}`, atMs - 4_000), call(`late_${minute}`, atMs)];
    await traffic.append({ tenantId: "ten_a", records, uses: new Map() }, []);
  }
  const between = { fromMs: NOON - 9 * HOUR, toMs: NOON - 8 * HOUR };
  const query = { tenantId: "ten_a", limit: 500, between };
  const read = await world.kv.read(() => traffic.recent(query));
  const { items } = await traffic.recent(query);
  assert(read <= 60 + 16, `${read} chunks for an hour of sixty`);
  assertEquals(items.length, 120);
  // The first chunk after the hour holds its last call.
  assertEquals([items[0]?.requestId, items.at(-1)?.requestId], ["early_480", "late_540"]);
});

Deno.test("a bill reads its own tenant's counters, however much waits and whoever else uses", async () => {
  const database = await Deno.openKv(":memory:");
  const kv = createCountingKv(database);
  const world = await openMeteringWorld({ kv });
  const engine = world.engine();
  const query = { tenantId: "acme", periodId: PERIOD };
  const use = async (tenantId: string) => {
    const recorded = { entries: [entry(3, { tenantId })], epoch: null };
    assertEquals((await engine.recorder.record(recorded)).kind, "committed");
  };
  await use("acme");
  await engine.folder.foldOwn();
  const alone = await kv.read(() => world.reader.billableTotals(query));
  for (let at = 0; at < 40; at++) await use(`other_${at}`);
  await engine.folder.foldOwn();
  for (let at = 0; at < 40; at++) await use("acme");
  assertEquals(await kv.read(() => world.reader.billableTotals(query)), alone);
  assertEquals(alone, 1);
  await engine.folder.foldOwn();
  assertEquals((await world.reader.billableTotals(query)).map(({ units }) => units), [123n]);
  world.close();
});

Deno.test("days of a year are as many keys as days and meters, however many API keys were used", async () => {
  const database = await Deno.openKv(":memory:");
  const kv = createCountingKv(database);
  const world = await openMeteringWorld({ kv });
  const engine = world.engine();
  const from = world.clock.nowMs();
  for (let day = 0; day < 4; day++) {
    const entries = Array.from(
      { length: 12 },
      (_, at) =>
        entry(at + 1, { keyId: `key_${at}`, meter: at % 2 === 0 ? "risk_score" : "greeks" }),
    );
    await engine.recorder.record({ entries, epoch: null });
    await engine.folder.foldOwn();
    world.clock.advance(24 * HOUR);
  }
  const range = { tenantId: "acme", fromMs: dayOf(from), toMs: world.clock.nowMs() };
  const query = { ...range, granularity: "day" } as const;
  assertEquals(await kv.read(() => world.reader.series(query)), 8);
  const byKey = await world.reader.series({ ...query, byKey: true });
  const summed = Map.groupBy(byKey, ({ startMs, meter }) => `${startMs} ${meter}`);
  assertEquals(
    (await world.reader.series(query)).map(({ startMs, meter, units }) => [
      `${startMs} ${meter}`,
      units,
    ]),
    [...summed].map(([id, points]) => [id, points.reduce((sum, { units }) => sum + units, 0n)]),
  );
  world.close();
});

Deno.test("a tenant's open minutes cost one key a minute, however many tenants have them open", async () => {
  const database = await Deno.openKv(":memory:");
  const kv = createCountingKv(database);
  const world = await openMeteringWorld({ kv, ringSize: 4_096 });
  const engine = world.engine();
  for (let minute = 0; minute < 3; minute++) {
    const entries = Array.from({ length: 60 }, (_, at) => entry(1, { tenantId: `ten_${at}` }));
    await engine.recorder.record({ entries, epoch: null });
    world.clock.advance(MINUTE);
  }
  await engine.folder.foldOwn();
  const outbox = createOutboxStore({ kv, databaseEpoch: "epoch" });
  const query = { beforeMs: world.clock.nowMs(), limit: 1_000, tenantId: "ten_33" };
  let found = 0;
  const read = await kv.read(async () => found = (await outbox.closedSlots(query)).length);
  assertEquals([found, read], [3, 6]);
  assertEquals((await outbox.closedSlots({ ...query, limit: 2 })).length, 2);
  const earlier = { ...query, beforeMs: world.clock.nowMs() - 2 * MINUTE };
  assertEquals((await outbox.closedSlots(earlier)).length, 1);
  world.close();
});

function call(requestId: string, atMs: number): RequestRecord {
  return {
    requestId,
    tenantId: "ten_a",
    keyId: "key_1",
    atMs,
    route: "POST /v1/ratings",
    status: 200,
    code: null,
    units: 1n,
    cost: 0n,
    latencyMicros: 300,
  };
}
