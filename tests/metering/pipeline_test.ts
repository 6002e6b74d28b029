import { assert, assertEquals } from "@std/assert";
import {
  acknowledged,
  assertBooksBalance,
  call,
  committed,
  DAY,
  delivered,
  HOUR,
  MINUTE,
  openMeteringWorld,
  PERIOD,
} from "@/tests/support/metering_world.ts";

Deno.test("a recorded unit travels from the log to the provider and the books balance at each step", async () => {
  const world = await openMeteringWorld();
  const engine = world.engine();
  const outcomes = await Promise.all([1, 2, 3].map((units) => engine.recorder.record(call(units))));
  assertEquals(committed(outcomes), 3);
  const [logged] = await world.reader.books();
  assertEquals([logged?.acknowledged, logged?.log, logged?.windows], [6n, 6n, 0n]);
  await assertBooksBalance(world.reader);

  await engine.tick();
  const [folded] = await world.reader.books();
  assertEquals([folded?.acknowledged, folded?.log, folded?.windows], [6n, 0n, 6n]);
  await assertBooksBalance(world.reader);

  world.clock.advance(2 * MINUTE);
  await engine.sealer.sealDue();
  const [sealed] = await world.reader.books();
  assertEquals([sealed?.windows, sealed?.outbox, sealed?.sent], [0n, 6n, 0n]);
  await assertBooksBalance(world.reader);

  const report = await engine.flushDue();
  assertEquals(report.sent, 1);
  const [sent] = await world.reader.books();
  assertEquals([sent?.outbox, sent?.sent], [0n, 6n]);
  assertEquals(delivered(world.provider), 6n);
  await assertBooksBalance(world.reader);
  world.close();
});

Deno.test("calls that arrive together share one commit", async () => {
  const world = await openMeteringWorld();
  const engine = world.engine();
  await engine.recorder.record(call(1));
  const before = world.kv.commits;
  await Promise.all(Array.from({ length: 50 }, () => engine.recorder.record(call(1))));
  assert(world.kv.commits - before <= 2, `${world.kv.commits - before} commits`);
  world.close();
});

Deno.test("usage by window, minute, hour, day, meter and key agree with each other", async () => {
  const world = await openMeteringWorld();
  const engine = world.engine();
  const start = world.clock.nowMs();
  for (let step = 0; step < 30; step++) {
    await engine.recorder.record(call(step + 1, {
      entry: { keyId: `key_${step % 3}`, meter: step % 2 === 0 ? "risk_score" : "price" },
    }));
    if (step % 4 === 0) await engine.tick();
    world.clock.advance(7_000);
  }
  await engine.tick();
  const query = { tenantId: "acme", fromMs: start - start % DAY, toMs: start + DAY };
  const total = async (change: Record<string, string>, granularity = "hour" as string) => {
    const points = await world.reader.series(
      { ...query, ...change, granularity } as Parameters<typeof world.reader.series>[0],
    );
    return points.reduce((sum, { units }) => sum + units, 0n);
  };
  for (const granularity of ["window", "minute", "hour", "day"]) {
    assertEquals(await total({}, granularity), 465n, granularity);
    const byKey = [
      await total({ keyId: "key_0" }, granularity),
      await total({ keyId: "key_1" }, granularity),
      await total({ keyId: "key_2" }, granularity),
    ];
    assertEquals(byKey.reduce((a, b) => a + b), 465n, granularity);
    assertEquals(
      await total({ meter: "price" }, granularity) +
        await total({ meter: "risk_score" }, granularity),
      465n,
    );
  }
  const totals = await world.reader.periodTotals({ tenantId: "acme", periodId: PERIOD });
  assertEquals(totals.reduce((sum, { units }) => sum + units, 0n), 465n);
  world.close();
});

