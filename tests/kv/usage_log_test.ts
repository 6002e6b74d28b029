import { assertEquals } from "@std/assert";
import { createTimedKv } from "@/lib/kv/timed_kv.ts";
import type { KvLike } from "@/lib/kv/kv_like.ts";
import { createIds } from "@/lib/platform/ids.ts";
import { systemClock } from "@/lib/platform/system_clock.ts";
import type { Scheduler } from "@/lib/ports/scheduler.ts";
import { testUsageLog } from "@/tests/contracts/usage_log.ts";
import { MemoryKv } from "@/tests/support/memory_kv.ts";
import {
  acknowledged,
  assertBooksBalance,
  call,
  committed,
  delivered,
  MINUTE,
  openMeteringWorld,
} from "@/tests/support/metering_world.ts";
import { PATIENT_KV } from "@/tests/support/patient_kv.ts";

/** Real time: the locks of a file are real, too. */
const scheduler: Scheduler = {
  after(delayMs, task) {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
};

testUsageLog("The usage log over Deno KV in memory", async () => {
  const kv = await Deno.openKv(":memory:");
  return { kv, close: () => kv.close() };
});

testUsageLog("The usage log over Deno KV in a file", async () => {
  const folder = await Deno.makeTempDir();
  const kv = await Deno.openKv(`${folder}/log.db`);
  const close = async () => {
    kv.close();
    await Deno.remove(folder, { recursive: true });
  };
  return { kv, close };
});

testUsageLog("The usage log over the in-memory stand-in", () => {
  const kv = new MemoryKv();
  return Promise.resolve({ kv, close: () => {} });
});

Deno.test("two connections to one file lose nothing to each other's locks", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/shared.db`;
  const world = await openMeteringWorld({ path, ringSize: 256 });
  const ids = createIds(systemClock);
  const handles = [await Deno.openKv(path), await Deno.openKv(path)];
  const engines = handles.map((handle): ReturnType<typeof world.engine> => {
    const kv: KvLike = createTimedKv(handle, { scheduler, ids, ...PATIENT_KV });
    return world.engine({ kv });
  });
  const outcomes = [];
  for (let round = 0; round < 20; round++) {
    outcomes.push(
      ...await Promise.all(
        engines.flatMap((engine) => [1, 2, 3].map((units) => engine.recorder.record(call(units)))),
      ),
    );
    await Promise.all(engines.map((engine) => engine.tick()));
  }
  assertEquals(committed(outcomes), 120);
  assertEquals(await acknowledged(world.reader), 240n);
  world.clock.advance(5 * MINUTE);
  await Promise.all(engines.map((engine) => engine.flushDue()));
  world.clock.advance(5 * MINUTE);
  await Promise.all(engines.map((engine) => engine.flushDue()));
  assertEquals(delivered(world.provider), 240n);
  await assertBooksBalance(world.reader);
  for (const handle of handles) handle.close();
  world.close();
  await Deno.remove(folder, { recursive: true });
});
