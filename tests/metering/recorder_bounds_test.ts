/** What one instance takes on, and when it says no: bounds of queue, tries, commits and time. */
import { assert, assertEquals } from "@std/assert";
import { configEpochKey, ringKey } from "@/lib/kv/keys.ts";
import type { StoredReply } from "@/lib/ports/usage.ts";
import {
  acknowledged,
  assertBooksBalance,
  call,
  committed,
  MINUTE,
  openMeteringWorld,
} from "@/tests/support/metering_world.ts";

const QUEUE_MAX = 20_000;
const FOREVER = Date.UTC(2030, 0, 1);

Deno.test("a call decided before the configuration moved counts nothing beside one decided after", async () => {
  const world = await openMeteringWorld();
  const engine = world.engine();
  await world.kv.set(configEpochKey(), "moved");
  const { versionstamp: epoch } = await world.kv.get(configEpochKey());
  const outcomes = await Promise.all([
    engine.recorder.record(call(2, { epoch })),
    engine.recorder.record(call(20)),
    engine.recorder.record(call(3, { epoch })),
  ]);
  assertEquals(outcomes.map(({ kind }) => kind), ["committed", "config_changed", "committed"]);
  assertEquals(await acknowledged(world.reader), 5n);
  world.close();
});

Deno.test("more calls than an instance can hold are refused at once, and those it holds are counted", async () => {
  const world = await openMeteringWorld();
  const engine = world.engine();
  await engine.recorder.open();
  const { promise: free, resolve } = Promise.withResolvers<void>();
  world.kv.beforeCommit = () => free;
  const calls = Array.from({ length: QUEUE_MAX }, () => engine.recorder.record(call(1)));
  assertEquals(await engine.recorder.record(call(1)), { kind: "unavailable", retryAfterMs: 1_000 });
  resolve();
  assertEquals(committed(await Promise.all(calls)), QUEUE_MAX);
  assertEquals(await acknowledged(world.reader), BigInt(QUEUE_MAX));
  world.close();
});

Deno.test("a store that refuses without end is asked a bounded number of times, and nothing is counted", async () => {
  const world = await openMeteringWorld();
  const engine = world.engine();
  await engine.recorder.open();
  const before = world.kv.commits;
  world.kv.refuses = true;
  assertEquals((await engine.recorder.record(call(7))).kind, "unavailable");
  assert(world.kv.commits - before <= 10);
  world.kv.refuses = false;
  assertEquals((await engine.recorder.record(call(1))).kind, "committed");
  assertEquals(await acknowledged(world.reader), 1n);
  world.close();
});

Deno.test("long replies that arrive together are spread over commits that the store takes", async () => {
  const world = await openMeteringWorld();
  const engine = world.engine();
  const body = "☕".repeat(170_000);
  const outcomes = await Promise.all(
    Array.from(
      { length: 6 },
      (_, index) => engine.recorder.record(call(1, { reply: reply(`k${index}`, body) })),
    ),
  );
  assertEquals(committed(outcomes), 6);
  assertEquals(await acknowledged(world.reader), 6n);
  world.close();
});

Deno.test("an instance that has stopped takes no more calls", async () => {
  const world = await openMeteringWorld();
  const engine = world.engine();
  await engine.recorder.record(call(1));
  await engine.drain();
  for (let attempt = 0; attempt < 3; attempt++) {
    assertEquals((await engine.recorder.record(call(2))).kind, "unavailable");
  }
  const rings = [];
  for await (const { key } of world.kv.list({ prefix: ["ring"] })) rings.push(key);
  assertEquals(rings, []);
  assertEquals(await acknowledged(world.reader), 1n);
  world.close();
});

Deno.test("an instance whose ring was taken away serves its next call, in a new ring", async () => {
  const world = await openMeteringWorld();
  const engine = world.engine();
  await engine.recorder.record(call(1));
  await engine.recorder.record(call(2));
  await world.kv.delete(ringKey(engine.recorder.ring?.instanceId ?? ""));
  assertEquals((await engine.recorder.record(call(4))).kind, "committed");
  await engine.tick();
  world.clock.advance(5 * MINUTE);
  await world.engine().flushDue();
  assertEquals(await acknowledged(world.reader), 7n);
  await assertBooksBalance(world.reader);
  world.close();
});

Deno.test("an expired reply is replaced, never replayed, when the commit over it is refused", async () => {
  const world = await openMeteringWorld();
  const engine = world.engine();
  const expiresAtMs = world.clock.nowMs() + MINUTE;
  await engine.recorder.record(call(1, { reply: { ...reply("k", "old"), expiresAtMs } }));
  world.clock.advance(2 * MINUTE);
  const found = await world.idempotency.find({ tenantId: "acme", idempotencyKey: "k" });
  assert(found !== null);
  await engine.recorder.renewLease();
  await world.kv.delete(ringKey(engine.recorder.ring?.instanceId ?? ""));
  const next = call(2, { reply: reply("k", "new"), replaces: found.versionstamp });
  assertEquals((await engine.recorder.record(next)).kind, "committed");
  const kept = await world.idempotency.find({ tenantId: "acme", idempotencyKey: "k" });
  assertEquals(kept?.value.body, "new");
  world.close();
});

Deno.test("an instance that finds its full ring folded by another serves its next call", async () => {
  const world = await openMeteringWorld({ ringSize: 2 });
  const engine = world.engine();
  await engine.recorder.record(call(1));
  await engine.recorder.record(call(2));
  const { ring } = engine.recorder;
  assert(ring !== null && ring.room === 0);
  const { instanceId, cursor } = ring;
  const heir = world.engine();
  assert(await heir.folder.takeOver({ instanceId, cursor, open: true, leaseUntilMs: 0 }));
  assertEquals((await engine.recorder.record(call(4))).kind, "committed");
  await engine.tick();
  assertEquals(await acknowledged(world.reader), 7n);
  await assertBooksBalance(world.reader);
  world.close();
});

Deno.test("a clock that steps back loses no unit of a ring that another instance folds", async () => {
  const world = await openMeteringWorld();
  const killed = world.engine();
  for (const minutes of [0, 15, -14, 1]) {
    world.clock.advance(minutes * MINUTE);
    assertEquals((await killed.recorder.record(call(10))).kind, "committed");
  }
  world.clock.advance(30 * MINUTE);
  await world.engine().flushDue();
  assertEquals(await acknowledged(world.reader), 40n);
  await assertBooksBalance(world.reader);
  world.close();
});

function reply(idempotencyKey: string, body: string): StoredReply {
  return {
    tenantId: "acme",
    idempotencyKey,
    requestHash: `hash of ${idempotencyKey}`,
    status: 200,
    headers: [],
    body,
    expiresAtMs: FOREVER,
  };
}
