/** What the simulation found, each as a test of its own that failed before it was mended. */
import { assertEquals } from "@std/assert";
import { createTimedKv } from "@/lib/kv/timed_kv.ts";
import { createUsageLog } from "@/lib/kv/usage_log.ts";
import { Folder } from "@/lib/metering/fold.ts";
import { Recorder } from "@/lib/metering/recorder.ts";
import type { Scheduler } from "@/lib/ports/scheduler.ts";
import { FaultyKv, newKvFaultCounts, NO_KV_FAULTS } from "../support/faulty_kv.ts";
import { CountingIds, FixedClock, MemoryLogger } from "../support/fixed_effects.ts";
import { MemoryKv } from "../support/memory_kv.ts";
import { Random } from "../support/random.ts";

Deno.test("a lost reply for the last free place of the log leaves the next call answered", async () => {
  const { recorder, faults } = service({ ringSize: 2 });
  assertEquals((await recorder.record(oneUnit())).kind, "committed");
  faults.rates = { ...NO_KV_FAULTS, lostReply: 1, refused: 1 };
  assertEquals((await recorder.record(oneUnit())).kind, "unavailable");
  faults.rates = NO_KV_FAULTS;
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals((await recorder.record(oneUnit())).kind, "committed");
});

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
