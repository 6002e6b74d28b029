import { assert, assertEquals } from "@std/assert";
import { confirm } from "@/lib/metering/confirm.ts";
import { resolveDoubt, retryHeld, writeOff } from "@/lib/metering/outbox_actions.ts";
import { createOutboxStore } from "@/lib/kv/outbox_store.ts";
import type { MeteringEngine } from "@/lib/metering/engine.ts";
import { LOST_REPLY, NEVER_ARRIVED } from "@/tests/support/scripted_provider.ts";
import {
  assertBooksBalance,
  billable,
  call,
  delivered,
  HOUR,
  type MeteringWorld,
  MINUTE,
  openMeteringWorld,
} from "@/tests/support/metering_world.ts";

const AUTHOR = { author: "olga", reason: "seen in the dashboard" };

function actions(world: MeteringWorld, engine: MeteringEngine) {
  return {
    outbox: createOutboxStore({ kv: world.kv, databaseEpoch: "epoch" }),
    sealer: engine.sealer,
    targets: {
      target: ({ tenantId, meter }: { tenantId: string; meter: string }) =>
        Promise.resolve(billable(tenantId, meter)),
    },
    clock: world.clock,
    provider: world.provider,
  };
}

/** An engine with one sealed entry of 7 units, not sent yet. */
async function withEntry(
  tenantId = "acme",
): Promise<{ world: MeteringWorld; engine: MeteringEngine }> {
  const world = await openMeteringWorld();
  const engine = world.engine();
  await engine.recorder.record(call(7, { entry: { tenantId } }));
  await engine.tick();
  world.clock.advance(3 * MINUTE);
  await engine.sealer.sealDue();
  return { world, engine };
}

async function only(world: MeteringWorld) {
  for (const state of [undefined, "sent", "confirmed", "written_off"] as const) {
    const page = await world.reader.outbox({ limit: 2, ...(state === undefined ? {} : { state }) });
    if (page.entries.length > 0) {
      assertEquals(page.entries.length, 1);
      const [entry] = page.entries;
      if (entry !== undefined) return entry;
    }
  }
  throw new Error("There is no entry");
}

async function flushUntil(
  { world, engine }: { world: MeteringWorld; engine: MeteringEngine },
  rounds: number,
  stepMs: number,
): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    world.clock.advance(stepMs);
    await engine.flushDue();
    await assertBooksBalance(world.reader);
  }
}

Deno.test("after a lost reply the same identifier is sent again and the units count once", async () => {
  const { world, engine } = await withEntry();
  world.provider.script("cus_acme", LOST_REPLY);
  await engine.flushDue();
  assertEquals((await only(world)).state, "in_flight");
  await flushUntil({ world, engine }, 2, 10 * MINUTE);
  assertEquals((await only(world)).state, "sent");
  assertEquals(delivered(world.provider), 7n);
  const [first, second] = world.provider.attempts;
  assertEquals(first?.identifier, second?.identifier);
  assertEquals([first?.attempt, second?.attempt], [1, 2], "the Idempotency-Key rotates");
  world.close();
});

Deno.test("the first attempt is on record before it starts, so a crash in it can't double it", async () => {
  const { world, engine } = await withEntry();
  await new Promise<void>((arrived) => {
    world.provider.afterEffect = () => {
      arrived();
      return new Promise(() => {});
    };
    engine.sender.sendDue();
  });
  const entry = await only(world);
  assertEquals([entry.state, entry.attempts], ["in_flight", 1]);
  assertEquals(entry.firstAttemptAtMs, world.clock.nowMs());
  world.provider.afterEffect = () => {};
  const heir = world.engine();
  await heir.sender.sendDue();
  assertEquals(world.provider.attempts.length, 1, "an attempt under way is left alone");
  await flushUntil({ world, engine: heir }, 1, 2 * MINUTE);
  assertEquals((await only(world)).state, "sent");
  assertEquals(delivered(world.provider), 7n);
  world.close();
});

