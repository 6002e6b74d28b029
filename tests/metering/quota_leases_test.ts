/** Leases on hard quotas: who may hold units, and when the others get them. */
import { assert, assertEquals } from "@std/assert";
import { ledgerKey, ringKey } from "@/lib/kv/keys.ts";
import { createQuotaStore } from "@/lib/kv/quota_store.ts";
import {
  acknowledged,
  assertBooksBalance,
  call,
  MINUTE,
  openMeteringWorld,
} from "@/tests/support/metering_world.ts";
import { holders, instance, LINE, serve } from "@/tests/support/quota_world.ts";

Deno.test("a call that needs fewer units than were set aside for it leaves the rest to the next", async () => {
  const world = await openMeteringWorld();
  const one = instance(world);
  const verdict = await one.gate.reserve({ ...LINE, units: 10n, quota: 10n });
  assert(verdict.ok);
  const { leasedBy } = verdict.value;
  assertEquals(
    (await one.engine.recorder.record(call(4n, { entry: { leasedBy } }))).kind,
    "committed",
  );
  verdict.value.commit(4n);
  assertEquals(await serve(one, 7n, 10n), 0n);
  assertEquals(await serve(one, 6n, 10n), 6n);
  world.close();
});

Deno.test("units that small calls take while a large one waits for more refuse it only at the quota", async () => {
  for (const quota of [50n, 10n]) {
    const world = await openMeteringWorld();
    const one = instance(world);
    const small = { ...LINE, units: 1n, quota };
    const first = await one.gate.reserve({ ...LINE, units: 4n, quota });
    assert(first.ok);
    first.value.void();
    const { promise: asked, resolve: free } = Promise.withResolvers<void>();
    world.kv.beforeCommit = () => asked;
    const large = one.gate.reserve({ ...LINE, units: 8n, quota });
    for (let taken = 0; taken < 4; taken++) assert((await one.gate.reserve(small)).ok);
    free();
    assertEquals((await large).ok, quota === 50n);
    world.close();
  }
});

Deno.test("units that a call waits for are not given back as idle", async () => {
  const world = await openMeteringWorld();
  const one = instance(world);
  assertEquals(await serve(one, 10n, 100n), 10n);
  world.clock.advance(MINUTE);
  const { promise: asked, resolve: free } = Promise.withResolvers<void>();
  const asking = new Promise<void>((resolve) => {
    world.kv.beforeCommit = () => {
      resolve();
      return asked;
    };
  });
  const waiting = one.gate.reserve({ ...LINE, units: 60n, quota: 100n });
  await asking;
  const returned = one.gate.returnIdle();
  free();
  assert((await waiting).ok);
  await returned;
  world.kv.beforeCommit = () => {};
  assertEquals(await serve(instance(world), 31n, 100n), 0n);
  world.close();
});

Deno.test("idle units come back once, though one run starts while another waits for the store", async () => {
  const world = await openMeteringWorld();
  const one = instance(world);
  const other = { ...LINE, periodId: "2026-06-01" };
  for (const line of [LINE, other]) {
    const verdict = await one.gate.reserve({ ...line, units: 24n, quota: 100n });
    assert(verdict.ok);
    verdict.value.commit();
    const more = await one.gate.reserve({ ...line, units: 1n, quota: 100n });
    assert(more.ok);
    more.value.void();
  }
  world.clock.advance(MINUTE);
  await Promise.all([one.gate.returnIdle(), one.gate.returnIdle(), one.gate.returnIdle()]);
  const store = createQuotaStore({ kv: world.kv });
  assertEquals([await store.granted(LINE), await store.granted(other)], [24n, 24n]);
  world.close();
});

Deno.test("an instance that lost its ring leases anew, and its old lease comes back", async () => {
  const world = await openMeteringWorld();
  const frozen = instance(world);
  assertEquals(await serve(frozen, 1n, 100n), 1n);
  const lost = frozen.engine.recorder.ring;
  assert(lost !== null);
  world.clock.advance(2 * MINUTE);
  await instance(world).engine.flushDue();
  await frozen.engine.recorder.renewLease();
  assertEquals(await serve(frozen, 99n, 100n), 99n);
  const store = createQuotaStore({ kv: world.kv });
  const { instanceId } = lost;
  assertEquals(await store.granted(LINE), 100n);
  assertEquals((await holders(world.kv)).includes(instanceId), false);
  const none = { units: 0n, left: 0n };
  const ask = { instanceId, needed: 1n, wished: 1n, quota: 1_000n };
  assertEquals(await store.acquire(LINE, ask), none, "nobody leases to a ring that is gone");
  const rows = [];
  for await (const { key } of world.kv.list({ prefix: [] })) {
    if (key.includes(instanceId)) rows.push(key);
  }
  assertEquals(rows.filter(([kind]) => kind !== "window"), []);
  world.close();
});

