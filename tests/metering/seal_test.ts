import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { createOutboxStore } from "@/lib/kv/outbox_store.ts";
import {
  assertBooksBalance,
  billable,
  call,
  delivered,
  HOUR,
  MINUTE,
  openMeteringWorld,
} from "@/tests/support/metering_world.ts";

for (const fault of ["drop_before", "drop_after", "repeat", "late"] as const) {
  Deno.test(`a seal that meets ${fault} makes exactly one entry of its minute`, async () => {
    const world = await openMeteringWorld();
    const engine = world.engine();
    await engine.recorder.record(call(7));
    await engine.tick();
    world.clock.advance(3 * MINUTE);
    world.kv.script(fault);
    await engine.sealer.sealDue();
    await world.kv.land();
    await engine.sealer.sealDue();
    const { entries } = await world.reader.outbox({ limit: 10 });
    assertEquals(entries.map(({ units }) => units), [7n]);
    await assertBooksBalance(world.reader);
    world.close();
  });

  Deno.test(`units that can't be billed and meet ${fault} are parked once and released once`, async () => {
    const world = await openMeteringWorld();
    const engine = world.engine();
    world.targets = () => ({ kind: "unbillable", reason: "flat_price" });
    await engine.recorder.record(call(7));
    await engine.tick();
    world.clock.advance(3 * MINUTE);
    world.kv.script(fault);
    await engine.sealer.sealDue();
    await world.kv.land();
    await engine.sealer.sealDue();
    assertEquals((await world.reader.books())[0]?.outbox, 7n);
    world.targets = ({ tenantId, meter }) => billable(tenantId, meter);
    world.kv.script(fault);
    await engine.sealer.releaseParked();
    await world.kv.land();
    await engine.sealer.releaseParked();
    const { entries } = await world.reader.outbox({ limit: 10 });
    assertEquals(entries.map(({ units }) => units), [7n]);
    await assertBooksBalance(world.reader);
    world.close();
  });
}

Deno.test("many sealers at once make one entry of each minute", async () => {
  const world = await openMeteringWorld();
  const engine = world.engine();
  for (let minute = 0; minute < 10; minute++) {
    await engine.recorder.record(call(minute + 1));
    await engine.tick();
    world.clock.advance(MINUTE);
  }
  world.clock.advance(MINUTE);
  const others = [world.engine(), world.engine(), world.engine()];
  await Promise.all([engine, ...others].map(({ sealer }) => sealer.sealDue()));
  const { entries } = await world.reader.outbox({ limit: 100 });
  assertEquals(entries.length, 10);
  assertEquals(new Set(entries.map(({ timestampMs }) => timestampMs)).size, 10);
  await assertBooksBalance(world.reader);
  world.close();
});

Deno.test("units that arrive while their minute is being sealed are not lost with it", async () => {
  const world = await openMeteringWorld();
  const engine = world.engine();
  const late = world.engine();
  await engine.recorder.record(call(1));
  await late.recorder.record(call(2));
  await engine.tick();
  world.clock.advance(3 * MINUTE);
  let once = true;
  world.kv.beforeCommit = async () => {
    if (!once) return;
    once = false;
    await late.folder.foldOwn();
  };
  await engine.sealer.sealDue();
  await engine.sealer.sealDue();
  const { entries } = await world.reader.outbox({ limit: 10 });
  assertEquals(entries.map(({ units }) => units), [3n]);
  await assertBooksBalance(world.reader);
  world.close();
});

Deno.test("each billing period gets its own units, to the millisecond", async () => {
  const world = await openMeteringWorld();
  const newYear = Date.UTC(2027, 0, 1);
  const engine = world.engine();
  for (const atMs of [newYear - 1, newYear, newYear + 1]) {
    world.clock.atMs = atMs;
    const periodId = atMs < newYear ? "2026-12-01" : "2027-01-01";
    await engine.recorder.record(call(1, { entry: { periodId } }));
    await engine.tick();
  }
  world.clock.atMs = newYear + 10 * MINUTE;
  await engine.flushDue();
  const before = world.provider.accepted.filter(({ timestampMs }) => timestampMs < newYear);
  const after = world.provider.accepted.filter(({ timestampMs }) => timestampMs >= newYear);
  assertEquals(before.map(({ units }) => units), [1n]);
  assertEquals(after.map(({ units }) => units), [2n]);
  world.close();
});

Deno.test("a call decided just before a period's end and committed after it is billed in that period", async () => {
  const world = await openMeteringWorld();
  const end = Date.UTC(2026, 5, 1);
  world.clock.atMs = end + 4_000;
  const engine = world.engine();
  await engine.recorder.record(call(5, { entry: { periodId: "2026-05-01" } }));
  await engine.tick();
  world.clock.advance(10 * MINUTE);
  await engine.flushDue();
  const [event] = world.provider.accepted;
  assert(event !== undefined && event.timestampMs < end && event.timestampMs >= end - HOUR);
  world.close();
});

Deno.test("two plan versions of one meter in one minute become two entries with minutes of their own", async () => {
  const world = await openMeteringWorld();
  const engine = world.engine();
  await engine.recorder.record(call(1, { entry: { planRevision: "growth@1" } }));
  await engine.recorder.record(call(2, { entry: { planRevision: "growth@2" } }));
  await engine.tick();
  world.clock.advance(3 * MINUTE);
  await engine.flushDue();
  const minutes = new Set(world.provider.accepted.map(({ timestampMs }) => timestampMs));
  assertEquals(minutes.size, 2);
  assertEquals(delivered(world.provider), 3n);
  world.close();
});

Deno.test("a database restored from a copy makes other identifiers for the same counters", async () => {
  const identifierIn = async (databaseEpoch: string) => {
    // As a copy does, this store repeats its versions from the start.
    const world = await openMeteringWorld({ forgets: true });
    await world.engine().recorder.record(call(1));
    const engine = world.engine();
    world.clock.advance(HOUR);
    await engine.folder.foldStale();
    const store = createOutboxStore({ kv: world.kv, databaseEpoch });
    const [slot] = await store.closedSlots({ beforeMs: world.clock.nowMs(), limit: 1 });
    assert(slot !== undefined);
    const outcome = await store.seal({ kind: "minute", slot }, {
      eventName: "risk_score",
      stripeCustomerId: "cus_acme",
      units: slot.units,
      timestampMs: slot.minuteMs,
      nowMs: world.clock.nowMs(),
    });
    assert(outcome.kind === "sealed");
    world.close();
    return outcome.entry.identifier;
  };
  const [one, same, two] = [
    await identifierIn("one"),
    await identifierIn("one"),
    await identifierIn("two"),
  ];
  assertEquals(one, same, "all but the epoch is the same");
  assertNotEquals(one, two);
  assert(one.length <= 100);
});
