import { assert, assertEquals, assertThrows } from "@std/assert";
import { configEpochKey } from "@/lib/kv/keys.ts";
import { recordUnderNewest } from "@/lib/metering/record_under_newest.ts";
import type { StoredReply } from "@/lib/ports/usage.ts";
import {
  acknowledged,
  assertBooksBalance,
  call,
  committed,
  delivered,
  entry,
  MINUTE,
  openMeteringWorld,
} from "@/tests/support/metering_world.ts";

const FOREVER = Date.UTC(2030, 0, 1);

function reply(idempotencyKey: string, body = "{}"): StoredReply {
  return {
    tenantId: "acme",
    idempotencyKey,
    requestHash: `hash of ${idempotencyKey}`,
    status: 200,
    headers: [["content-type", "application/json"]],
    body,
    expiresAtMs: FOREVER,
  };
}

for (const fault of ["drop_before", "drop_after", "repeat", "late"] as const) {
  Deno.test(`one commit that meets ${fault} is acknowledged and counted once`, async () => {
    const world = await openMeteringWorld();
    const engine = world.engine();
    await engine.recorder.open();
    world.kv.script(fault);
    assertEquals((await engine.recorder.record(call(7))).kind, "committed");
    await world.kv.land();
    assertEquals((await engine.recorder.record(call(1))).kind, "committed");
    await engine.tick();
    assertEquals(await acknowledged(world.reader), 8n);
    await assertBooksBalance(world.reader);
    world.close();
  });
}

Deno.test("a call whose commit stays in doubt is answered unavailable and never blocks the next", async () => {
  const world = await openMeteringWorld();
  const engine = world.engine();
  await engine.recorder.record(call(1));
  world.kv.script("drop_before", "drop_before", "drop_before", "drop_before");
  assertEquals((await engine.recorder.record(call(100))).kind, "unavailable");
  assertEquals((await engine.recorder.record(call(2))).kind, "committed");
  await engine.tick();
  assertEquals(await acknowledged(world.reader), 3n);
  await assertBooksBalance(world.reader);
  world.close();
});

Deno.test("a doubtful commit that arrives after its place was taken changes nothing", async () => {
  const world = await openMeteringWorld();
  const engine = world.engine();
  await engine.recorder.record(call(1));
  world.kv.script("late", "late", "late", "late");
  assertEquals((await engine.recorder.record(call(100))).kind, "unavailable");
  assertEquals((await engine.recorder.record(call(2))).kind, "committed");
  await world.kv.land();
  await engine.recorder.record(call(4));
  await engine.tick();
  assertEquals(await acknowledged(world.reader), 7n);
  await assertBooksBalance(world.reader);
  world.close();
});

Deno.test("a doubtful commit that had arrived is counted once, in the books as in the totals", async () => {
  const world = await openMeteringWorld();
  const engine = world.engine();
  await engine.recorder.record(call(1));
  world.kv.beforeCommit = () => {
    world.kv.readsFail = true;
  };
  world.kv.script("drop_after");
  assertEquals((await engine.recorder.record(call(100))).kind, "unavailable");
  world.kv.beforeCommit = () => {};
  world.kv.readsFail = false;
  assertEquals((await engine.recorder.record(call(2))).kind, "committed");
  await engine.tick();
  assertEquals(await acknowledged(world.reader), 103n);
  await assertBooksBalance(world.reader);
  world.close();
});

Deno.test("an instance killed before its commit has promised nothing", async () => {
  const world = await openMeteringWorld();
  const killed = world.engine();
  await killed.recorder.open();
  const died = world.kv.holdAfter(0);
  let answered = false;
  killed.recorder.record(call(5)).then(() => {
    answered = true;
  });
  await died;
  world.kv.beforeCommit = () => {};
  world.clock.advance(5 * MINUTE);
  const heir = world.engine();
  await heir.flushDue();
  assert(!answered);
  assertEquals(await acknowledged(world.reader), 0n);
  await assertBooksBalance(world.reader);
  world.close();
});

Deno.test("a commit frozen on its way can't land after its instance was taken over", async () => {
  const world = await openMeteringWorld();
  const frozen = world.engine();
  await frozen.recorder.record(call(4));
  const { promise: thaw, resolve } = Promise.withResolvers<void>();
  const held = world.kv.holdAfter(0, thaw);
  const waiting = frozen.recorder.record(call(3));
  await held;
  world.kv.beforeCommit = () => {};
  world.clock.advance(5 * MINUTE);
  const heir = world.engine();
  await heir.flushDue();
  resolve();
  assertEquals((await waiting).kind, "unavailable");
  assertEquals((await frozen.recorder.record(call(2))).kind, "committed");
  await frozen.tick();
  for (let round = 0; round < 2; round++) {
    world.clock.advance(5 * MINUTE);
    await heir.flushDue();
  }
  assertEquals(await acknowledged(world.reader), 6n);
  assertEquals(delivered(world.provider), 6n);
  const left = [];
  for await (const { key } of world.kv.list({ prefix: ["log"] })) left.push(key);
  assertEquals(left.filter(([, instanceId]) => instanceId === "ins_0001"), []);
  await assertBooksBalance(world.reader);
  world.close();
});