for (const fault of ["drop_before", "drop_after", "repeat", "late"] as const) {
  for (const position of [0, 1]) {
    Deno.test(`commit ${position + 1} of a send may meet ${fault}: delivered once, marked once`, async () => {
      const { world, engine } = await withEntry();
      world.kv.script(...Array.from({ length: position }, () => "pass" as const), fault);
      await engine.sender.sendDue();
      await world.kv.land();
      await flushUntil({ world, engine }, 3, 2 * MINUTE);
      assertEquals((await only(world)).state, "sent");
      assertEquals(delivered(world.provider), 7n);
      assertEquals((await world.reader.books())[0]?.sent, 7n);
      world.close();
    });
  }
}

Deno.test("an instance that may not push folds and seals, and leaves every call to Stripe to those that may", async () => {
  const { world } = await withEntry();
  const preview = world.engine({ sending: false });
  await preview.recorder.record(call(5));
  for (let round = 0; round < 4; round++) {
    const report = await preview.flushDue();
    assertEquals(report.sent, 0);
    world.clock.advance(20 * HOUR);
  }
  assertEquals([world.provider.attempts, world.provider.accepted], [[], []]);
  await flushUntil({ world, engine: world.engine() }, 3, 2 * MINUTE);
  assertEquals(delivered(world.provider), 12n);
  await assertBooksBalance(world.reader);
  world.close();
});

Deno.test("four senders at once deliver each entry once", async () => {
  const world = await openMeteringWorld();
  const engine = world.engine();
  for (let minute = 0; minute < 5; minute++) {
    for (const tenantId of ["a", "b", "c"]) {
      await engine.recorder.record(call(minute + 1, { entry: { tenantId } }));
    }
    await engine.tick();
    world.clock.advance(MINUTE);
  }
  world.clock.advance(MINUTE);
  await engine.sealer.sealDue();
  const senders = [engine, world.engine(), world.engine(), world.engine()];
  for (let round = 0; round < 8; round++) {
    await Promise.all(senders.map(({ sender }) => sender.sendDue()));
    world.clock.advance(2 * MINUTE);
  }
  for (const tenantId of ["a", "b", "c"]) assertEquals(delivered(world.provider, tenantId), 15n);
  assertEquals(world.provider.accepted.length, 15);
  await assertBooksBalance(world.reader);
  world.close();
});

Deno.test("one customer never has two sends under way", async () => {
  const world = await openMeteringWorld();
  const engine = world.engine();
  for (let minute = 0; minute < 4; minute++) {
    await engine.recorder.record(call(1));
    await engine.tick();
    world.clock.advance(MINUTE);
  }
  world.clock.advance(MINUTE);
  await engine.sealer.sealDue();
  let underWay = 0;
  let most = 0;
  world.provider.afterEffect = async () => {
    underWay += 1;
    most = Math.max(most, underWay);
    await new Promise((resolve) => setTimeout(resolve));
    underWay -= 1;
  };
  const senders = [engine, world.engine(), world.engine()];
  await Promise.all(senders.map(({ sender }) => sender.sendDue()));
  assertEquals(most, 1);
  world.close();
});

Deno.test("a doubt older than 23 hours is settled by the provider's summary: it had arrived", async () => {
  const { world, engine } = await withEntry();
  world.provider.script("cus_acme", LOST_REPLY);
  await engine.flushDue();
  await flushUntil({ world, engine }, 2, 26 * HOUR);
  assertEquals((await only(world)).state, "sent");
  assertEquals(world.provider.attempts.length, 1, "never resent blindly");
  assertEquals(delivered(world.provider), 7n);
  world.close();
});

Deno.test("a doubt older than 23 hours is settled by the provider's summary: it had not arrived", async () => {
  const { world, engine } = await withEntry();
  world.provider.script("cus_acme", NEVER_ARRIVED);
  await engine.flushDue();
  await flushUntil({ world, engine }, 1, 26 * HOUR);
  assertEquals((await only(world)).state, "doubtful");
  await flushUntil({ world, engine }, 3, 2 * HOUR);
  assertEquals((await only(world)).state, "sent");
  assertEquals(delivered(world.provider), 7n);
  world.close();
});

Deno.test("a doubt waits while summaries can't be read", async () => {
  const { world, engine } = await withEntry();
  world.provider.script("cus_acme", LOST_REPLY);
  await engine.flushDue();
  world.provider.summariesFail = true;
  await flushUntil({ world, engine }, 3, 26 * HOUR);
  assertEquals((await only(world)).state, "doubtful");
  world.provider.summariesFail = false;
  await flushUntil({ world, engine }, 1, HOUR);
  assertEquals((await only(world)).state, "sent");
  assertEquals(delivered(world.provider), 7n);
  world.close();
});

