import { assertEquals } from "@std/assert";
import { ingestEvents } from "@/lib/metering/ingest_events.ts";
import type { CallerConfig } from "@/lib/ports/tenancy.ts";
import { sampleCaller } from "@/tests/support/metering_caller.ts";
import {
  acknowledged,
  assertBooksBalance,
  DAY,
  type MeteringWorld,
  MINUTE,
  openMeteringWorld,
} from "@/tests/support/metering_world.ts";

function event(change: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    specversion: "1.0",
    id: "1",
    source: "billing.example",
    type: "usage",
    data: { meter: "risk_score", units: 3 },
    ...change,
  };
}

function ingest(
  world: MeteringWorld,
  events: readonly unknown[],
  caller: CallerConfig = sampleCaller(),
) {
  const { recorder } = world.engine();
  return ingestEvents({ caller, events }, { recorder, clock: world.clock });
}

Deno.test("each usage event counts once, in one batch, over batches and over instances", async () => {
  const world = await openMeteringWorld();
  const first = await ingest(world, [event(), event({ id: "2" }), event(), event({ id: "3" })]);
  assertEquals(first.map(({ status }) => status), ["counted", "counted", "duplicate", "counted"]);
  const [second, third] = await Promise.all([
    ingest(world, [event(), event({ id: "4" })]),
    ingest(world, [event({ id: "4" })]),
  ]);
  const counted = [...second, ...third].filter(({ status }) => status === "counted");
  assertEquals(counted.length, 1);
  assertEquals(await acknowledged(world.reader), 12n);
  await assertBooksBalance(world.reader);
  world.close();
});

Deno.test("a thousand events are answered one by one and counted to the unit", async () => {
  const world = await openMeteringWorld({ guardsMax: 60 });
  const events = Array.from({ length: 1_000 }, (_, index) => event({ id: String(index) }));
  const results = await ingest(world, events);
  assertEquals(results.map(({ index }) => index), events.map((_, index) => index));
  assertEquals(results.every(({ status }) => status === "counted"), true);
  assertEquals(await acknowledged(world.reader), 3_000n);
  const again = await ingest(world, events);
  assertEquals(again.every(({ status }) => status === "duplicate"), true);
  assertEquals(await acknowledged(world.reader), 3_000n);
  world.close();
});

Deno.test("a bad event is refused with a code and a place, and leaves the others", async () => {
  const world = await openMeteringWorld();
  const iso = (ms: number) => new Date(world.clock.nowMs() + ms).toISOString();
  const bad: readonly (readonly [unknown, string, string | undefined])[] = [
    [null, "validation_failed", ""],
    ["text", "validation_failed", ""],
    [event({ specversion: "0.3" }), "validation_failed", "/specversion"],
    [event({ id: "" }), "validation_failed", "/id"],
    [event({ source: undefined }), "validation_failed", "/source"],
    [event({ time: "yesterday" }), "validation_failed", "/time"],
    [event({ time: iso(-35 * DAY - 1) }), "event_too_old", undefined],
    [event({ time: iso(5 * MINUTE + 1) }), "event_in_future", undefined],
    [event({ data: { meter: "nothing", units: 1 } }), "meter_not_in_plan", undefined],
    [event({ data: { meter: "risk_score", units: 0 } }), "validation_failed", "/data/units"],
    [event({ data: { meter: "risk_score", units: -1 } }), "validation_failed", "/data/units"],
    [event({ data: { meter: "risk_score", units: 1.5 } }), "validation_failed", "/data/units"],
    [event({ data: { meter: "risk_score", units: 2 ** 53 } }), "validation_failed", "/data/units"],
    [event({ data: { meter: "risk_score", units: 1e12 + 1 } }), "validation_failed", "/data/units"],
    [
      event({ data: { meter: "risk_score", units: "1000000000001" } }),
      "validation_failed",
      undefined,
    ],
    [event({ data: { meter: "risk_score", units: 1, more: 1 } }), "validation_failed", "/data"],
    [event({ data: { meter: "toString", units: 1 } }), "meter_not_in_plan", undefined],
  ];
  const results = await ingest(world, [...bad.map(([input]) => input), event({ id: "good" })]);
  bad.forEach(([, code, pointer], index) => {
    const result = results[index];
    if (result?.status !== "refused") throw new Error(`${index} is ${result?.status}`);
    assertEquals(result.error.code, code, `${index}`);
    if (pointer !== undefined) assertEquals(result.error.errors?.[0]?.pointer, pointer);
  });
  assertEquals(results.at(-1)?.status, "counted");
  assertEquals(await acknowledged(world.reader), 3n);
  world.close();
});