Deno.test("another instance folds and sends what a killed one had acknowledged", async () => {
  const world = await openMeteringWorld();
  const killed = world.engine();
  await Promise.all([4, 5].map((units) => killed.recorder.record(call(units))));
  const heir = world.engine();
  await heir.flushDue();
  assertEquals((await world.reader.books())[0]?.log, 9n, "the lease still stands");
  world.clock.advance(2 * MINUTE);
  const report = await heir.flushDue();
  assertEquals(report.retiredRings, 1);
  await heir.flushDue();
  assertEquals(delivered(world.provider), 9n);
  await assertBooksBalance(world.reader);
  world.close();
});

Deno.test("a frozen instance that wakes up after it was folded counts on, in a ring of its own", async () => {
  const world = await openMeteringWorld();
  const frozen = world.engine();
  await frozen.recorder.record(call(4));
  world.clock.advance(2 * MINUTE);
  const heir = world.engine();
  await heir.flushDue();
  const outcome = await frozen.recorder.record(call(3));
  assertEquals(outcome.kind, "committed");
  await frozen.tick();
  assertEquals(await acknowledged(world.reader), 7n);
  world.clock.advance(2 * MINUTE);
  await heir.flushDue();
  await heir.flushDue();
  assertEquals(delivered(world.provider), 7n);
  await assertBooksBalance(world.reader);
  world.close();
});

Deno.test("draining leaves nothing of the instance behind but its totals", async () => {
  const world = await openMeteringWorld();
  const engine = world.engine();
  const waiting = [1, 2, 3].map((units) => engine.recorder.record(call(units)));
  await engine.drain();
  assertEquals(committed(await Promise.all(waiting)), 3);
  assertEquals((await engine.recorder.record(call(1))).kind, "unavailable");
  const status = await world.reader.pipeline();
  assertEquals(status.unfoldedSegments, 0);
  assertEquals((await world.reader.books())[0]?.windows, 6n);
  await assertBooksBalance(world.reader);
  world.close();
});

Deno.test("late units of a sealed minute get a free minute of the same billing period", async () => {
  const world = await openMeteringWorld();
  world.clock.atMs = Date.UTC(2026, 5, 1) - MINUTE;
  const late = world.engine();
  await late.recorder.record(call(5));
  const engine = world.engine();
  await engine.recorder.record(call(1));
  await engine.tick();
  world.clock.advance(90_000);
  await engine.sealer.sealDue();
  await late.tick();
  world.clock.advance(HOUR);
  await engine.flushDue();
  const events = world.provider.accepted;
  assertEquals(events.map(({ units }) => units).sort(), [1n, 5n]);
  const minutes = new Set(events.map(({ timestampMs }) => timestampMs));
  assertEquals(minutes.size, 2);
  for (const minute of minutes) {
    assert(
      minute >= Date.UTC(2026, 4, 1) && minute < Date.UTC(2026, 5, 1),
      new Date(minute).toISOString(),
    );
  }
  await assertBooksBalance(world.reader);
  world.close();
});

Deno.test("units of a tenant that can't be billed are kept and sent once it can", async () => {
  const world = await openMeteringWorld();
  const { targets } = world;
  world.targets = () => ({ kind: "unbillable", reason: "no_stripe_customer" });
  const engine = world.engine();
  for (let minute = 0; minute < 5; minute++) {
    await engine.recorder.record(call(2));
    world.clock.advance(MINUTE);
    await engine.flushDue();
  }
  world.clock.advance(MINUTE);
  await engine.flushDue();
  assertEquals((await world.reader.books())[0]?.outbox, 10n);
  const { outbox, parked } = await world.reader.pipeline();
  assertEquals([outbox.held.entries, parked.waiting, parked.unbilled.lines], [
    0,
    { lines: 1, units: 10n },
    0,
  ]);
  assertEquals(delivered(world.provider), 0n);
  await assertBooksBalance(world.reader);
  world.targets = targets;
  await engine.flushDue();
  assertEquals(delivered(world.provider), 10n);
  await assertBooksBalance(world.reader);
  world.close();
});
