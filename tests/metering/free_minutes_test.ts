/** Which minute of Stripe's an entry may own: free, past, young enough, and in its own period. */
import { assert, assertEquals } from "@std/assert";
import { minuteOwnerKey } from "@/lib/kv/keys.ts";
import { createOutboxStore } from "@/lib/kv/outbox_store.ts";
import { retryHeld } from "@/lib/metering/outbox_actions.ts";
import {
  assertBooksBalance,
  billable,
  call,
  DAY,
  delivered,
  HOUR,
  MINUTE,
  openMeteringWorld,
} from "@/tests/support/metering_world.ts";

const MAY_12 = Date.UTC(2026, 4, 12, 12);
const JUNE = Date.UTC(2026, 5, 1);

Deno.test("no entry gets a minute that is still to come: it waits for one", async () => {
  const world = await openMeteringWorld();
  world.clock.atMs = JUNE + 10_000;
  const engine = world.engine();
  for (let version = 1; version <= 4; version++) {
    const entry = { planRevision: `growth@${version}`, periodId: "2026-06-01" };
    await engine.recorder.record(call(version, { entry }));
  }
  await engine.tick();
  world.clock.atMs = JUNE + 2 * MINUTE + 30_000;
  await engine.flushDue();
  const minutes = () =>
    world.provider.accepted.map(({ timestampMs }) => (timestampMs - JUNE) / MINUTE).toSorted();
  assertEquals(minutes(), [0, 1, 2]);
  world.clock.advance(MINUTE);
  await engine.flushDue();
  assertEquals(minutes(), [0, 1, 2, 3]);
  assertEquals(delivered(world.provider), 10n);
  await assertBooksBalance(world.reader);
  world.close();
});

Deno.test("units that nobody sealed for 34 days get a minute of their period that Stripe still takes", async () => {
  const world = await openMeteringWorld();
  world.clock.atMs = MAY_12;
  const engine = world.engine();
  await engine.recorder.record(call(7));
  await engine.tick();
  world.clock.advance(34 * DAY + HOUR);
  await engine.flushDue();
  const [event] = world.provider.accepted;
  assert(event !== undefined && event.timestampMs < JUNE);
  assert(world.clock.nowMs() - event.timestampMs <= 34 * DAY);
  assertEquals(delivered(world.provider), 7n);
  world.close();
});

Deno.test("a minute stays its entry's own for as long as Stripe takes events of it", async () => {
  const world = await openMeteringWorld({ forgets: true });
  world.clock.atMs = MAY_12;
  const engine = world.engine();
  await engine.recorder.record(call(7));
  await engine.tick();
  world.clock.advance(3 * MINUTE);
  await engine.flushDue();
  // More units of that minute, found so much later.
  const late = world.engine();
  world.clock.atMs = MAY_12;
  await late.recorder.record(call(5));
  await late.tick();
  world.clock.atMs = MAY_12 + 34 * DAY - MINUTE;
  await late.flushDue();
  const minutes = new Set(world.provider.accepted.map(({ timestampMs }) => timestampMs));
  assertEquals(minutes.size, 2);
  assertEquals(delivered(world.provider), 12n);
  world.close();
});

Deno.test("a second try of a refused entry takes no minute that another one owns", async () => {
  const world = await openMeteringWorld();
  world.clock.atMs = MAY_12;
  const engine = world.engine();
  await engine.recorder.record(call(7));
  await engine.tick();
  world.clock.advance(3 * MINUTE);
  await engine.flushDue();
  const [refused] = world.provider.accepted;
  assert(refused !== undefined);
  const { identifier } = refused;
  world.provider.dropAccepted(identifier);
  await engine.reject({ identifier, code: "no_meter", detail: "" });
  await engine.recorder.record(call(5, { entry: { planRevision: "growth@2" } }));
  await engine.tick();
  // By now the minutes of both are too old; the oldest that Stripe takes goes to the first to ask.
  world.clock.advance(34 * DAY + HOUR);
  await engine.flushDue();
  const target = ({ tenantId, meter }: { tenantId: string; meter: string }) =>
    Promise.resolve(billable(tenantId, meter));
  const retried = await retryHeld({ entryId: identifier, author: "olga", reason: "meter made" }, {
    outbox: createOutboxStore({ kv: world.kv, databaseEpoch: "epoch" }),
    sealer: engine.sealer,
    targets: { target },
    clock: world.clock,
  });
  assert(retried.ok);
  await engine.flushDue();
  const minutes = new Set(world.provider.accepted.map(({ timestampMs }) => timestampMs));
  assertEquals([minutes.size, world.provider.accepted.length], [2, 2]);
  assertEquals(delivered(world.provider), 12n);
  await assertBooksBalance(world.reader);
  world.close();
});

Deno.test("the nearest free minute is found between others that are taken", async () => {
  const world = await openMeteringWorld();
  const store = createOutboxStore({ kv: world.kv, databaseEpoch: "epoch" });
  const minute = (count: number) => MAY_12 + count * MINUTE;
  const [stripeCustomerId, eventName] = ["cus_acme", "risk_score"];
  const range = { stripeCustomerId, eventName, startMs: minute(0), endMs: minute(10) };
  const free = async (taken: readonly number[], desired: number) => {
    const keys = taken.map((count) => minuteOwnerKey(stripeCustomerId, eventName, minute(count)));
    for (const key of keys) await world.kv.set(key, "cm_other");
    const found = await store.freeMinute({ ...range, desiredMs: minute(desired) });
    for (const key of keys) await world.kv.delete(key);
    return found === null ? null : (found - MAY_12) / MINUTE;
  };
  assertEquals(await free([], 5), 5);
  assertEquals(await free([5, 3, 2, 1], 5), 4);
  assertEquals(await free([5, 4, 2], 5), 3);
  assertEquals(await free([0, 1, 2, 4], 2), 3);
  assertEquals(await free([0, 1, 2, 3, 5, 6], 3), 4);
  assertEquals(await free([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 5), null);
  world.close();
});
