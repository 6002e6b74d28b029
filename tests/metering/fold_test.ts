import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { createUsageLog } from "@/lib/kv/usage_log.ts";
import type { MeteringEngine } from "@/lib/metering/engine.ts";
import { Folder } from "@/lib/metering/fold.ts";
import {
  acknowledged,
  assertBooksBalance,
  call,
  delivered,
  MINUTE,
  openMeteringWorld,
} from "@/tests/support/metering_world.ts";

/** More tenants than one fold commit can carry. */
const TENANTS = 400;

async function recordForAll(engine: MeteringEngine): Promise<void> {
  await Promise.all(
    Array.from(
      { length: TENANTS },
      (_, index) => engine.recorder.record(call(index + 1, { entry: { tenantId: `t${index}` } })),
    ),
  );
}

async function assertEachTenantExact(
  reader: Parameters<typeof assertBooksBalance>[0],
): Promise<void> {
  const books = await reader.books();
  const wrong = books.filter(({ tenantId, acknowledged }) =>
    acknowledged !== BigInt(tenantId.slice(1)) + 1n
  );
  assertEquals(wrong, []);
  assertEquals(books.length, TENANTS);
  await assertBooksBalance(reader);
}

Deno.test("a fold killed before any of its commits is finished by another instance, to the unit", async () => {
  for (let survives = 0; survives < 9; survives++) {
    const world = await openMeteringWorld();
    const killed = world.engine();
    await recordForAll(killed);
    const died = world.kv.holdAfter(survives);
    // Through, when it makes no more commits than it survives.
    await Promise.race([died, killed.folder.foldOwn()]);
    world.kv.beforeCommit = () => {};
    await assertEachTenantExact(world.reader);
    world.clock.advance(5 * MINUTE);
    await world.engine().folder.foldStale();
    assertEquals((await world.reader.pipeline()).unfoldedSegments, 0);
    await assertEachTenantExact(world.reader);
    world.close();
  }
});

for (const fault of ["drop_before", "drop_after", "repeat", "late"] as const) {
  Deno.test(`every commit of a fold may meet ${fault}`, async () => {
    for (let position = 0; position < 9; position++) {
      const world = await openMeteringWorld();
      const engine = world.engine();
      await recordForAll(engine);
      world.kv.script(...Array.from({ length: position }, () => "pass" as const), fault);
      await engine.folder.foldOwn();
      await world.kv.land();
      assertEquals((await world.reader.pipeline()).unfoldedSegments, 0);
      await assertEachTenantExact(world.reader);
      world.close();
    }
  });
}

Deno.test("a fold that gives up half-way goes on where it was, from memory", async () => {
  const world = await openMeteringWorld();
  const engine = world.engine();
  await recordForAll(engine);
  world.kv.script("pass", "pass", ...Array.from({ length: 4 }, () => "drop_after" as const));
  world.kv.beforeCommit = () => {};
  await engine.folder.foldOwn();
  await engine.recorder.record(call(1, { entry: { tenantId: "t0" } }));
  await engine.folder.foldOwn();
  assertEquals(await acknowledged(world.reader, "t0"), 2n);
  assertEquals(await acknowledged(world.reader, "t399"), 400n);
  await assertBooksBalance(world.reader);
  world.close();
});

Deno.test("an instance keeps its ring until its lease is over by any clock that is right within ten seconds", async () => {
  const world = await openMeteringWorld();
  const alive = world.engine();
  const openedAtMs = world.clock.nowMs();
  const ring = await alive.recorder.open();
  await alive.recorder.record(call(5));
  const heir = world.engine();
  for (const afterMs of [0, 20_000, 29_999]) {
    world.clock.atMs = openedAtMs + afterMs;
    assertEquals(
      (await heir.folder.foldStale()).retired,
      0,
      `${afterMs} ms after its last sign of life`,
    );
  }
  world.clock.atMs = openedAtMs;
  await alive.recorder.record(call(2));
  assertEquals(alive.recorder.ring, ring);
  world.clock.atMs = openedAtMs + 30_000;
  assertEquals((await heir.folder.foldStale()).retired, 1);
  assertEquals(await acknowledged(world.reader), 7n);
  await assertBooksBalance(world.reader);
  world.close();
});

