/** The restore drill: a copy of the database, taken in the middle of the work, is served from again. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { createOutboxStore } from "@/lib/kv/outbox_store.ts";
import { createRestoreStore, databaseEpoch, RestoreUnfinished } from "@/lib/kv/database_epoch.ts";
import { ledgerKey, parkedKey, retiredUnitsKey } from "@/lib/kv/keys.ts";
import { createQuotaStore } from "@/lib/kv/quota_store.ts";
import { createUsageLog } from "@/lib/kv/usage_log.ts";
import { createUsageStore } from "@/lib/kv/usage_store.ts";
import { MeteringEngine } from "@/lib/metering/engine.ts";
import { resolveDoubt, retryHeld } from "@/lib/metering/outbox_actions.ts";
import { restore, type RestoreReport, surveyRestore } from "@/lib/metering/restore.ts";
import { createKvAuditLog } from "@/lib/kv/audit_store.ts";
import { OPERATOR_CHAIN } from "@/lib/ports/audit.ts";
import { parseArguments, reportText, restoreParts, surveyText } from "@/tools/restore.ts";
import { CountingIds, type FixedClock, MemoryLogger } from "@/tests/support/fixed_effects.ts";
import {
  acknowledged,
  assertBooksBalance,
  call,
  DAY,
  delivered,
  HOUR,
  type MeteringWorld,
  MINUTE,
  openMeteringWorld,
  PERIOD,
} from "@/tests/support/metering_world.ts";
import { ScriptedKv } from "@/tests/support/scripted_kv.ts";
import { NEVER_ARRIVED, type ScriptedProvider } from "@/tests/support/scripted_provider.ts";

const ACT = { actor: { kind: "system", id: "tests" }, ip: null, requestId: "req_1" } as const;
const TENANTS = ["acme", "bolt", "core"];
const LINE = { meter: "risk_score", planRevision: "growth@1", periodId: PERIOD };

interface Copied extends AsyncDisposable {
  /** The service that went on after the copy was made, and is gone now. */
  readonly lost: { readonly delivered: bigint; readonly acknowledged: bigint };
  /** What the copy knows of. */
  readonly acknowledged: bigint;
  readonly world: MeteringWorld;
  readonly kv: ScriptedKv;
  readonly clock: FixedClock;
  readonly provider: ScriptedProvider;
  drill(): Promise<RestoreReport>;
  engine(): Promise<MeteringEngine>;
}

function total(provider: ScriptedProvider): bigint {
  return TENANTS.reduce((sum, tenantId) => sum + delivered(provider, tenantId), 0n);
}

async function allAcknowledged(reader: MeteringWorld["reader"]): Promise<bigint> {
  let units = 0n;
  for (const tenantId of TENANTS) units += await acknowledged(reader, tenantId);
  return units;
}

/**
 * Units in each place of the pipeline, then a copy of the file; the original goes on (or can't reach
 * the provider any more), and is lost. The provider remembers what it got.
 */
