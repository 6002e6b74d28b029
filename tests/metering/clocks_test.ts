/** Clocks: of instances that disagree, of periods that end, of outages that last. */
import { assert, assertEquals } from "@std/assert";
import { periodAt } from "@/lib/domain/period.ts";
import { TIMESTAMP_MAX_AGE_MS } from "@/lib/domain/outbox.ts";
import { createOutboxStore } from "@/lib/kv/outbox_store.ts";
import { createQuotaStore } from "@/lib/kv/quota_store.ts";
import { createUsageLog } from "@/lib/kv/usage_log.ts";
import { MeteringEngine } from "@/lib/metering/engine.ts";
import { ingestEvents } from "@/lib/metering/ingest_events.ts";
import { sampleCaller } from "@/tests/support/metering_caller.ts";
import {
  assertBooksBalance,
  call,
  DAY,
  delivered,
  HOUR,
  type MeteringWorld,
  MINUTE,
  openMeteringWorld,
} from "@/tests/support/metering_world.ts";
import { NEVER_ARRIVED } from "@/tests/support/scripted_provider.ts";

let instances = 0;

/** An instance whose clock is off by so much. */
function skewed(world: MeteringWorld, offMs: number): MeteringEngine {
  const { kv, provider, scheduler, logger } = world;
  const instance = ++instances;
  let count = 0;
  return new MeteringEngine({
    log: createUsageLog({ kv, ringSize: 64 }),
    outbox: createOutboxStore({ kv, databaseEpoch: "epoch" }),
    quotas: createQuotaStore({ kv }),
    targets: { target: (line) => Promise.resolve(world.targets(line)) },
    provider,
    clock: { nowMs: () => world.clock.nowMs() + offMs },
    ids: {
      next: (word) => `${word}_${instance}_${++count}`,
      bytes: (length) => new Uint8Array(length),
    },
    scheduler,
    logger,
    windowMs: 5_000,
    durability: "commit",
    sending: true,
  });
}

Deno.test("instances whose clocks differ by ten minutes either way lose no unit and bill none twice", async () => {
  const world = await openMeteringWorld();
  const engines = [0, 10 * MINUTE, -10 * MINUTE].map((offMs) => skewed(world, offMs));
  let counted = 0n;
  for (let step = 0; step < 60; step++) {
    for (const [index, engine] of engines.entries()) {
      const units = BigInt(1 + (step + index) % 5);
      const outcome = await engine.recorder.record(call(units));
      if (outcome.kind === "committed") counted += units;
      // Each takes the others' rings for dead, or their minutes for closed, when its clock says so.
      if (step % 4 === index) await engine.flushDue();
      else await engine.tick();
    }
    world.clock.advance(30_000);
    await assertBooksBalance(world.reader);
  }
  assert(counted > 100n);
  for (let round = 0; round < 6; round++) {
    world.clock.advance(20 * MINUTE);
    for (const engine of engines) await engine.flushDue();
  }
  assertEquals(delivered(world.provider), counted);
  const minutes = world.provider.accepted.map(({ timestampMs }) => timestampMs);
  assertEquals(new Set(minutes).size, minutes.length, "each minute belongs to one entry");
  await assertBooksBalance(world.reader);
  world.close();
});

/** The last instant of a period, and the period that follows. */
const BOUNDARIES: readonly (readonly [last: string, own: string, next: string])[] = [
  ["2026-01-31T23:59:59.999Z", "2026-01-01", "2026-02-01"],
  ["2026-02-28T23:59:59.999Z", "2026-02-01", "2026-03-01"],
  ["2028-02-28T23:59:59.999Z", "2028-02-01", "2028-02-01"],
  ["2028-02-29T23:59:59.999Z", "2028-02-01", "2028-03-01"],
  ["2100-02-28T23:59:59.999Z", "2100-02-01", "2100-03-01"],
  ["2026-03-29T00:59:59.999Z", "2026-03-01", "2026-03-01"],
  ["2026-04-30T23:59:59.999Z", "2026-04-01", "2026-05-01"],
  ["2026-10-25T00:59:59.999Z", "2026-10-01", "2026-10-01"],
  ["2026-12-31T23:59:59.999Z", "2026-12-01", "2027-01-01"],
];