Deno.test("outages of 25 to 65 hours end with every unit billed once", async () => {
  for (const hours of [25, 40, 65]) {
    for (const arrived of [true, false]) {
      const { world, engine } = await withEntry();
      world.provider.script("cus_acme", arrived ? LOST_REPLY : NEVER_ARRIVED);
      world.provider.script("cus_acme", ...Array.from({ length: 3 }, () => NEVER_ARRIVED));
      await engine.flushDue();
      await flushUntil({ world, engine }, hours, HOUR);
      await flushUntil({ world, engine }, 8, 2 * HOUR);
      assertEquals(delivered(world.provider), 7n, `${hours} h, ${arrived}`);
      world.close();
    }
  }
});

Deno.test("an identifier that is taken before our first attempt hides no units", async () => {
  const { world, engine } = await withEntry();
  const exists = { effect: false, outcome: { kind: "already_exists" } } as const;
  world.provider.script("cus_acme", exists);
  await engine.flushDue();
  assertEquals((await only(world)).state, "doubtful");
  await flushUntil({ world, engine }, 2, 2 * HOUR);
  const held = await only(world);
  assertEquals([held.state, held.reason], ["held", "identifier_collision"]);
  const retried = await retryHeld({ entryId: held.entryId, ...AUTHOR }, actions(world, engine));
  assert(retried.ok);
  await flushUntil({ world, engine }, 1, MINUTE);
  assertEquals(delivered(world.provider), 7n);
  assert((await only(world)).identifier !== held.identifier);
  world.close();
});

Deno.test("an identifier that a refused event has used up hides no units once their absence is proven", async () => {
  const { world, engine } = await withEntry();
  const { provider, clock } = world;
  const refused = { kind: "refused", code: "parameter_invalid", detail: "" } as const;
  provider.script("cus_acme", LOST_REPLY, { effect: false, outcome: refused });
  await engine.flushDue();
  // Stripe drops what it had accepted, and its word on that is late; the next attempt is refused.
  const { identifier, units } = await only(world);
  provider.dropAccepted(identifier);
  await flushUntil({ world, engine }, 1, MINUTE);
  assertEquals((await only(world)).state, "held");
  assert((await retryHeld({ entryId: identifier, ...AUTHOR }, actions(world, engine))).ok);
  await flushUntil({ world, engine }, 4, HOUR + MINUTE);
  const held = await only(world);
  assertEquals(
    [held.state, held.reason],
    ["held", "identifier_collision"],
    "nothing passes for sent",
  );
  assert((await retryHeld({ entryId: identifier, ...AUTHOR }, actions(world, engine))).ok);
  clock.advance(MINUTE);
  await engine.flushDue();
  assertEquals(delivered(provider), units);
  await assertBooksBalance(world.reader);
  world.close();
});

Deno.test("a refusal holds the entry with its reason, and holds up nobody else", async () => {
  const world = await openMeteringWorld();
  const engine = world.engine();
  for (const tenantId of ["bad", "good"]) {
    await engine.recorder.record(call(7, { entry: { tenantId } }));
  }
  await engine.tick();
  world.clock.advance(3 * MINUTE);
  const refused = {
    effect: false,
    outcome: { kind: "refused", code: "meter_event_customer_not_found", detail: "gone" },
  } as const;
  world.provider.script("cus_bad", refused);
  const report = await engine.flushDue();
  assertEquals([report.sent, report.held], [1, 1]);
  const [held] = (await world.reader.outbox({ state: "held", limit: 5 })).entries;
  assertEquals(held?.reason, "meter_event_customer_not_found");
  await flushUntil({ world, engine }, 2, HOUR);
  assertEquals(delivered(world.provider, "bad"), 0n);
  assert(held !== undefined);
  const retried = await retryHeld({ entryId: held.entryId, ...AUTHOR }, actions(world, engine));
  assert(retried.ok);
  await flushUntil({ world, engine }, 1, MINUTE);
  assertEquals(delivered(world.provider, "bad"), 7n);
  world.close();
});

