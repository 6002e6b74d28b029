import { assert, assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { readCounters } from "@/lib/kv/books.ts";
import { booksText, parseArguments, readReport } from "@/tools/books.ts";
import { ledgerKey, minuteSlotKey } from "@/lib/kv/keys.ts";
import {
  acknowledged,
  assertBooksBalance,
  billable,
  call,
  type MeteringWorld,
  MINUTE,
  openMeteringWorld,
  PERIOD,
} from "@/tests/support/metering_world.ts";

const LINE = { tenantId: "acme", meter: "risk_score", planRevision: "growth@1", periodId: PERIOD };

/** Looks at the books over and over while units move; each look must find them exact. */
async function auditWhile(world: MeteringWorld, move: () => Promise<unknown>): Promise<void> {
  let working = true;
  let looks = 0;
  const audit = (async () => {
    for (; working; looks++) {
      const { text, exitCode } = booksText(await readReport(world.reader));
      assertEquals(exitCode, 0, text);
    }
  })();
  await move();
  working = false;
  await audit;
  assert(looks > 1, `${looks} looks`);
  await assertBooksBalance(world.reader);
}

Deno.test("the books are exact while units move, all through a flush", async () => {
  const world = await openMeteringWorld();
  const engine = world.engine();
  await Promise.all(
    Array.from(
      { length: 300 },
      (_, index) =>
        engine.recorder.record(call(index + 1, { entry: { tenantId: `t${index % 150}` } })),
    ),
  );
  await auditWhile(world, async () => {
    await engine.tick();
    world.clock.advance(3 * MINUTE);
    await engine.flushDue();
  });
  world.close();
});

Deno.test("a line is at rest in the books only while none of its units move", async () => {
  for (const [index, move] of MOVES.entries()) {
    const world = await openMeteringWorld();
    const engine = world.engine();
    await engine.recorder.record(call(5));
    if (index > 0) await engine.tick();
    world.clock.advance(3 * MINUTE);
    for (const before of MOVES.slice(1, index)) await before(world, engine);
    const counters = await readCounters(world.kv, {});
    await move(world, engine);
    const after = await readCounters(world.kv, {});
    assertNotEquals(
      [...after.values()].map(({ version }) => version),
      [...counters.values()].map(({ version }) => version),
      `move ${index}`,
    );
    world.close();
  }
});

type Move = (
  world: MeteringWorld,
  engine: ReturnType<MeteringWorld["engine"]>,
) => Promise<unknown>;

/** What a unit goes through while it can't be billed, and when it can. */
const MOVES: readonly Move[] = [
  (_, engine) => engine.tick(),
  (world, engine) => {
    world.targets = () => ({ kind: "unbillable", reason: "flat_price" });
    return engine.sealer.sealDue();
  },
  (world, engine) => {
    world.targets = ({ tenantId, meter }) => billable(tenantId, meter);
    return engine.sealer.releaseParked();
  },
  (_, engine) => engine.sender.sendDue(),
];

Deno.test("one unit that vanishes, appears or moves alone is found", async () => {
  const tamper:
    readonly ((kv: Awaited<ReturnType<typeof openMeteringWorld>>) => Promise<unknown>)[] = [
      ({ kv, clock }) =>
        kv.atomic().sum(minuteSlotKey(clock.nowMs() - clock.nowMs() % MINUTE, LINE), 1n).commit(),
      ({ kv }) => kv.atomic().sum(ledgerKey(LINE, "acknowledged"), 1n).commit(),
      ({ kv }) => kv.atomic().sum(ledgerKey(LINE, "sent"), 1n).commit(),
      ({ kv }) => kv.atomic().sum(ledgerKey(LINE, "written_off"), 1n).commit(),
      ({ kv, clock }) => kv.delete(minuteSlotKey(clock.nowMs() - clock.nowMs() % MINUTE, LINE)),
    ];
  for (const change of tamper) {
    const world = await openMeteringWorld();
    const engine = world.engine();
    await engine.recorder.record(call(5));
    await engine.tick();
    assertEquals(booksText(await readReport(world.reader)).exitCode, 0);
    await change(world);
    const { text, exitCode } = booksText(await readReport(world.reader));
    assertEquals(exitCode, 1);
    assertStringIncludes(text, "WRONG");
    world.close();
  }
});

Deno.test("a fold that dropped a whole segment is found by the segments' own count", async () => {
  const world = await openMeteringWorld();
  const engine = world.engine();
  const ring = await engine.recorder.open();
  await engine.recorder.record(call(5));
  await engine.recorder.record(call(6));
  const { value, versionstamp } = ring.cursor;
  await world.kv.set(["ring_cursor", ring.instanceId], {
    v: 1,
    ...value,
    fromSeq: 1,
    toSeq: 1,
    foldedUnits: 5n,
  });
  assert(versionstamp !== null);
  assertEquals(await acknowledged(world.reader), 6n);
  const { text, exitCode } = booksText(await readReport(world.reader));
  assertEquals(exitCode, 1);
  assertStringIncludes(text, "difference 5");
  world.close();
});

Deno.test("the books of one tenant or period hold nothing of another", async () => {
  const world = await openMeteringWorld();
  const engine = world.engine();
  await engine.recorder.record(call(1));
  await engine.recorder.record(call(2, { entry: { tenantId: "acme2" } }));
  await engine.recorder.record(call(4, { entry: { periodId: "2026-06-01" } }));
  const sums = async (query: { tenantId?: string; periodId?: string }) =>
    (await world.reader.books(query)).map((line) => line.acknowledged);
  assertEquals(await sums({ tenantId: "acme" }), [1n, 4n]);
  assertEquals(await sums({ tenantId: "acme2" }), [2n]);
  assertEquals(await sums({ tenantId: "acme", periodId: PERIOD }), [1n]);
  assertEquals((await sums({})).length, 3);
  world.close();
});

Deno.test("the command takes a tenant and --all, and explains itself otherwise", () => {
  assertEquals(parseArguments(["--tenant", "acme", "--all"]), {
    query: { tenantId: "acme" },
    all: true,
  });
  assertEquals(parseArguments([]), { query: {}, all: false });
  assertEquals(parseArguments(["--tenant"]), null);
  assertEquals(parseArguments(["--help"]), null);
});