Deno.test("a unit at 23:59:59.999Z is billed in its own period, one millisecond later in the next, whatever the month", async () => {
  for (const [last, own, next] of BOUNDARIES) {
    const world = await openMeteringWorld();
    const engine = world.engine();
    const endMs = Date.parse(last) + 1;
    for (const [atMs, periodId, units] of [[endMs - 1, own, 3n], [endMs, next, 5n]] as const) {
      world.clock.atMs = atMs;
      assertEquals(periodAt(atMs, "month").periodId, periodId, last);
      await engine.recorder.record(call(units, { entry: { periodId } }));
      await engine.tick();
    }
    world.clock.atMs = endMs + 10 * MINUTE;
    await engine.flushDue();
    for (
      const [periodId, units] of own === next
        ? [[own, 8n]] as const
        : [[own, 3n], [next, 5n]] as const
    ) {
      const { startMs, endMs: periodEndMs } = periodAt(Date.parse(periodId), "month");
      const billed = world.provider.accepted
        .filter(({ timestampMs }) => timestampMs >= startMs && timestampMs < periodEndMs)
        .reduce((sum, event) => sum + event.units, 0n);
      assertEquals(billed, units, `${last} in ${periodId}`);
    }
    world.close();
  }
});

Deno.test("events are counted in the period of their own time, at each boundary, for an hour after it", async () => {
  for (const [last, own, next] of BOUNDARIES) {
    const world = await openMeteringWorld();
    const endMs = Date.parse(last) + 1;
    const caller = sampleCaller();
    const event = (id: string, atMs: number) => ({
      specversion: "1.0",
      id,
      source: "s",
      type: "usage",
      time: new Date(atMs).toISOString(),
      data: { meter: "risk_score", units: 1 },
    });
    world.clock.atMs = endMs + HOUR - 1;
    const events = [event("1", endMs - 1), event("2", endMs)];
    const results = await ingestEvents({ caller, events }, {
      recorder: world.engine().recorder,
      clock: world.clock,
    });
    assertEquals(results.map((result) => result.status === "counted" && result.periodId), [
      own,
      next,
    ], last);
    world.close();
  }
});

Deno.test("an outage of the provider of any length ends with each unit sent once, or held with its reason", async () => {
  const table: readonly (readonly [days: number, sent: bigint, reason: string | null])[] = [
    [0.5, 7n, null],
    [0.95, 7n, null],
    [1, 7n, null],
    [7, 7n, null],
    [33, 7n, null],
    [TIMESTAMP_MAX_AGE_MS / DAY + 0.1, 0n, "timestamp_too_old"],
    [36, 0n, "timestamp_too_old"],
    [70, 0n, "timestamp_too_old"],
  ];
  for (const [days, sent, reason] of table) {
    // With an attempt that never arrived, and without any: both wait for as long.
    for (const attempted of [true, false]) {
      const world = await openMeteringWorld();
      const engine = world.engine();
      await engine.recorder.record(call(7));
      await engine.tick();
      world.clock.advance(3 * MINUTE);
      if (attempted) {
        world.provider.script("cus_acme", NEVER_ARRIVED);
        await engine.flushDue();
      } else {
        await engine.sealer.sealDue();
      }
      world.clock.advance(days * DAY);
      for (let round = 0; round < 8; round++) {
        await engine.flushDue();
        world.clock.advance(2 * HOUR);
      }
      const about = `${days} days, ${attempted}`;
      const { entries: [left] } = await world.reader.outbox({ limit: 5 });
      assertEquals(delivered(world.provider), sent, about);
      if (reason === null) assertEquals(left, undefined, about);
      else assertEquals([left?.state, left?.reason], ["held", reason], about);
      const late = world.provider.accepted.filter(({ timestampMs }) =>
        timestampMs > world.clock.nowMs() + 5 * MINUTE
      );
      assertEquals(late, [], "nothing is ahead of Stripe's clock");
      await assertBooksBalance(world.reader);
      world.close();
    }
  }
});