Deno.test("two instances that take over the same dead ring at once count it once", async () => {
  const world = await openMeteringWorld();
  await recordForAll(world.engine());
  world.clock.advance(5 * MINUTE);
  const [one, two] = [world.engine(), world.engine()];
  await Promise.all([one.folder.foldStale(), two.folder.foldStale(), one.folder.foldStale()]);
  await one.folder.foldStale();
  assertEquals((await world.reader.pipeline()).unfoldedSegments, 0);
  await assertEachTenantExact(world.reader);
  world.close();
});

Deno.test("an owner frozen in the middle of its own fold loses nothing and adds nothing twice", async () => {
  const world = await openMeteringWorld();
  const frozen = world.engine();
  await recordForAll(frozen);
  const { promise: thaw, resolve } = Promise.withResolvers<void>();
  const held = world.kv.holdAfter(2, thaw);
  const fold = frozen.folder.foldOwn();
  await held;
  world.kv.beforeCommit = () => {};
  world.clock.advance(5 * MINUTE);
  await world.engine().folder.foldStale();
  resolve();
  await fold;
  await frozen.folder.foldOwn();
  await assertEachTenantExact(world.reader);
  world.close();
});

Deno.test("a take-over that looked before the owner folded on ends nothing", async () => {
  for (const begun of [false, true]) {
    const world = await openMeteringWorld({ ringSize: 4 });
    const owner = world.engine();
    await recordForAll(owner);
    const log = createUsageLog({ kv: world.kv, ringSize: 4 });
    if (begun) {
      world.kv.script("pass", ...Array.from({ length: 4 }, () => "drop_before" as const));
      await owner.folder.foldOwn().catch(() => {});
    }
    const [stale] = await log.rings();
    assert(stale !== undefined);
    await owner.folder.foldOwn();
    for (let round = 0; round < 6; round++) await owner.recorder.record(call(1));
    const retired: string[] = [];
    const heir = new Folder({
      ...world,
      log,
      recorder: world.engine().recorder,
      onRetired: (instanceId) => Promise.resolve(void retired.push(instanceId)),
    });
    assertEquals(await heir.takeOver(stale), false);
    assertEquals(retired, []);
    world.clock.advance(5 * MINUTE);
    assertEquals((await heir.foldStale()).retired, 1);
    assertEquals(retired, [stale.instanceId]);
    await assertBooksBalance(world.reader);
    world.close();
  }
});

Deno.test("any order of calls, folds, seals, kills and take-overs keeps the books and bills each unit once", async () => {
  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant("call" as const),
        who: fc.nat(2),
        units: fc.integer({ min: 1, max: 9 }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constantFrom("tick" as const, "flush" as const),
        who: fc.nat(2),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("kill" as const), who: fc.nat(2) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant("wait" as const),
        ms: fc.constantFrom(3_000, 20_000, 65_000, 300_000),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant("fault" as const),
        fault: fc.constantFrom(
          "drop_before" as const,
          "drop_after" as const,
          "repeat" as const,
          "late" as const,
        ),
      }),
    },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const world = await openMeteringWorld({ ringSize: 4 });
      const engines = [world.engine(), world.engine(), world.engine()];
      let answered = 0n;
      let tried = 0n;
      for (const action of steps) {
        const engine = "who" in action ? engines[action.who] : undefined;
        if (action.do === "wait") world.clock.advance(action.ms);
        if (action.do === "fault") world.kv.script("pass", action.fault);
        if (action.do === "kill") engines[action.who] = world.engine();
        if (engine === undefined) continue;
        if (action.do === "call") {
          tried += BigInt(action.units);
          const outcome = await engine.recorder.record(call(action.units));
          if (outcome.kind === "committed") answered += BigInt(action.units);
        }
        if (action.do === "tick") await engine.tick().catch(() => {});
        if (action.do === "flush") await engine.flushDue().catch(() => {});
        await assertBooksBalance(world.reader);
      }
      await world.kv.land();
      const last = world.engine();
      for (let round = 0; round < 6; round++) {
        world.clock.advance(10 * MINUTE);
        await last.flushDue().catch(() => {});
      }
      await assertBooksBalance(world.reader);
      const counted = await acknowledged(world.reader);
      assertEquals(
        counted >= answered && counted <= tried,
        true,
        `${answered} ${counted} ${tried}`,
      );
      assertEquals(delivered(world.provider), counted);
      world.close();
    }),
    { numRuns: 60, seed: 20_260_515 },
  );
});