Deno.test("wrong credentials stop the sender; nothing is lost and it goes on when they are right", async () => {
  const world = await openMeteringWorld();
  const engine = world.engine();
  for (let index = 0; index < 40; index++) {
    await engine.recorder.record(call(1, { entry: { tenantId: `t${index}` } }));
  }
  await engine.tick();
  world.clock.advance(3 * MINUTE);
  const wrong = { effect: false, outcome: { kind: "unauthorized", detail: "bad key" } } as const;
  for (let index = 0; index < 40; index++) world.provider.script(`cus_t${index}`, wrong);
  const report = await engine.flushDue();
  assert(report.unauthorized);
  assert(world.provider.attempts.length < 40, `${world.provider.attempts.length} attempts`);
  await flushUntil({ world, engine }, 10, 5 * MINUTE);
  assertEquals(world.provider.accepted.length, 40);
  world.close();
});

Deno.test("a throttled send waits as long as it is told", async () => {
  const { world, engine } = await withEntry();
  const throttled = {
    effect: false,
    outcome: { kind: "throttled", retryAfterMs: 5 * MINUTE },
  } as const;
  world.provider.script("cus_acme", throttled);
  await engine.flushDue();
  await flushUntil({ world, engine }, 3, MINUTE);
  assertEquals(world.provider.attempts.length, 1);
  await flushUntil({ world, engine }, 1, 3 * MINUTE);
  assertEquals(delivered(world.provider), 7n);
  world.close();
});

Deno.test("an attempt that does not start soon after its claim is left to the next sender", async () => {
  for (const [seconds, attempts] of [[30, 1], [31, 0]] as const) {
    const { world, engine } = await withEntry();
    world.kv.beforeCommit = () => {
      world.kv.beforeCommit = () => {};
      world.clock.advance(seconds * 1_000);
    };
    await engine.sender.sendDue();
    assertEquals(world.provider.attempts.length, attempts, `after ${seconds} s`);
    await flushUntil({ world, engine }, 2, 2 * MINUTE);
    assertEquals([delivered(world.provider), world.provider.attempts.length], [7n, 1]);
    await assertBooksBalance(world.reader);
    world.close();
  }
});

Deno.test("a provider that does not answer is asked once per customer and flush", async () => {
  const { world, engine } = await withEntry();
  for (let count = 0; count < 3; count++) {
    await engine.recorder.record(call(5));
    await engine.tick();
    world.clock.advance(3 * MINUTE);
  }
  await engine.sealer.sealDue();
  world.provider.script("cus_acme", NEVER_ARRIVED, NEVER_ARRIVED, NEVER_ARRIVED, NEVER_ARRIVED);
  await engine.sender.sendDue();
  assertEquals(world.provider.attempts.length, 1);
  world.close();
});

Deno.test("a minute that holds more than its entry is for a person: nothing is taken for delivered", async () => {
  const { world, engine } = await withEntry();
  world.provider.script("cus_acme", NEVER_ARRIVED);
  await engine.flushDue();
  const { timestampMs, eventName, stripeCustomerId } = await only(world);
  const foreign = { eventName, stripeCustomerId, timestampMs, identifier: "other", attempt: 1 };
  world.provider.accepted.push({ ...foreign, units: 8n });
  await flushUntil({ world, engine }, 2, 26 * HOUR);
  const held = await only(world);
  assertEquals([held.state, held.reason], ["held", "summary_differs"]);
  assertEquals((await world.reader.books())[0]?.sent, 0n);
  // Sending it again does not help, as long as the minute is not its own.
  assert((await retryHeld({ entryId: held.entryId, ...AUTHOR }, actions(world, engine))).ok);
  await flushUntil({ world, engine }, 2, 2 * HOUR);
  assertEquals((await only(world)).reason, "summary_differs");
  world.close();
});

Deno.test("an entry that waits for its next attempt holds up no other of its customer", async () => {
  const { world, engine } = await withEntry();
  await engine.recorder.record(call(5));
  await engine.tick();
  world.clock.advance(3 * MINUTE);
  await engine.sealer.sealDue();
  const throttled = { kind: "throttled", retryAfterMs: 10 * MINUTE } as const;
  world.provider.script("cus_acme", { effect: false, outcome: throttled });
  await engine.sender.sendDue();
  assertEquals(delivered(world.provider), 0n);
  await engine.sender.sendDue();
  assertEquals(delivered(world.provider), 5n);
  await flushUntil({ world, engine }, 1, 11 * MINUTE);
  assertEquals(delivered(world.provider), 12n);
  await assertBooksBalance(world.reader);
  world.close();
});

