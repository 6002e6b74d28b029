/** What changes while calls go on: plans, customers, flushers that die; to the unit. */
import { assert, assertEquals } from "@std/assert";
import { createKvTenantStore } from "@/lib/kv/tenant_store.ts";
import { createUsageLog } from "@/lib/kv/usage_log.ts";
import { createUsageStore } from "@/lib/kv/usage_store.ts";
import { CountingIds, FixedClock, MemoryLogger } from "@/tests/support/fixed_effects.ts";
import { MeteredService } from "@/tests/support/metered_service.ts";
import {
  customerOf,
  keyHashOf,
  METER,
  nextRevision,
  seedTenants,
} from "@/tests/support/metered_tenants.ts";
import {
  assertBooksBalance,
  call,
  delivered,
  ManualScheduler,
  MINUTE,
  openMeteringWorld,
} from "@/tests/support/metering_world.ts";
import { Random } from "@/tests/support/random.ts";
import { ScriptedKv } from "@/tests/support/scripted_kv.ts";
import { ScriptedProvider } from "@/tests/support/scripted_provider.ts";

const TENANT = "ten_free";

Deno.test("a plan changed during a storm of calls prices each unit by the version in force at its commit", async () => {
  const kv = new ScriptedKv(await Deno.openKv(":memory:"));
  await seedTenants(kv, { quota: 1n });
  const clock = new FixedClock();
  const provider = new ScriptedProvider(clock);
  const services = Array.from({ length: 3 }, () =>
    new MeteredService({
      kv,
      provider,
      clock,
      ids: namedIds(),
      scheduler: new ManualScheduler(clock),
      logger: new MemoryLogger(),
      databaseEpoch: "db",
      ringSize: 4_096,
    }));
  const tenants = createKvTenantStore(kv);
  // Which version is in force from which commit on.
  const inForce = [{ from: (await tenants.epoch()) ?? "", planRevision: `plan_${TENANT}@1` }];
  const acknowledged = { units: 0n };
  let changing = true;
  const storm = services.map(async (service, client) => {
    for (let count = 0; changing || count % 10 !== 0; count++) {
      const units = BigInt(1 + count % 7);
      const outcome = await service.serve({
        callId: `${client}_${count}`,
        tenantId: TENANT,
        keyHash: keyHashOf(TENANT, 0),
        units,
        guard: count % 2 === 0 ? "reply" : null,
      });
      if (outcome === "counted") acknowledged.units += units;
    }
  });
  for (let change = 0; change < 25; change++) {
    const found = await tenants.tenant(TENANT);
    assert(found !== null);
    const planRevision = nextRevision(found.value.planRevision);
    const put = await tenants.putTenant({ ...found.value, planRevision }, found.versionstamp);
    assert(put.ok);
    inForce.push({ from: (await tenants.epoch()) ?? "", planRevision });
    await new Promise((resolve) => setTimeout(resolve));
  }
  changing = false;
  await Promise.all(storm);

  const byRevision = new Map<string, bigint>();
  for await (const { value, versionstamp } of kv.list<Stored>({ prefix: ["log"] })) {
    const ruling = inForce.findLast(({ from }) => from <= versionstamp);
    for (const [tenantId, meter, planRevision, , , units] of value.entries) {
      assertEquals([tenantId, meter], [TENANT, METER]);
      assertEquals(planRevision, ruling?.planRevision, `units of commit ${versionstamp}`);
      byRevision.set(planRevision, (byRevision.get(planRevision) ?? 0n) + units);
    }
  }
  assert(byRevision.size > 1, "more than one version was in force");
  clock.advance(5 * MINUTE);
  for (const service of services) await service.flush();
  clock.advance(5 * MINUTE);
  for (const service of services) await service.flush();
  const reader = createUsageStore({ kv, log: createUsageLog({ kv }), clock });
  await assertBooksBalance(reader);
  const books = await reader.books({ tenantId: TENANT });
  assertEquals(new Map(books.map((line) => [line.planRevision, line.acknowledged])), byRevision);
  assertEquals(new Map(books.map((line) => [line.planRevision, line.sent])), byRevision);
  const total = [...byRevision.values()].reduce((sum, units) => sum + units);
  assertEquals([total, billedTo(provider, customerOf(TENANT))], [acknowledged.units, total]);
  kv.close();
});

interface Stored {
  readonly entries: readonly (readonly [string, string, string, string, string, bigint, number])[];
}