Deno.test("a call decided under an older configuration is not counted", async () => {
  const world = await openMeteringWorld();
  const engine = world.engine();
  assertEquals((await engine.recorder.record(call(1))).kind, "committed");
  await world.kv.set(configEpochKey(), "moved");
  assertEquals((await engine.recorder.record(call(10))).kind, "config_changed");
  const { versionstamp } = await world.kv.get(configEpochKey());
  const both = await Promise.all([
    engine.recorder.record(call(20)),
    engine.recorder.record(call(2, { epoch: versionstamp })),
  ]);
  assertEquals(both.map(({ kind }) => kind), ["config_changed", "committed"]);
  assertEquals(await acknowledged(world.reader), 3n);
  world.close();
});

Deno.test("units that hang on no decision count once while the configuration moves", async () => {
  const world = await openMeteringWorld();
  const { recorder } = world.engine();
  let moves = 0;
  const epoch = async () => {
    const { versionstamp } = await world.kv.get(configEpochKey());
    if (moves < 3) await world.kv.set(configEpochKey(), `moved ${++moves}`);
    return versionstamp;
  };
  const outcome = await recordUnderNewest({ entries: [entry(7)] }, { recorder, epoch });
  assertEquals(outcome.kind, "committed");
  assertEquals(moves, 3);
  assertEquals(await acknowledged(world.reader), 7n);
  world.close();
});

Deno.test("an idempotency key counts once, also when duplicates arrive together", async () => {
  const world = await openMeteringWorld();
  const engine = world.engine();
  const requests = Array.from(
    { length: 5 },
    () => engine.recorder.record(call(3, { reply: reply("k1") })),
  );
  const kinds = (await Promise.all(requests)).map(({ kind }) => kind);
  assertEquals(kinds.filter((kind) => kind === "committed").length, 1);
  assertEquals(kinds.filter((kind) => kind === "replayed").length, 4);
  const again = await world.engine().recorder.record(call(3, { reply: reply("k1") }));
  assertEquals(again, { kind: "replayed", reply: reply("k1") });
  assertEquals(await acknowledged(world.reader), 3n);
  world.close();
});

Deno.test("a retry after a lost reply is replayed and billed once", async () => {
  const world = await openMeteringWorld();
  const engine = world.engine();
  await engine.recorder.open();
  world.kv.script("drop_after");
  assertEquals(
    (await engine.recorder.record(call(3, { reply: reply("k1", "first") }))).kind,
    "committed",
  );
  const retry = await engine.recorder.record(call(3, { reply: reply("k1", "second") }));
  assertEquals(retry.kind === "replayed" && retry.reply.body, "first");
  assertEquals(await acknowledged(world.reader), 3n);
  world.close();
});

Deno.test("an expired reply is replaced by the next call with its key", async () => {
  const world = await openMeteringWorld();
  const engine = world.engine();
  const old = { ...reply("k1"), expiresAtMs: world.clock.nowMs() + MINUTE };
  await engine.recorder.record(call(3, { reply: old }));
  world.clock.advance(2 * MINUTE);
  const found = await world.idempotency.find({ tenantId: "acme", idempotencyKey: "k1" });
  assert(found !== null);
  const next = { ...reply("k1"), body: "new" };
  const outcome = await engine.recorder.record(
    call(3, { reply: next, replaces: found.versionstamp }),
  );
  assertEquals(outcome.kind, "committed");
  assertEquals(await acknowledged(world.reader), 6n);
  world.close();
});

Deno.test("a usage event counts once per tenant, source and id", async () => {
  const world = await openMeteringWorld();
  const engine = world.engine();
  const event = { tenantId: "acme", source: "s", id: "1", expiresAtMs: FOREVER };
  const kinds = [];
  for (const change of [{}, {}, { id: "2" }, { source: "t" }, { tenantId: "other" }]) {
    const outcome = await engine.recorder.record(call(1, { event: { ...event, ...change } }));
    kinds.push(outcome.kind);
  }
  assertEquals(kinds, ["committed", "duplicate_event", "committed", "committed", "committed"]);
  assertEquals(await acknowledged(world.reader), 4n);
  world.close();
});

