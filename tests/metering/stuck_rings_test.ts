/** Logs of gone instances that can't be taken over: whom they hold up, and whom not. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { quotaLeaseKey, segmentKey } from "@/lib/kv/keys.ts";
import {
  assertBooksBalance,
  call,
  delivered,
  MINUTE,
  openMeteringWorld,
} from "@/tests/support/metering_world.ts";
import { instance, LINE, serve } from "@/tests/support/quota_world.ts";

Deno.test("a gone instance whose leases don't add up holds up nobody's units, its own neither", async () => {
  const world = await openMeteringWorld();
  const [odd, sound] = [instance(world), instance(world)];
  assertEquals(await serve(odd, 5n, 100n), 5n);
  const oddId = odd.engine.recorder.ring?.instanceId ?? "";
  await sound.engine.recorder.record(call(4));
  await world.kv.set(quotaLeaseKey(LINE, oddId), { v: 1, granted: 3n, serial: 1 });
  world.clock.advance(2 * MINUTE);
  const heir = world.engine();
  const { retiredRings, stuckRings } = await heir.flushDue();
  assertEquals([retiredRings, stuckRings], [1, 1]);
  await heir.flushDue();
  assertEquals(delivered(world.provider), 9n);
  await heir.flush({ tenantId: "acme" });
  assert(
    world.logger.lines.some(({ event, fields }) =>
      event === "ring_take_over_failed" && fields.instanceId === oddId
    ),
  );
  await assertBooksBalance(world.reader);
  world.close();
});

Deno.test("a gone instance whose log can't be read holds up everybody's closes, and nobody's sending", async () => {
  const world = await openMeteringWorld();
  const [odd, sound] = [world.engine(), world.engine()];
  await odd.recorder.record(call(5));
  await sound.recorder.record(call(4));
  const oddId = odd.recorder.ring?.instanceId ?? "";
  const key = segmentKey(oddId, 0);
  const { value: stored } = await world.kv.get<Record<string, unknown>>(key);
  await world.kv.set(key, { ...stored, entries: null });
  world.clock.advance(2 * MINUTE);
  const heir = world.engine();
  assertEquals((await heir.flushDue()).stuckRings, 1);
  await heir.flushDue();
  assertEquals(delivered(world.provider), 4n);
  await assertRejects(() => heir.flush({ tenantId: "acme" }));
  await world.kv.set(key, stored);
  assertEquals((await heir.flushDue()).stuckRings, 0);
  await heir.flushDue();
  assertEquals(delivered(world.provider), 9n);
  await assertBooksBalance(world.reader);
  world.close();
});