Deno.test("what the provider refuses after accepting it is held, and a retry gets a new identifier", async () => {
  const { world, engine } = await withEntry();
  await engine.flushDue();
  const sent = await only(world);
  world.provider.dropAccepted(sent.identifier);
  const refusal = { identifier: sent.identifier, code: "no_meter", detail: "no such meter" };
  assertEquals(await engine.reject(refusal), "rejected");
  assertEquals(await engine.reject(refusal), "rejected", "reports come twice");
  assertEquals(await engine.reject({ ...refusal, identifier: "cm_other" }), "unknown");
  await assertBooksBalance(world.reader);
  const held = await only(world);
  assertEquals([held.state, held.reason], ["held", "no_meter"]);
  const [line] = await world.reader.books();
  assertEquals([line?.sent, line?.rejected, line?.outbox], [7n, 7n, 7n]);
  assert((await retryHeld({ entryId: held.entryId, ...AUTHOR }, actions(world, engine))).ok);
  await flushUntil({ world, engine }, 1, MINUTE);
  assertEquals(delivered(world.provider), 7n);
  const [after] = await world.reader.books();
  assertEquals([after?.sent, after?.rejected, after?.outbox], [14n, 7n, 0n]);
  world.close();
});

Deno.test("a refusal that comes while its entry is held uses its identifier up, and no unit is lost", async () => {
  const { world, engine } = await withEntry();
  // The first attempt arrives unheard, the second is told no; then Stripe refuses the first one, too.
  const no = { kind: "refused", code: "parameter_invalid", detail: "for a while" } as const;
  world.provider.script("cus_acme", LOST_REPLY, { effect: false, outcome: no });
  await flushUntil({ world, engine }, 2, MINUTE);
  const held = await only(world);
  assertEquals([held.state, held.reason, held.burnt], ["held", "parameter_invalid", false]);
  world.provider.dropAccepted(held.identifier);
  const refusal = { identifier: held.identifier, code: "no_meter", detail: "no such meter" };
  assertEquals(await engine.reject(refusal), "rejected");
  assertEquals(await engine.reject(refusal), "rejected", "reports come twice");
  await assertBooksBalance(world.reader);
  const burnt = await only(world);
  assertEquals([burnt.state, burnt.reason, burnt.burnt], ["held", "no_meter", true]);
  assert((await retryHeld({ entryId: held.entryId, ...AUTHOR }, actions(world, engine))).ok);
  await flushUntil({ world, engine }, 1, MINUTE);
  assertEquals(delivered(world.provider), 7n);
  await assertBooksBalance(world.reader);
  world.close();
});

Deno.test("a refusal of attempts that are proven not to have arrived says nothing of the present ones", async () => {
  const { world, engine } = await withEntry();
  const { identifier } = await only(world);
  const refusal = { identifier, code: "no_meter", detail: "" };
  const early = { ...refusal, refusedBeforeMs: world.clock.nowMs() };
  assertEquals(await engine.reject(early), "unknown", "nothing was ever sent");
  world.provider.script("cus_acme", NEVER_ARRIVED);
  await engine.flushDue();
  const refusedBeforeMs = world.clock.nowMs();
  await flushUntil({ world, engine }, 3, 26 * HOUR);
  assertEquals(delivered(world.provider), 7n);
  const { firstAttemptAtMs } = await only(world);
  assert(firstAttemptAtMs !== null);
  assertEquals(await engine.reject({ ...refusal, refusedBeforeMs }), "unknown");
  assertEquals((await only(world)).state, "sent");
  // Clocks may differ by five minutes.
  const before = (minutes: number) => ({
    ...refusal,
    refusedBeforeMs: firstAttemptAtMs - minutes * MINUTE,
  });
  assertEquals(await engine.reject(before(6)), "unknown");
  assertEquals(await engine.reject(before(5)), "rejected");
  await assertBooksBalance(world.reader);
  world.close();
});

