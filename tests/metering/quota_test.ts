import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { createQuotaStore } from "@/lib/kv/quota_store.ts";
import {
  acknowledged,
  assertBooksBalance,
  call,
  MINUTE,
  openMeteringWorld,
} from "@/tests/support/metering_world.ts";
import { holders, instance, LINE, serve } from "@/tests/support/quota_world.ts";

Deno.test("a hard quota is served to the last unit and not one further, by any number of instances", async () => {
  const world = await openMeteringWorld({ ringSize: 512 });
  const instances = [instance(world), instance(world), instance(world)];
  let served = 0n;
  for (let round = 0; round < 40; round++) {
    const parts = await Promise.all(
      instances.flatMap((one) => [1n, 2n, 3n].map((units) => serve(one, units, 500n))),
    );
    served += parts.reduce((sum, units) => sum + units);
    assert(served <= 500n);
  }
  world.clock.advance(MINUTE);
  await Promise.all(instances.map(({ engine, gate }) => [engine.tick(), gate.returnIdle()]).flat());
  for (let call = 0; call < 20; call++) {
    served += await serve(instances[call % 3] ?? instance(world), 1n, 500n);
  }
  assertEquals(served, 500n);
  assertEquals(await serve(instance(world), 1n, 500n), 0n);
  assertEquals(await acknowledged(world.reader), 500n);
  world.close();
});

Deno.test("leases of a killed instance come back exactly: what it served stays counted", async () => {
  const world = await openMeteringWorld();
  const killed = instance(world);
  assertEquals(await serve(killed, 30n, 100n), 30n);
  const heir = instance(world);
  assertEquals(await serve(heir, 75n, 100n), 0n, "70 are left in all");
  world.clock.advance(2 * MINUTE);
  await heir.engine.flushDue();
  assertEquals(await serve(heir, 70n, 100n), 70n);
  assertEquals(await serve(heir, 1n, 100n), 0n);
  await assertBooksBalance(world.reader);
  world.close();
});

Deno.test("a shutdown gives unused leases back", async () => {
  const world = await openMeteringWorld();
  const first = instance(world);
  assertEquals(await serve(first, 10n, 1_000n), 10n);
  await first.engine.drain();
  const store = createQuotaStore({ kv: world.kv });
  assertEquals(await store.granted(LINE), 10n);
  assertEquals(await holders(world.kv), []);
  world.close();
});

Deno.test("a frozen instance can't serve units that were given to others", async () => {
  const world = await openMeteringWorld();
  const frozen = instance(world);
  assertEquals(await serve(frozen, 1n, 100n), 1n);
  const verdict = await frozen.gate.reserve({ ...LINE, units: 5n, quota: 100n });
  assert(verdict.ok);
  world.clock.advance(2 * MINUTE);
  const heir = instance(world);
  await heir.engine.flushDue();
  assertEquals(await serve(heir, 99n, 100n), 99n);
  const { leasedBy } = verdict.value;
  const outcome = await frozen.engine.recorder.record(call(5n, { entry: { leasedBy } }));
  assertEquals(outcome.kind, "config_changed");
  assertEquals(await acknowledged(world.reader), 100n);
  world.close();
});

for (const fault of ["drop_before", "drop_after", "repeat", "late"] as const) {
  Deno.test(`a lease that meets ${fault} is granted once`, async () => {
    const world = await openMeteringWorld();
    const one = instance(world);
    await one.engine.recorder.open();
    world.kv.script(fault);
    assertEquals(await serve(one, 10n, 10n), 10n);
    await world.kv.land();
    assertEquals(await createQuotaStore({ kv: world.kv }).granted(LINE), 10n);
    world.close();
  });
}

Deno.test("units returned while others are leased are returned once, whatever happens to a reply", async () => {
  for (const fault of ["drop_after", "repeat", "drop_before", "late"] as const) {
    const world = await openMeteringWorld();
    const { instanceId } = await world.engine().recorder.open();
    const store = createQuotaStore({ kv: world.kv });
    const ask = { instanceId, wished: 0n, quota: 100n };
    await store.acquire(LINE, { ...ask, needed: 50n });
    world.kv.script(fault);
    await Promise.all([
      store.release(LINE, { instanceId, units: 20n }),
      store.acquire(LINE, { ...ask, needed: 5n }),
    ]);
    await world.kv.land();
    assertEquals(await store.granted(LINE), 35n, fault);
    world.close();
  }
});

