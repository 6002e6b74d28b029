/**
 * What the simulation found, each as a test of its own that failed before it was mended. Others stand
 * with the code that they are about: `a refusal that comes while its entry is held…` (send_test),
 * `no correction gets into a period…` (corrections_test), `a tenant that ends as its month does…` (two)
 * (close_tenant_test), `no invoice is final while a late event…` and `when Stripe's word on the final
 * invoice is lost…` (close_period_test), `equal sums settle no period…` (reconcile_test), `idle units come back once…`
 * (quota_leases_test), `usage that was corrected away altogether…` (plan_change_bill_test).
 */
import { assertEquals } from "@std/assert";
import { createTimedKv } from "@/lib/kv/timed_kv.ts";
import { createUsageLog } from "@/lib/kv/usage_log.ts";
import { Folder } from "@/lib/metering/fold.ts";
import { Recorder } from "@/lib/metering/recorder.ts";
import type { Scheduler } from "@/lib/ports/scheduler.ts";
import { FaultyKv, newKvFaultCounts, NO_KV_FAULTS } from "../support/faulty_kv.ts";
import { CountingIds, FixedClock, MemoryLogger } from "../support/fixed_effects.ts";
import {
  assertBooksBalance,
  call,
  delivered,
  HOUR,
  MINUTE,
  openMeteringWorld,
} from "../support/metering_world.ts";
import { MemoryKv } from "../support/memory_kv.ts";
import { Random } from "../support/random.ts";
import { LOST_REPLY, NEVER_ARRIVED } from "../support/scripted_provider.ts";
import { runSchedule } from "./schedule.ts";

Deno.test("schedules that once closed a period on equal sums close it right", async () => {
  for (const seed of [2_060_508, 2_062_651, 3_006_774, 5_034_304]) {
    assertEquals((await runSchedule(seed)).violations, [], `seed ${seed}`);
  }
});

Deno.test("schedules that once served a lease twice, or billed what was corrected away, are right", async () => {
  for (const seed of [30_199_322, 50_138_264, 50_141_725]) {
    assertEquals((await runSchedule(seed)).violations, [], `seed ${seed}`);
  }
});

Deno.test("a lost reply for the last free place of the log leaves the next call answered", async () => {
  const { recorder, faults } = service({ ringSize: 2 });
  assertEquals((await recorder.record(oneUnit())).kind, "committed");
  faults.rates = { ...NO_KV_FAULTS, lostReply: 1, refused: 1 };
  assertEquals((await recorder.record(oneUnit())).kind, "unavailable");
  faults.rates = NO_KV_FAULTS;
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals((await recorder.record(oneUnit())).kind, "committed");
});

Deno.test("a refusal that comes before the lost reply is known holds the entry", async () => {
  const { engine, identifier, world } = await unsureEntry();
  const refusedBeforeMs = world.clock.nowMs() + MINUTE;
  const refusal = { identifier, code: "no_customer", detail: "", refusedBeforeMs };
  assertEquals(await engine.reject(refusal), "rejected");
  world.clock.advance(HOUR);
  await engine.flushDue();
  const [books] = await world.reader.books();
  assertEquals([books?.outbox, books?.sent], [7n, 0n], "nothing of it passes for sent");
  await assertBooksBalance(world.reader);
  world.close();
});

Deno.test("a refusal of attempts before a proven absence says nothing of the later ones", async () => {
  const { engine, identifier, world } = await unsureEntry();
  const refusedBeforeMs = world.clock.nowMs() + MINUTE;
  // Stripe shows nothing of the refused event; after a day it takes the identifier as a new one.
  world.provider.accepted.length = 0;
  world.provider.script("cus_acme", NEVER_ARRIVED, NEVER_ARRIVED);
  for (let hours = 0; hours < 60; hours += 10) {
    world.clock.advance(10 * HOUR);
    await engine.flushDue();
  }
  assertEquals(delivered(world.provider), 7n);
  const refusal = { identifier, code: "no_customer", detail: "", refusedBeforeMs };
  assertEquals(await engine.reject(refusal), "unknown");
  const [books] = await world.reader.books();
  assertEquals([books?.sent, books?.rejected], [7n, 0n]);
  world.close();
});

/** Seven units that Stripe took, as far as it knows, and whose reply was lost. */
async function unsureEntry() {
  const world = await openMeteringWorld();
  const engine = world.engine();
  await engine.recorder.record(call(7));
  world.clock.advance(2 * MINUTE);
  world.provider.script("cus_acme", LOST_REPLY);
  await engine.flushDue();
  const identifier = world.provider.attempts[0]?.identifier ?? "";
  return { engine, identifier, world };
}

function service({ ringSize }: { ringSize: number }) {
  const faults = { rates: NO_KV_FAULTS };
  const wire = {
    carry: <T>(_label: string, effect: () => Promise<T>) => effect(),
    later: (_label: string, effect: () => Promise<unknown>) => void effect(),
  };
  const faulty = new FaultyKv(new MemoryKv(), {
    wire,
    random: new Random(1),
    rates: () => faults.rates,
    counts: newKvFaultCounts(),
  });
  const scheduler: Scheduler = { after: () => () => {} };
  const common = {
    clock: new FixedClock(),
    ids: new CountingIds(),
    scheduler,
    logger: new MemoryLogger(),
  };
  const log = createUsageLog({ kv: createTimedKv(faulty, common), ringSize });
  const recorder = new Recorder({ ...common, log, windowMs: 5_000, durability: "commit" });
  new Folder({ ...common, log, recorder, onRetired: () => Promise.resolve() });
  return { recorder, faults };
}

function oneUnit() {
  const line = { tenantId: "t", meter: "m", planRevision: "p@1", periodId: "2026-05-01" };
  return { epoch: null, entries: [{ ...line, keyId: "k", units: 1n }] };
}