Deno.test("what an instance holds idle is served by others, and by itself no more", async () => {
  const world = await openMeteringWorld();
  const [idle, busy] = [instance(world), instance(world)];
  const store = createQuotaStore({ kv: world.kv });
  assertEquals(await serve(idle, 1n, 100n), 1n);
  assert((await store.granted(LINE) ?? 0n) > 1n, "it leases ahead");
  world.clock.advance(29_999);
  await idle.gate.returnIdle();
  assert((await store.granted(LINE) ?? 0n) > 1n, "it may be used any moment");
  world.clock.advance(1);
  await idle.gate.returnIdle();
  assertEquals(await store.granted(LINE), 1n);
  assertEquals(await serve(busy, 99n, 100n), 99n);
  assertEquals(await serve(idle, 1n, 100n), 0n);
  assertEquals(await acknowledged(world.reader), 100n);
  world.close();
});

Deno.test("no lease is granted to an instance that loses its ring meanwhile", async () => {
  const world = await openMeteringWorld();
  const one = instance(world);
  const { instanceId } = await one.engine.recorder.open();
  const store = createQuotaStore({ kv: world.kv });
  let taken = false;
  world.kv.beforeCommit = async () => {
    if (!taken) await world.kv.inner.delete(ringKey(instanceId));
    taken = true;
  };
  const ask = { instanceId, needed: 5n, wished: 5n, quota: 10n };
  assertEquals(await store.acquire(LINE, ask), { units: 0n, left: 0n });
  assertEquals([await store.granted(LINE), await holders(world.kv)], [null, []]);
  world.close();
});

Deno.test("a quota that becomes hard within a period counts what was served before", async () => {
  const world = await openMeteringWorld();
  const one = instance(world);
  for (const planRevision of ["growth@1", "growth@2"]) {
    await one.engine.recorder.record(call(30, { entry: { planRevision } }));
  }
  const others = [{ tenantId: "other" }, { meter: "srri" }, { periodId: "2026-04-01" }];
  for (const entry of others) await one.engine.recorder.record(call(500, { entry }));
  await one.engine.tick();
  await world.kv.atomic().sum(ledgerKey({ ...LINE, planRevision: "growth@1" }, "sent"), 30n)
    .commit();
  assertEquals(await serve(one, 41n, 100n), 0n);
  assertEquals(await serve(one, 40n, 100n), 40n);
  assertEquals(await serve(one, 1n, 100n), 0n);
  world.close();
});

Deno.test("leases come back once and exactly, at whichever commit a take-over dies", async () => {
  for (let killAt = 1;; killAt++) {
    const world = await openMeteringWorld();
    assertEquals(await serve(instance(world), 30n, 1_000n), 30n);
    world.clock.advance(2 * MINUTE);
    let commits = 0;
    world.kv.beforeCommit = () => {
      if (++commits >= killAt) throw new Error("killed");
    };
    const { unfolded, unretired } = await instance(world).engine.folder.foldStale();
    const killed = unfolded.length + unretired.length > 0;
    world.kv.beforeCommit = () => {};
    world.clock.advance(2 * MINUTE);
    const heir = instance(world);
    await heir.engine.flushDue();
    const store = createQuotaStore({ kv: world.kv });
    assertEquals([await store.granted(LINE), await holders(world.kv)], [30n, []], `at ${killAt}`);
    assertEquals(await serve(heir, 970n, 1_000n), 970n);
    assertEquals(await serve(heir, 1n, 1_000n), 0n);
    await assertBooksBalance(world.reader);
    world.close();
    if (killed) continue;
    assert(killAt > 4, "every commit of a take-over was a place to die");
    break;
  }
});

Deno.test("a lease whose reply is lost is known again, though its instance asks for more meanwhile", async () => {
  const world = await openMeteringWorld();
  const { instanceId } = await world.engine().recorder.open();
  const store = createQuotaStore({ kv: world.kv });
  const ask = { instanceId, wished: 0n, quota: 100n };
  // The look at what became of the first comes late: the second may be through by then.
  const { getMany } = world.kv;
  let reads = 0;
  world.kv.getMany = async (keys) => {
    if (++reads === 3) {
      for (let turn = 0; turn < 50; turn++) await new Promise((go) => setTimeout(go));
    }
    return await getMany.call(world.kv, keys) as never;
  };
  world.kv.script("drop_after");
  const [first, second] = await Promise.all([
    store.acquire(LINE, { ...ask, needed: 20n }),
    store.acquire(LINE, { ...ask, needed: 30n }),
  ]);
  assertEquals([first.units, second.units], [20n, 30n]);
  assertEquals(await store.granted(LINE), 50n);
  world.close();
});