async function copied({ goesOn = true } = {}): Promise<Copied> {
  const folder = await Deno.makeTempDir({ prefix: "restore_" });
  const [path, copyPath] = [`${folder}/kv.db`, `${folder}/copy.db`];
  const original = await openMeteringWorld({ path });
  await databaseEpoch(original.kv, "db_first");
  const { clock, provider } = original;
  const service = await engineOn(original, original.kv);
  // Sent; then an entry whose sending failed; a closed minute; the log.
  for (const units of [3n, 5n]) {
    for (const tenantId of TENANTS) {
      await service.recorder.record(call(units, { entry: { tenantId } }));
    }
    if (units === 5n) {
      for (const tenantId of TENANTS) provider.script(`cus_${tenantId}`, NEVER_ARRIVED);
    }
    await service.tick();
    clock.advance(2 * MINUTE);
    await service.flushDue();
  }
  for (const tenantId of TENANTS) await service.recorder.record(call(7n, { entry: { tenantId } }));
  await service.tick();
  clock.advance(MINUTE);
  for (const tenantId of TENANTS) await service.recorder.record(call(11n, { entry: { tenantId } }));
  const known = await allAcknowledged(original.reader);
  await backUp(path, copyPath);

  if (goesOn) {
    clock.advance(5_000);
    for (const tenantId of TENANTS) {
      await service.recorder.record(call(13n, { entry: { tenantId } }));
    }
    await flushFor(clock, service, { times: 6, stepMs: 2 * MINUTE });
  }
  const lost = { delivered: total(provider), acknowledged: await allAcknowledged(original.reader) };
  original.kv.close();

  clock.advance(10 * MINUTE);
  const opened = await openMeteringWorld({ path: copyPath });
  const log = createUsageLog({ kv: opened.kv, ringSize: 64 });
  // Time and the provider go on; only the database is another one.
  const reader = createUsageStore({ kv: opened.kv, log, clock });
  const world = { ...opened, clock, provider, reader };
  return {
    lost,
    acknowledged: known,
    world,
    kv: world.kv,
    clock,
    provider,
    drill: async () => {
      const { deps, withEpoch } = parts(world);
      const { epoch } = await deps.restores.state();
      const done = await restore(
        deps,
        { word: epoch ?? "", newEpoch: "db_second", act: ACT },
        withEpoch,
      );
      assert(done.ok, done.ok ? "" : done.error.detail);
      return done.value;
    },
    engine: () => engineOn(world, world.kv),
    async [Symbol.asyncDispose]() {
      world.kv.close();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** A consistent copy of a SQLite file that is in use, as nobody writes to it now. */
async function backUp(path: string, copyPath: string): Promise<void> {
  for (const suffix of ["", "-wal"]) {
    await Deno.copyFile(path + suffix, copyPath + suffix).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }
}

function parts(world: MeteringWorld) {
  return restoreParts({
    kv: world.kv,
    clock: world.clock,
    ids: new CountingIds(),
    logger: new MemoryLogger(),
    targets: { target: (line) => Promise.resolve(world.targets(line)) },
    ringSize: 64,
  });
}

let instances = 0;

async function engineOn(
  world: Pick<MeteringWorld, "clock" | "scheduler" | "provider" | "logger" | "targets">,
  kv: ScriptedKv,
): Promise<MeteringEngine> {
  const instance = ++instances;
  const counting = new CountingIds();
  return new MeteringEngine({
    log: createUsageLog({ kv, ringSize: 64 }),
    outbox: createOutboxStore({ kv, databaseEpoch: await databaseEpoch(kv, "db_other") }),
    quotas: createQuotaStore({ kv }),
    targets: { target: (line) => Promise.resolve(world.targets(line)) },
    provider: world.provider,
    clock: world.clock,
    ids: { next: (word) => `${counting.next(word)}_${instance}`, bytes: counting.bytes },
    scheduler: world.scheduler,
    logger: world.logger,
    windowMs: 5_000,
    durability: "commit",
    sending: true,
  });
}

async function flushFor(
  clock: FixedClock,
  engine: MeteringEngine,
  { times, stepMs, before = () => {} }: {
    readonly times: number;
    readonly stepMs: number;
    readonly before?: () => void;
  },
): Promise<void> {
  for (let time = 0; time < times; time++) {
    clock.advance(stepMs);
    before();
    await engine.flushDue();
  }
}

Deno.test("after a restore no new unit is hidden by an identifier that Stripe has, and none is billed twice", async () => {
  for (const downMs of [0, 20 * HOUR, 3 * DAY]) {
    await using copy = await copied();
    const { clock, provider, lost } = copy;
    // All that the original had acknowledged was billed before it was lost.
    assertEquals(lost.delivered, lost.acknowledged);
    clock.advance(downMs);
    const report = await copy.drill();
    assertEquals([report.oldEpoch, report.newEpoch], ["db_first", "db_second"]);
    assert(report.doubted > 0 && report.sealed > 0);

    const engine = await copy.engine();
    const epoch = (await copy.kv.get(["config_epoch"])).versionstamp;
    for (const tenantId of TENANTS) {
      const { kind } = await engine.recorder.record(call(17n, { entry: { tenantId }, epoch }));
      assertEquals(kind, "committed");
    }
    await flushFor(clock, engine, { times: 12, stepMs: 20 * MINUTE });
    assertEquals(total(provider), lost.delivered + 17n * 3n, `down for ${downMs} ms`);
    await assertBooksBalance(copy.world.reader);
    for (const tenantId of TENANTS) {
      const lines = await copy.world.reader.books({ tenantId });
      const sum = (pick: (line: typeof lines[number]) => bigint) =>
        lines.reduce((units, line) => units + pick(line), 0n);
      assertEquals(sum(({ sent }) => sent), sum(({ acknowledged }) => acknowledged), tenantId);
    }
    // What only the lost database knew is at Stripe, and its difference to our books is exact.
    assertEquals(lost.delivered - copy.acknowledged, 13n * 3n);
  }
});

Deno.test("units that the lost database never sent are sent by the restored one", async () => {
  for (const downMs of [0, 20 * HOUR]) {
    await using copy = await copied({ goesOn: false });
    const { clock, provider, lost } = copy;
    assert(lost.delivered < copy.acknowledged);
    // Until the moment of its loss the database may have sent what the copy holds.
    clock.advance(downMs);
    await copy.drill();
    const engine = await copy.engine();
    await flushFor(clock, engine, { times: 3, stepMs: 10 * MINUTE });
    assertEquals(
      total(provider),
      lost.delivered,
      "nothing is sent before the summaries have settled",
    );
    await flushFor(clock, engine, { times: 12, stepMs: 20 * MINUTE });
    assertEquals(total(provider), copy.acknowledged);
    await assertBooksBalance(copy.world.reader);
  }
});

Deno.test("what a drill seals has no identifier that the lost database gave to anything", async () => {
  await using copy = await copied();
  const { clock, provider, world } = copy;
  const sealedFrom = clock.nowMs();
  await copy.drill();
  const { entries } = await world.reader.outbox({ state: "doubtful", limit: 50 });
  const own = entries.filter(({ sealedAtMs }) => sealedAtMs >= sealedFrom);
  assert(own.length > 0);
  const given = new Set(provider.accepted.map(({ identifier }) => identifier));
  assertEquals(own.filter(({ identifier }) => given.has(identifier)), []);
});

Deno.test("units that were parked in the copy are not billed again if the lost database had released them", async () => {
  await using copy = await copied({ goesOn: false });
  const { clock, provider, world, kv } = copy;
  const line = { ...LINE, tenantId: "acme" };
  await kv.atomic().sum(ledgerKey(line, "acknowledged"), 9n).sum(ledgerKey(line, "sealed"), 9n)
    .sum(parkedKey(line), 9n).sum(retiredUnitsKey(), 9n).commit();
  provider.accepted.push({
    identifier: "cm_of_the_lost",
    eventName: "risk_score",
    stripeCustomerId: "cus_acme",
    units: 9n,
    timestampMs: clock.nowMs() - clock.nowMs() % MINUTE - 9 * MINUTE,
    attempt: 1,
  });
  await copy.drill();
  const engine = await copy.engine();
  await flushFor(clock, engine, { times: 24, stepMs: 20 * MINUTE });
  const { entries } = await world.reader.outbox({ state: "held", limit: 5 });
  assert(entries.some(({ units, reason }) => units === 9n && reason === "restored_unclear"));
  assertEquals(provider.accepted.filter(({ units }) => units === 9n).length, 1);
  await assertBooksBalance(world.reader);
});

Deno.test("an identifier that Stripe has used up stays used up through a restore", async () => {
  await using copy = await copied({ goesOn: false });
  const { clock, provider, world } = copy;
  const [sent] = (await world.reader.outbox({ state: "sent", limit: 1 })).entries;
  assert(sent !== undefined);
  const { identifier, entryId } = sent;
  provider.dropAccepted(identifier);
  const refused = await (await copy.engine()).reject({ identifier, code: "no_meter", detail: "" });
  assertEquals(refused, "rejected");
  await copy.drill();
  const engine = await copy.engine();
  await flushFor(clock, engine, { times: 24, stepMs: 20 * MINUTE });
  const [held] = (await world.reader.outbox({ state: "held", limit: 5 })).entries;
  assertEquals([held?.entryId, held?.reason, held?.burnt], [entryId, "no_meter", true]);
  assertEquals(total(provider), copy.acknowledged - sent.units);
  await assertBooksBalance(world.reader);
});

Deno.test("units that the lost database never sent are sent also beside others that it did send", async () => {
  await using copy = await copied({ goesOn: false });
  const { clock, provider, world } = copy;
  await copy.drill();
  // Of each tenant it had sent the newest entry alone, before it was lost.
  const { entries } = await world.reader.outbox({ state: "doubtful", limit: 50 });
  for (const own of Map.groupBy(entries, ({ tenantId }) => tenantId).values()) {
    const newest = own.toSorted((a, b) => a.timestampMs - b.timestampMs).at(-1);
    assert(newest !== undefined && own.length > 1);
    const { eventName, stripeCustomerId, timestampMs, units } = newest;
    const event = { eventName, stripeCustomerId, timestampMs, units };
    provider.accepted.push({ ...event, identifier: `lost_${stripeCustomerId}`, attempt: 1 });
  }
  const engine = await copy.engine();
  await flushFor(clock, engine, { times: 24, stepMs: 20 * MINUTE });
  assertEquals(total(provider), copy.acknowledged);
  assertEquals((await world.reader.outbox({ state: "held", limit: 1 })).entries, []);
  await assertBooksBalance(world.reader);
});

Deno.test("without the drill a database restored after a day bills twice: the test can fail", async () => {
  await using copy = await copied();
  const { clock, provider, lost } = copy;
  clock.advance(2 * DAY);
  const engine = await copy.engine();
  await flushFor(clock, engine, { times: 12, stepMs: 20 * MINUTE });
  assert(total(provider) > lost.delivered);
});

Deno.test("what Stripe's summaries can't tell apart is held for a person, never sent blindly", async () => {
  await using copy = await copied();
  const { clock, provider } = copy;
  // The lost database had put the units into other minutes than the copy does.
  for (const [index, event] of provider.accepted.entries()) {
    const timestampMs = event.timestampMs - 30 * MINUTE;
    provider.accepted[index] = { ...event, timestampMs };
  }
  await copy.drill();
  const engine = await copy.engine();
  const before = total(provider);
  await flushFor(clock, engine, { times: 24, stepMs: 20 * MINUTE });
  assertEquals(total(provider), before);
  const { entries } = await copy.world.reader.outbox({ state: "held", limit: 50 });
  assert(entries.length > 0);
  assertEquals(new Set(entries.map(({ reason }) => reason)), new Set(["restored_unclear"]));
  await assertBooksBalance(copy.world.reader);

  const held = entries.find(({ attempts }) => attempts === 0);
  assert(held !== undefined);
  const outbox = createOutboxStore({ kv: copy.kv, databaseEpoch: "db_second" });
  const targets = { target: (line: typeof held) => Promise.resolve(copy.world.targets(line)) };
  const request = { entryId: held.entryId, author: "ada@example.com", reason: "Looked at Stripe" };
  const deps = { outbox, sealer: engine.sealer, targets, clock };
  assert((await retryHeld(request, deps)).ok);
  await flushFor(clock, engine, { times: 24, stepMs: 20 * MINUTE });
  const again = (await outbox.find(held.entryId))?.value;
  assertEquals([again?.state, again?.reason], ["held", "restored_unclear"], "looked up again");
  assertEquals(total(provider), before);

  // Only a person's plain word that Stripe does not have it sends it.
  assert((await retryHeld(request, deps)).ok);
  assert((await resolveDoubt({ ...request, delivered: false }, deps)).ok);
  await flushFor(clock, engine, { times: 2, stepMs: MINUTE });
  assertEquals(total(provider), before + held.units);
});

Deno.test("a drill killed before any of its commits is finished by repeating it, and nothing starts meanwhile", async () => {
  for (let killAt = 1;; killAt++) {
    await using copy = await copied();
    const { clock, provider, lost, kv } = copy;
    let commits = 0;
    kv.beforeCommit = () => {
      if (++commits === killAt) throw new Error("killed");
    };
    const killed = await copy.drill().then(() => false, () => true);
    kv.beforeCommit = () => {};
    if (!killed) {
      assert(killAt > 10, "every commit of the drill was a place to die");
      break;
    }
    if (killAt > 1) await assertRejects(() => copy.engine(), RestoreUnfinished);
    await copy.drill();
    const engine = await copy.engine();
    await flushFor(clock, engine, { times: 12, stepMs: 20 * MINUTE });
    assertEquals(total(provider), lost.delivered, `killed at commit ${killAt}`);
    await assertBooksBalance(copy.world.reader);
  }
});

Deno.test("the drill wants the present epoch typed, stopped instances, and a database that was in use", async () => {
  await using copy = await copied();
  const { deps, withEpoch } = parts(copy.world);
  const attempt = async (word: string) => {
    const done = await restore(deps, { word, newEpoch: "db_second", act: ACT }, withEpoch);
    return done.ok ? "done" : done.error.code;
  };
  assertEquals(await attempt("db_wrong"), "wrong_word");
  copy.clock.advance(-12 * MINUTE - 5_000);
  copy.clock.advance(-10 * MINUTE);
  assertEquals(await attempt("db_first"), "instance_running");
  copy.clock.advance(DAY);
  assertEquals(await attempt("db_first"), "done");
  assertEquals(await databaseEpoch(copy.kv, "db_third"), "db_second");
  const { items: [row] } = await createKvAuditLog(copy.kv).entries({
    chain: OPERATOR_CHAIN,
    limit: 1,
  });
  assertEquals([row?.action, row?.subject], ["database.restored", "db_second"]);

  const empty = await openMeteringWorld();
  const survey = await surveyRestore(parts(empty).deps);
  assertEquals(survey.ok ? "" : survey.error.code, "nothing_to_restore");
  empty.close();
});

Deno.test("the command shows what it would do, changes nothing for it, and explains itself otherwise", async () => {
  await using copy = await copied();
  const survey = await surveyRestore(parts(copy.world).deps);
  assert(survey.ok);
  const text = surveyText(survey.value);
  for (const part of ["db_first", "3 minutes with 21 units", "3 open entries with 15 units"]) {
    assert(text.includes(part), text);
  }
  const state = await createRestoreStore({ kv: copy.kv }).state();
  assertEquals(state, { epoch: "db_first", mark: null });
  assert(reportText(await copy.drill()).includes("was db_first and is db_second"));
  assertEquals(parseArguments([]), { help: false, dryRun: false, word: null });
  assertEquals(parseArguments(["--confirm", "db_1"])?.word, "db_1");
  for (const wrong of [["--confirm"], ["--colour"], ["--dry-run", "--confirm", "x"]]) {
    assertEquals(parseArguments(wrong), null);
  }
});
