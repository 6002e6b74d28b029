/** `METERING_DURABILITY=buffer`: the answer goes out first, and only a killed process forgets it. */
import { assertEquals } from "@std/assert";
import { configEpochKey, ringKey } from "@/lib/kv/keys.ts";
import {
  acknowledged,
  assertBooksBalance,
  call,
  openMeteringWorld,
} from "@/tests/support/metering_world.ts";

const FOREVER = Date.UTC(2030, 0, 1);

Deno.test("in buffer mode a call is answered first and still counted once through every fault", async () => {
  const world = await openMeteringWorld();
  const engine = world.engine({ durability: "buffer" });
  world.kv.script("pass", "drop_after", "drop_before", "repeat", "late");
  for (let units = 1; units <= 10; units++) {
    assertEquals((await engine.recorder.record(call(units))).kind, "committed");
    await engine.recorder.idle();
  }
  await world.kv.land();
  await engine.drain();
  assertEquals(await acknowledged(world.reader), 55n);
  await assertBooksBalance(world.reader);
  world.close();
});

Deno.test("in buffer mode an outage keeps what was answered until the store is back", async () => {
  const world = await openMeteringWorld();
  const engine = world.engine({ durability: "buffer" });
  await engine.recorder.record(call(1));
  await engine.recorder.idle();
  world.kv.script("late", "late", "late", "late");
  await engine.recorder.record(call(10));
  await engine.recorder.idle();
  await world.kv.land();
  world.clock.advance(2_000);
  world.scheduler.runDue();
  await engine.recorder.idle();
  await engine.tick();
  assertEquals(await acknowledged(world.reader), 11n);
  world.close();
});

Deno.test("in buffer mode a call that no commit of an outage carried is counted after it, once", async () => {
  const world = await openMeteringWorld();
  const engine = world.engine({ durability: "buffer" });
  await engine.recorder.record(call(1));
  await engine.recorder.idle();
  for (let attempt = 0; attempt < 3; attempt++) {
    world.kv.script("drop_before", "drop_before", "drop_before", "drop_before");
    await engine.recorder.record(call(10));
    await engine.recorder.idle();
  }
  for (let seconds = 0; seconds < 5; seconds++) {
    world.clock.advance(1_000);
    world.scheduler.runDue();
    await engine.recorder.idle();
  }
  await engine.tick();
  assertEquals(await acknowledged(world.reader), 31n);
  await assertBooksBalance(world.reader);
  world.close();
});

Deno.test("in buffer mode a lost ring and a moved configuration lose no answered call", async () => {
  const world = await openMeteringWorld();
  const engine = world.engine({ durability: "buffer" });
  await engine.recorder.record(call(1));
  await engine.recorder.idle();
  await world.kv.set(configEpochKey(), "moved");
  await engine.recorder.record(call(10));
  await engine.recorder.idle();
  await world.kv.delete(ringKey(engine.recorder.ring?.instanceId ?? ""));
  await engine.recorder.record(call(100));
  await engine.drain();
  await world.engine().flushDue();
  assertEquals(await acknowledged(world.reader), 111n);
  await assertBooksBalance(world.reader);
  world.close();
});

Deno.test("in buffer mode a call with an idempotency key or an event id is answered when it is durable", async () => {
  const world = await openMeteringWorld();
  const engine = world.engine({ durability: "buffer" });
  await engine.recorder.open();
  const reply = {
    tenantId: "acme",
    idempotencyKey: "k",
    requestHash: "hash",
    status: 200,
    headers: [],
    body: "{}",
    expiresAtMs: FOREVER,
  };
  const event = { tenantId: "acme", source: "s", id: "1", expiresAtMs: FOREVER };
  for (const guard of [{ reply }, { event }]) {
    world.kv.script("drop_before", "drop_before", "drop_before", "drop_before");
    assertEquals((await engine.recorder.record(call(5, guard))).kind, "unavailable");
    assertEquals((await engine.recorder.record(call(5, guard))).kind, "committed");
  }
  assertEquals(await engine.recorder.record(call(5, { reply })), { kind: "replayed", reply });
  assertEquals((await engine.recorder.record(call(5, { event }))).kind, "duplicate_event");
  assertEquals(await acknowledged(world.reader), 10n);
  world.close();
});