function billedTo(provider: ScriptedProvider, customer: string): bigint {
  return provider.accepted.filter(({ stripeCustomerId }) => stripeCustomerId === customer)
    .reduce((sum, { units }) => sum + units, 0n);
}

let named = 0;

/** Ids of a process of its own. */
function namedIds() {
  const [counting, mark] = [new CountingIds(), ++named];
  return { next: (word: string) => `${counting.next(word)}_${mark}`, bytes: counting.bytes };
}

Deno.test("four flushers at once, each killed at a random commit, bill each unit once", async () => {
  for (let seed = 1; seed <= 10; seed++) {
    const random = new Random(seed, 1);
    const world = await openMeteringWorld();
    const source = world.engine();
    let counted = 0n;
    for (let minute = 0; minute < 3; minute++) {
      for (const tenantId of ["acme", "bolt"]) {
        for (const units of [2n, 3n]) {
          await source.recorder.record(call(units, { entry: { tenantId } }));
          counted += units;
        }
      }
      await source.tick();
      world.clock.advance(MINUTE);
    }
    world.clock.advance(2 * MINUTE);
    for (let round = 0; round < 6; round++) {
      await Promise.all(Array.from({ length: 4 }, async () => {
        const doomed = new ScriptedKv(world.kv);
        const livesFor = random.between(1, 12);
        const killed = Promise.withResolvers<void>();
        doomed.beforeCommit = () => {
          if (doomed.commits <= livesFor) return;
          killed.resolve();
          // A killed process is one that never goes on: nobody waits for it.
          return new Promise<void>(() => {});
        };
        const flushed = world.engine({ kv: doomed }).flushDue().catch(() => {});
        await Promise.race([flushed, killed.promise.then(() => turns(20))]);
      }));
      world.clock.advance(2 * MINUTE);
    }
    const heir = world.engine();
    for (let round = 0; round < 4; round++) {
      await heir.flushDue();
      world.clock.advance(3 * MINUTE);
    }
    const billed = delivered(world.provider, "acme") + delivered(world.provider, "bolt");
    assertEquals(billed, counted, `seed ${seed}`);
    const identifiers = world.provider.accepted.map(({ identifier }) => identifier);
    assertEquals(new Set(identifiers).size, identifiers.length);
    await assertBooksBalance(world.reader);
    world.close();
  }
});

/** Lets whatever is ready run, this many times. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setTimeout(resolve));
}

Deno.test("a customer swapped in the middle of a flush gets the units sealed after it, the old one those before", async () => {
  const world = await openMeteringWorld();
  const engine = world.engine();
  await engine.recorder.record(call(5));
  await engine.tick();
  world.clock.advance(3 * MINUTE);
  await engine.sealer.sealDue();
  const swapped = (line: { meter: string }) => ({
    kind: "billable" as const,
    eventName: line.meter,
    stripeCustomerId: "cus_new",
    interval: "month" as const,
    prices: { kind: "in_force" as const, sinceMs: 0 },
  });
  world.targets = swapped;
  await engine.recorder.record(call(7));
  await engine.tick();
  // Sends what was sealed, and meets the new customer before it has sealed the rest.
  await engine.flushDue();
  world.clock.advance(3 * MINUTE);
  await engine.flushDue();
  assertEquals(delivered(world.provider), 5n);
  assertEquals(billedTo(world.provider, "cus_new"), 7n);
  await assertBooksBalance(world.reader);
  world.close();
});

Deno.test("units that wait for a customer are billed to the one that the tenant gets, once", async () => {
  const world = await openMeteringWorld();
  const engine = world.engine();
  world.targets = () => ({ kind: "unbillable", reason: "no_stripe_customer" });
  await engine.recorder.record(call(5));
  await engine.tick();
  world.clock.advance(3 * MINUTE);
  await engine.flushDue();
  assertEquals(world.provider.accepted, []);
  world.targets = (line) => ({
    kind: "billable",
    eventName: line.meter,
    stripeCustomerId: "cus_late",
    interval: "month",
    prices: { kind: "in_force", sinceMs: 0 },
  });
  const other = world.engine();
  await Promise.all([engine.flushDue(), other.flushDue()]);
  world.clock.advance(3 * MINUTE);
  await engine.flushDue();
  assertEquals(billedTo(world.provider, "cus_late"), 5n);
  await assertBooksBalance(world.reader);
  world.close();
});
