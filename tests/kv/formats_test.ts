/** Two builds on one database: values say which form they have, and an older build leaves newer ones alone. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { checkForm, NewerForm } from "@/lib/kv/formats.ts";
import type { KvLike } from "@/lib/kv/kv_like.ts";
import { createTimedKv } from "@/lib/kv/timed_kv.ts";
import { minuteOf } from "@/lib/domain/window.ts";
import { CountingIds, FixedClock } from "@/tests/support/fixed_effects.ts";
import { dumpDifference, dumpKv } from "@/tests/support/kv_dump.ts";
import {
  acknowledged,
  assertBooksBalance,
  call,
  delivered,
  ManualScheduler,
  MINUTE,
  openMeteringWorld,
  PERIOD,
} from "@/tests/support/metering_world.ts";
import { RewritingKv } from "@/tests/support/rewriting_kv.ts";

const NEWER = 2;

function timed(kv: KvLike): KvLike {
  const clock = new FixedClock();
  return createTimedKv(kv, { scheduler: new ManualScheduler(clock), ids: new CountingIds() });
}

/** A build whose values have the next form: other names for everything, and `v` says so. */
function nextBuild(kv: KvLike): KvLike {
  return new RewritingKv(kv, {
    atomic: (atomic) => ({
      ...atomic,
      mutations: atomic.mutations.map((mutation) =>
        mutation.type === "set" && isForm(mutation.value, 1)
          ? { ...mutation, value: { v: NEWER, renamed: mutation.value } }
          : mutation
      ),
    }),
    entry: (entry) =>
      entry.value !== null && isForm(entry.value, NEWER)
        ? { ...entry, value: Reflect.get(Object(entry.value), "renamed") }
        : entry,
  });
}

function isForm(value: unknown, form: number): boolean {
  return typeof value === "object" && value !== null && "v" in value && value.v === form;
}

Deno.test("a value of a newer form is refused by every way of reading it, others pass", async () => {
  const raw = await Deno.openKv(":memory:");
  const kv = timed(raw);
  await raw.set(["outbox", "a"], { v: 1, units: 1n });
  await raw.set(["outbox", "b"], { v: NEWER, quantity: 1n });
  await raw.set(["tenant", "old"], { name: "without a form" });
  await raw.set(["note", "v"], { v: "a word of its own" });
  await raw.set(["sum"], new Deno.KvU64(2n));
  for (const key of [["outbox", "a"], ["tenant", "old"], ["note", "v"], ["sum"], ["none"]]) {
    await kv.get(key);
  }
  await assertRejects(() => kv.get(["outbox", "b"]), NewerForm, "A stored outbox has form 2");
  await assertRejects(() => kv.getMany([["outbox", "a"], ["outbox", "b"]]), NewerForm);
  const listed: unknown[] = [];
  await assertRejects(async () => {
    for await (const { key } of kv.list({ prefix: ["outbox"] })) listed.push(key[1]);
  }, NewerForm);
  assertEquals(listed, ["a"]);
  checkForm({ key: ["a"], value: null });
  raw.close();
});

Deno.test("old and new builds on one database lose and double nothing: each does what it can read", async () => {
  const raw = await Deno.openKv(":memory:");
  const world = await openMeteringWorld({ kv: timed(raw) });
  const { clock, provider, reader } = world;
  const old = world.engine();
  await old.recorder.record(call(3));
  await old.tick();

  const fresh = world.engine({ kv: nextBuild(raw) });
  await fresh.recorder.record(call(5));
  await fresh.tick();
  clock.advance(3 * MINUTE);
  // The older build can't tell what the newer one has written, and says so in place of guessing.
  await assertRejects(() => old.flushDue(), NewerForm);
  await fresh.flushDue();
  clock.advance(3 * MINUTE);
  await fresh.flushDue();
  assertEquals(delivered(provider), 8n);

  // A rollback: the newer build stops, and leaves its log to whoever can read it.
  await fresh.recorder.record(call(7));
  const before = await dumpKv(raw, { without: ["ring_lease"] });
  clock.advance(10 * MINUTE);
  await assertRejects(() => old.flushDue(), NewerForm);
  assertEquals(dumpDifference(before, await dumpKv(raw, { without: ["ring_lease"] })), []);
  const again = world.engine({ kv: nextBuild(raw) });
  await again.flushDue();
  clock.advance(3 * MINUTE);
  await again.flushDue();
  assertEquals(delivered(provider), 15n);
  const newReader = (await openMeteringWorld({ kv: nextBuild(raw) })).reader;
  await assertBooksBalance(newReader);
  assertEquals(await acknowledged(newReader), 15n);
  assert(reader !== newReader);
  world.close();
});

Deno.test("what the first build wrote is read: a log, an entry of the outbox, a reply", async () => {
  const world = await openMeteringWorld();
  const { kv, clock } = world;
  const [atMs, line] = [clock.nowMs(), ["acme", "risk_score", "growth@1", PERIOD]];
  const cursor = { v: 1, fromSeq: 0, toSeq: 0, done: 0, foldedUnits: 0n };
  await kv.set(["ring", "ins_first"], { v: 1 });
  await kv.set(["ring_cursor", "ins_first"], cursor);
  await kv.set(["ring_lease", "ins_first"], atMs);
  const entries = [[...line, "key_1", 4n, 0]];
  await kv.set(["log", "ins_first", 0], { v: 1, seq: 0, mark: 1, at: atMs, sum: 4n, entries });
  const entry = {
    v: 1,
    tenantId: "acme",
    meter: "risk_score",
    planRevision: "growth@1",
    periodId: PERIOD,
    entryId: "e_first",
    identifier: "e_first",
    eventName: "risk_score",
    stripeCustomerId: "cus_acme",
    units: 9n,
    timestampMs: minuteOf(atMs) - 5 * MINUTE,
    sealedAtMs: atMs,
    state: "ready",
    reason: null,
    attempts: 0,
    firstAttemptAtMs: null,
    lastAttemptAtMs: null,
    nextAttemptAtMs: atMs,
    burnt: false,
    claim: null,
    decision: null,
  };
  const [tenantId, meter, planRevision, periodId] = line;
  await kv.set(["outbox", tenantId ?? "", PERIOD, meter ?? "", "growth@1", "e_first"], entry);
  const place = {
    line: { tenantId, meter, planRevision, periodId },
    timestampMs: entry.timestampMs,
  };
  await kv.set(["outbox_index", "e_first"], place);
  const stored = {
    requestHash: "h",
    status: 201,
    headers: [["a", "b"]] as [string, string][],
    expiresAtMs: atMs + 1,
  };
  const body = new TextEncoder().encode("{}");
  await kv.set(["reply", "acme", "once"], { v: 1, ...stored, body, parts: 1 });

  const engine = world.engine();
  clock.advance(5 * MINUTE);
  await engine.flushDue();
  assertEquals(delivered(world.provider), 13n);
  const reply = await world.idempotency.find({ tenantId: "acme", idempotencyKey: "once" });
  assertEquals(reply?.value, { tenantId: "acme", idempotencyKey: "once", ...stored, body: "{}" });
  world.close();
});