Deno.test("a held entry of which an attempt may have arrived is looked up before it is sent again", async () => {
  const { world, engine } = await withEntry();
  const no = { kind: "refused", code: "parameter_invalid", detail: "for a while" } as const;
  world.provider.script("cus_acme", LOST_REPLY, { effect: false, outcome: no });
  await flushUntil({ world, engine }, 2, MINUTE);
  const { entryId, state } = await only(world);
  assertEquals(state, "held");
  // By now the provider has forgotten the identifier.
  world.clock.advance(26 * HOUR);
  assert((await retryHeld({ entryId, ...AUTHOR }, actions(world, engine))).ok);
  await flushUntil({ world, engine }, 3, HOUR);
  assertEquals([(await only(world)).state, delivered(world.provider)], ["sent", 7n]);
  assertEquals(world.provider.attempts.length, 2);
  await assertBooksBalance(world.reader);
  world.close();
});

Deno.test("writing off needs a name and a reason, and the books show it", async () => {
  const { world, engine } = await withEntry();
  const refused = {
    effect: false,
    outcome: { kind: "refused", code: "no_meter", detail: "" },
  } as const;
  world.provider.script("cus_acme", refused);
  await engine.flushDue();
  const { entryId } = await only(world);
  const deps = actions(world, engine);
  const nameless = await writeOff({ entryId, author: "olga", reason: " " }, deps);
  assertEquals(!nameless.ok && nameless.error.code, "reason_missing");
  assert((await writeOff({ entryId, ...AUTHOR }, deps)).ok);
  const again = await writeOff({ entryId, ...AUTHOR }, deps);
  assertEquals(!again.ok && again.error.code, "wrong_state");
  const [line] = await world.reader.books();
  assertEquals([line?.writtenOff, line?.outbox], [7n, 0n]);
  await assertBooksBalance(world.reader);
  world.close();
});

Deno.test("a person may settle a doubt by name", async () => {
  const { world, engine } = await withEntry();
  world.provider.script("cus_acme", LOST_REPLY);
  await engine.flushDue();
  world.provider.summariesFail = true;
  await flushUntil({ world, engine }, 1, 26 * HOUR);
  const { entryId } = await only(world);
  const settled = await resolveDoubt(
    { entryId, delivered: true, ...AUTHOR },
    actions(world, engine),
  );
  assert(settled.ok);
  const entry = await only(world);
  assertEquals([entry.state, entry.decision?.author], ["sent", "olga"]);
  await assertBooksBalance(world.reader);
  world.close();
});

Deno.test("confirmation marks equal hours and reports unequal ones", async () => {
  const { world, engine } = await withEntry();
  await engine.flushDue();
  const { timestampMs, identifier } = await only(world);
  const range = { startMs: timestampMs, endMs: timestampMs + 1 };
  const deps = actions(world, engine);
  assertEquals((await confirm(range, deps)).confirmedEntries, 0, "summaries are not settled yet");
  // The hour in question ended at 13:00; an hour later its summary has settled.
  world.clock.atMs = Date.UTC(2026, 4, 15, 13, 59, 59, 999);
  assertEquals((await confirm(range, deps)).hours, 0, "nor 59 minutes after the hour");
  world.clock.advance(1);
  const [event] = world.provider.accepted;
  world.provider.dropAccepted(identifier);
  const differing = await confirm(range, deps);
  assertEquals(differing.differences.map(({ expected, summarized }) => [expected, summarized]), [[
    7n,
    0n,
  ]]);
  assert(event !== undefined);
  world.provider.accepted.push(event);
  assertEquals((await confirm(range, deps)).confirmedEntries, 1);
  assertEquals((await only(world)).state, "confirmed");
  const { outbox } = await world.reader.pipeline();
  assertEquals([outbox.confirmed.units, outbox.sent.units], [7n, 0n]);
  assertEquals((await world.reader.books())[0]?.confirmed, 7n);
  await assertBooksBalance(world.reader);
  world.close();
});

Deno.test("an entry too old for the provider is held, never sent into another period", async () => {
  const { world, engine } = await withEntry();
  await flushUntil({ world, engine: world.engine() }, 0, 0);
  world.clock.advance(36 * 24 * HOUR);
  await engine.flushDue();
  const entry = await only(world);
  assertEquals([entry.state, entry.reason], ["held", "timestamp_too_old"]);
  assertEquals(world.provider.attempts.length, 0);
  await assertBooksBalance(world.reader);
  world.close();
});