Deno.test("a voided reservation leaves its units to the next call", async () => {
  const world = await openMeteringWorld();
  const one = instance(world);
  const verdict = await one.gate.reserve({ ...LINE, units: 10n, quota: 10n });
  assert(verdict.ok);
  const refused = await one.gate.reserve({ ...LINE, units: 1n, quota: 10n });
  assertEquals(!refused.ok && refused.error.remaining, 0n);
  verdict.value.void();
  assertEquals(await serve(one, 10n, 10n), 10n);
  world.close();
});

Deno.test("most calls under a far quota need no answer of the store", async () => {
  const world = await openMeteringWorld();
  const one = instance(world);
  await serve(one, 1n, 1_000_000n);
  let waited = 0;
  for (let call = 0; call < 500; call++) {
    const verdict = one.gate.reserve({ ...LINE, units: 1n, quota: 1_000_000n });
    if (verdict instanceof Promise) waited += 1;
    const settled = await verdict;
    assert(settled.ok);
    settled.value.commit();
  }
  assertEquals(waited, 0);
  world.close();
});

Deno.test("however many calls meet at the last unit, on however many instances, one is served", async () => {
  const draw = fc.record({
    quota: fc.bigInt({ min: 1n, max: 60n }),
    instances: fc.integer({ min: 1, max: 4 }),
    calls: fc.integer({ min: 2, max: 24 }),
    /** How the units before were spread. */
    before: fc.array(fc.nat(3), { maxLength: 60 }),
  });
  await fc.assert(
    fc.asyncProperty(draw, async ({ quota, instances: count, calls, before }) => {
      const world = await openMeteringWorld({ ringSize: 256 });
      const instances = Array.from({ length: count }, () => instance(world));
      const at = (index: number) => instances[index % count] ?? instance(world);
      let served = 0n;
      for (let unit = 0n; unit < quota - 1n; unit++) {
        served += await serve(at(before[Number(unit) % (before.length || 1)] ?? 0), 1n, quota);
      }
      // What instances hold idle goes back, so that the last unit is anybody's.
      world.clock.advance(MINUTE);
      await Promise.all(instances.map(({ engine }) => engine.tick()));
      await Promise.all(instances.map(({ gate }) => gate.returnIdle()));
      while (served < quota - 1n) served += await serve(at(0), 1n, quota);
      world.clock.advance(MINUTE);
      await Promise.all(instances.map(({ engine }) => engine.tick()));
      await Promise.all(instances.map(({ gate }) => gate.returnIdle()));
      const last = await Promise.all(
        Array.from({ length: calls }, (_, index) => serve(at(index), 1n, quota)),
      );
      assertEquals(last.reduce((sum, units) => sum + units, 0n), 1n);
      assertEquals(await acknowledged(world.reader), quota);
      world.close();
    }),
    { numRuns: 25, seed: 11 },
  );
});

Deno.test("no order of calls, kills, waits and folds serves more than a hard quota", async () => {
  const step = fc.record({
    do: fc.constantFrom("serve", "serve", "serve", "kill", "wait", "flush", "idle"),
    who: fc.nat(2),
    units: fc.bigInt({ min: 1n, max: 20n }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 50 }), async (steps) => {
      const world = await openMeteringWorld();
      const instances = [instance(world), instance(world), instance(world)];
      for (const { do: action, who, units } of steps) {
        const one = instances[who];
        if (one === undefined) continue;
        if (action === "serve") await serve(one, units, 100n);
        if (action === "kill") instances[who] = instance(world);
        if (action === "wait") world.clock.advance(40_000);
        if (action === "flush") await one.engine.flushDue();
        if (action === "idle") await one.gate.returnIdle();
        assert(await acknowledged(world.reader) <= 100n);
      }
      world.close();
    }),
    { numRuns: 40, seed: 7 },
  );
});