Deno.test("a duplicate in a batch leaves the other calls of the batch counted", async () => {
  const world = await openMeteringWorld();
  const engine = world.engine();
  await engine.recorder.record(call(1, { reply: reply("taken") }));
  const outcomes = await Promise.all([
    engine.recorder.record(call(10)),
    engine.recorder.record(call(1, { reply: reply("taken") })),
    engine.recorder.record(call(20, { reply: reply("free") })),
  ]);
  assertEquals(outcomes.map(({ kind }) => kind), ["committed", "replayed", "committed"]);
  assertEquals(await acknowledged(world.reader), 31n);
  world.close();
});

Deno.test("a flood of used keys holds up no honest call", async () => {
  const world = await openMeteringWorld({ ringSize: 512 });
  const engine = world.engine();
  await engine.recorder.record(call(1, { reply: reply("used") }));
  const outcomes = await Promise.all(
    Array.from({ length: 200 }, (_, index) =>
      engine.recorder.record(
        call(1, { reply: reply(index % 2 === 0 ? "used" : `honest ${index}`) }),
      )),
  );
  const honest = outcomes.filter((_, index) => index % 2 === 1);
  assertEquals(committed(honest), 100);
  assertEquals(await acknowledged(world.reader), 101n);
  world.close();
});

Deno.test("a full log is folded before it is written again", async () => {
  const world = await openMeteringWorld({ ringSize: 4 });
  const engine = world.engine();
  for (let units = 1; units <= 30; units++) {
    assertEquals((await engine.recorder.record(call(units))).kind, "committed");
  }
  assertEquals(await acknowledged(world.reader), 465n);
  await assertBooksBalance(world.reader);
  world.close();
});

Deno.test("without its store an instance answers unavailable, and serves again when it is back", async () => {
  const world = await openMeteringWorld();
  const engine = world.engine();
  await engine.recorder.record(call(1));
  world.kv.readsFail = true;
  world.kv.script(...Array.from({ length: 20 }, () => "drop_before" as const));
  const down = await Promise.all([1, 2, 3].map((units) => engine.recorder.record(call(units))));
  assertEquals(committed(down), 0);
  world.kv.readsFail = false;
  for (let attempt = 0; attempt < 20; attempt++) {
    const outcome = await engine.recorder.record(call(5));
    if (outcome.kind === "committed") break;
  }
  assertEquals(await acknowledged(world.reader), 6n);
  await assertBooksBalance(world.reader);
  world.close();
});

Deno.test("a batch too large for one value is spread over several commits", async () => {
  const world = await openMeteringWorld({ ringSize: 512 });
  const engine = world.engine();
  const outcomes = await Promise.all(
    Array.from({ length: 1_500 }, (_, index) =>
      engine.recorder.record(call(1, {
        entry: {
          tenantId: `tenant_${"é".repeat(40)}_${index}`,
          keyId: `key_${"x".repeat(40)}_${index}`,
        },
      }))),
  );
  assertEquals(committed(outcomes), 1_500);
  await engine.tick();
  const books = await world.reader.books();
  assertEquals(books.length, 1_500);
  await assertBooksBalance(world.reader);
  world.close();
});

Deno.test("a reply of many parts comes back as it was", async () => {
  const world = await openMeteringWorld();
  const engine = world.engine();
  const body = "Zürich ☕ ".repeat(18_000);
  await engine.recorder.record(call(1, { reply: reply("long", body) }));
  const found = await world.idempotency.find({ tenantId: "acme", idempotencyKey: "long" });
  assertEquals(found?.value.body, body);
  world.close();
});

Deno.test("units out of range never enter the log", async () => {
  const world = await openMeteringWorld();
  const { recorder } = world.engine();
  for (const units of [0n, -1n, 2n ** 53n]) {
    assertThrows(() => recorder.record(call(units)));
  }
  assertEquals((await recorder.record(call(2n ** 53n - 1n))).kind, "committed");
  world.close();
});

Deno.test("units leased by another instance are not served by this one", async () => {
  const world = await openMeteringWorld();
  const engine = world.engine();
  const ring = await engine.recorder.open();
  const outcomes = await Promise.all([
    engine.recorder.record(call(1, { entry: { leasedBy: "ins_other" } })),
    engine.recorder.record(call(2, { entry: { leasedBy: ring.instanceId } })),
  ]);
  assertEquals(outcomes.map(({ kind }) => kind), ["config_changed", "committed"]);
  world.close();
});

Deno.test("one entry per attribution: a batch of equal calls is one line in its segment", async () => {
  const world = await openMeteringWorld();
  const engine = world.engine();
  await engine.recorder.open();
  await Promise.all(
    [1, 2, 3].map((units) =>
      engine.recorder.record({
        epoch: null,
        entries: [entry(units), entry(units, { keyId: "key_2" })],
      })
    ),
  );
  await engine.tick();
  world.clock.advance(2 * MINUTE);
  await engine.flushDue();
  assertEquals(delivered(world.provider), 12n);
  world.close();
});