Deno.test("the bounds in time hold to the millisecond", async () => {
  const world = await openMeteringWorld();
  const iso = (ms: number) => new Date(world.clock.nowMs() + ms).toISOString();
  const results = await ingest(world, [
    event({ id: "oldest", time: iso(-35 * DAY) }),
    event({ id: "newest", time: iso(5 * MINUTE) }),
    event({ id: "largest", data: { meter: "risk_score", units: "1000000000000" } }),
  ]);
  assertEquals(results.map(({ status }) => status), ["counted", "counted", "counted"]);
  world.close();
});

Deno.test("an event id counts once for as long as an event with it is taken, and not a millisecond less", async () => {
  const world = await openMeteringWorld({ forgets: true });
  const sentMs = world.clock.nowMs();
  const timed = event({ time: new Date(sentMs).toISOString() });
  const again = async () => (await ingest(world, [timed]))[0];
  assertEquals((await again())?.status, "counted");
  for (const afterMs of [0, DAY, 35 * DAY - 1, 35 * DAY]) {
    world.clock.atMs = sentMs + afterMs;
    assertEquals((await again())?.status, "duplicate", `after ${afterMs} ms`);
  }
  world.clock.atMs = sentMs + 35 * DAY + 1;
  const late = await again();
  assertEquals(late?.status === "refused" && late.error.code, "event_too_old");
  // Without a time of its own an event is new when it comes: its id is all that tells it apart.
  const { time: _, ...timeless } = timed;
  assertEquals((await ingest(world, [timeless]))[0]?.status, "duplicate");
  assertEquals(await acknowledged(world.reader), 3n);
  world.close();
});

Deno.test("one id of two sources is two events", async () => {
  const world = await openMeteringWorld();
  const sources = ["a", "b", "a"].map((source) => event({ source }));
  const results = await ingest(world, sources);
  assertEquals(results.map(({ status }) => status), ["counted", "counted", "duplicate"]);
  assertEquals(await acknowledged(world.reader), 6n);
  world.close();
});

Deno.test("an event from a clock ahead of ours counts in no period that has not begun", async () => {
  const world = await openMeteringWorld();
  const june = Date.UTC(2026, 5, 1);
  world.clock.atMs = june - 2 * MINUTE;
  const time = new Date(june + MINUTE).toISOString();
  const [result] = await ingest(world, [event({ time })]);
  assertEquals(result?.status === "counted" && result.periodId, "2026-05-01");
  world.close();
});

Deno.test("an event of the last period counts there for an hour, and in the present one after", async () => {
  const world = await openMeteringWorld();
  const june = Date.UTC(2026, 5, 1);
  const time = new Date(june - MINUTE).toISOString();
  const periods = [];
  for (const [index, atMs] of [june - 1, june + 59 * MINUTE, june + 60 * MINUTE].entries()) {
    world.clock.atMs = atMs;
    const [result] = await ingest(world, [event({ id: `e${index}`, time })]);
    periods.push(result?.status === "counted" ? result.periodId : result?.status);
  }
  assertEquals(periods, ["2026-05-01", "2026-05-01", "2026-06-01"]);
  world.close();
});

Deno.test("an event decided under an older configuration is handed back, uncounted", async () => {
  const world = await openMeteringWorld();
  const [result] = await ingest(world, [event()], {
    ...sampleCaller(),
    epoch: "00000000000000000001",
  });
  assertEquals(result?.status, "config_changed");
  assertEquals(await acknowledged(world.reader), 0n);
  world.close();
});
