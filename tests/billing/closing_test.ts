/** One close of a period at a time, and what ends an attempt that died. */
import { assert, assertEquals } from "@std/assert";
import { askFinal, beginClose } from "@/lib/billing/closing.ts";
import { createKvBillingStore } from "@/lib/kv/billing_store.ts";
import { FixedClock } from "@/tests/support/fixed_effects.ts";
import { MemoryKv } from "@/tests/support/memory_kv.ts";

const PERIOD = { tenantId: "acme", periodId: "2026-04-01" };

function open() {
  const clock = new FixedClock();
  return { clock, deps: { clock, store: createKvBillingStore(new MemoryKv()) } };
}

Deno.test("one attempt at a time closes a period, until it was silent for five minutes", async () => {
  const { clock, deps } = open();
  const first = await beginClose(deps, PERIOD);
  assert(first !== null);
  assertEquals(await beginClose(deps, PERIOD), null);
  clock.advance(5 * 60_000 - 1);
  assertEquals(await beginClose(deps, PERIOD), null);
  clock.advance(1);
  const second = await beginClose(deps, PERIOD);
  assertEquals(second?.value.attempts, 2);
  assertEquals(await askFinal(deps, first), null, "taken for dead, it must not ask any more");
  assert(second !== null && await askFinal(deps, second) !== null);
});

Deno.test("of two attempts that begin at once one closes the period", async () => {
  const { deps } = open();
  const begun = await Promise.all([1, 2, 3].map(() => beginClose(deps, PERIOD)));
  assertEquals(begun.filter((attempt) => attempt !== null).length, 1);
});

Deno.test("a period whose invoice is final is not closed again, nor one that changed since it was looked at", async () => {
  const { deps } = open();
  const first = await beginClose(deps, PERIOD);
  assert(first !== null);
  const done = { ...first.value, closingSinceMs: null } as const;
  await deps.store.putPeriodClose({ ...done, state: "held" }, first.versionstamp);
  assertEquals(await beginClose(deps, { ...PERIOD, version: first.versionstamp }), null);
  const held = await deps.store.periodClose(PERIOD.tenantId, PERIOD.periodId);
  await deps.store.putPeriodClose({ ...done, state: "finalized" }, held?.versionstamp ?? null);
  assertEquals(await beginClose(deps, PERIOD), null);
});
