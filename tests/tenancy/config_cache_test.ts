import { assertEquals } from "@std/assert";
import type { CallerConfig } from "@/lib/ports/tenancy.ts";
import { createConfigCache } from "@/lib/tenancy/config_cache.ts";
import { sampleApiKey } from "@/tests/contracts/tenant_store.ts";
import { FixedClock } from "@/tests/support/fixed_effects.ts";
import { emptyPlan, sampleTenant } from "@/tests/support/samples.ts";

function open({ maxCallers = 100 } = {}) {
  const clock = new FixedClock();
  const store = new Map<string, string>();
  let epoch = "1";
  let loads = 0;
  let epochReads = 0;
  const cache = createConfigCache({
    clock,
    maxCallers,
    epoch: () => {
      epochReads++;
      return Promise.resolve(epoch);
    },
    load: (credential) => {
      loads++;
      const name = store.get(credential);
      return Promise.resolve(name === undefined ? null : caller(name, epoch));
    },
  });
  const change = (credential: string, name: string | null) => {
    if (name === null) store.delete(credential);
    else store.set(credential, name);
    epoch = String(Number(epoch) + 1);
  };
  return {
    clock,
    cache,
    change,
    epoch: () => epoch,
    loads: () => loads,
    epochReads: () => epochReads,
  };
}

function caller(name: string, epoch: string): CallerConfig {
  return { epoch, key: sampleApiKey(), tenant: sampleTenant({ name }), plan: emptyPlan() };
}

Deno.test("a caller is loaded once and then known without waiting", async () => {
  const { cache, change, loads } = open();
  change("a", "A");
  assertEquals(cache.peek("a"), undefined);
  const many = await Promise.all(Array.from({ length: 20 }, () => cache.caller("a")));
  assertEquals(new Set(many.map((found) => found?.tenant.name)), new Set(["A"]));
  assertEquals(loads(), 1);
  assertEquals(cache.peek("a")?.tenant.name, "A");
});

Deno.test("everything in memory is of one epoch: a newer caller drops the older ones", async () => {
  const { cache, change } = open();
  change("a", "A");
  await cache.caller("a");
  change("b", "B");
  assertEquals((await cache.caller("b"))?.epoch, "3");
  assertEquals(cache.peek("a"), undefined);
  assertEquals((await cache.caller("a"))?.epoch, "3");
});

Deno.test("invalidate drops what was read under that epoch, and not what is newer", async () => {
  const { cache, change, epoch } = open();
  change("a", "A");
  const stale = (await cache.caller("a"))?.epoch ?? null;
  change("a", "A2");
  cache.invalidate(stale);
  assertEquals(cache.peek("a"), undefined);
  assertEquals((await cache.caller("a"))?.tenant.name, "A2");
  cache.invalidate(stale);
  assertEquals(cache.peek("a")?.epoch, epoch());
});

Deno.test("a read that a change has overtaken is read again, and drops nothing newer", async () => {
  const slow = Promise.withResolvers<CallerConfig>();
  const loads: string[] = [];
  const cache = createConfigCache({
    clock: new FixedClock(),
    epoch: () => Promise.resolve("2"),
    load: (credential) => {
      loads.push(credential);
      const overtaken = credential === "slow" && loads.length === 1;
      return overtaken ? slow.promise : Promise.resolve(caller(credential, "2"));
    },
  });
  const late = cache.caller("slow");
  await cache.caller("b");
  slow.resolve(caller("stale", "1"));
  assertEquals((await late)?.tenant.name, "slow");
  assertEquals(loads, ["slow", "b", "slow"]);
  assertEquals(cache.peek("b")?.epoch, "2");
  assertEquals(cache.peek("slow")?.epoch, "2");
});

Deno.test("a caller in memory is believed for two seconds, then the epoch is looked at once", async () => {
  const { clock, cache, change, loads, epochReads } = open();
  change("a", "A");
  await cache.caller("a");
  clock.advance(2_000);
  assertEquals(cache.peek("a"), undefined);
  await Promise.all([cache.caller("a"), cache.caller("a"), cache.caller("a")]);
  assertEquals([loads(), epochReads()], [1, 1]);
  change("a", null);
  clock.advance(2_000);
  assertEquals(await cache.caller("a"), null);
});

Deno.test("fresh always looks at the epoch", async () => {
  const { cache, change } = open();
  change("a", "A");
  await cache.caller("a");
  change("a", "A2");
  assertEquals((await cache.caller("a"))?.tenant.name, "A");
  assertEquals((await cache.caller("a", { fresh: true }))?.tenant.name, "A2");
});

Deno.test("an unknown credential is remembered for a second only", async () => {
  const { clock, cache, change, loads } = open();
  assertEquals(await cache.caller("x"), null);
  assertEquals(await cache.caller("x"), null);
  assertEquals(loads(), 1);
  change("x", "X");
  clock.advance(1_000);
  assertEquals((await cache.caller("x"))?.tenant.name, "X");
});

Deno.test("memory is bounded, by callers and by unknown credentials", async () => {
  const { cache, change } = open({ maxCallers: 10 });
  for (let index = 0; index < 50; index++) change(`k${index}`, "T");
  for (let index = 0; index < 50; index++) await cache.caller(`k${index}`);
  assertEquals(cache.size, 10);
  for (let index = 0; index < 6_000; index++) await cache.caller(`unknown${index}`);
  assertEquals(cache.peek("unknown0"), undefined);
  assertEquals(cache.peek("unknown5999"), null);
});

Deno.test("a failed load is not remembered", async () => {
  let fail = true;
  const cache = createConfigCache({
    clock: new FixedClock(),
    epoch: () => Promise.resolve("1"),
    load: () => fail ? Promise.reject(new Error("down")) : Promise.resolve(caller("A", "1")),
  });
  const message = await cache.caller("a").then(() => "", (error) => error.message);
  assertEquals(message, "down");
  fail = false;
  assertEquals((await cache.caller("a"))?.tenant.name, "A");
});
