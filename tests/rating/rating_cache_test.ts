import { assert, assertEquals } from "@std/assert";
import {
  CACHED_INSTRUMENTS_MAX,
  REFRESH_AFTER_MS,
  STALENESS_MAX_MS,
} from "@/lib/rating/rating_cache.ts";
import { createMemoryRatingStores } from "@/tests/support/memory_rating_stores.ts";
import { AS_OF_MS } from "@/tests/support/rating_samples.ts";
import { APPLE, isoOf, quoteBody, RatingWorld } from "@/tests/support/rating_world.ts";

Deno.test("ratings at the same time share one load", async () => {
  const world = await new RatingWorld().withApple();
  await world.rated({ instrument: APPLE });
  world.clock.advance(2_000);
  world.reads = 0;
  await Promise.all(Array.from({ length: 50 }, () => world.rated({ instrument: APPLE })));
  const shared = world.reads;
  world.clock.advance(2_000);
  world.reads = 0;
  await world.rated({ instrument: APPLE });
  assertEquals(shared, world.reads);
});

Deno.test("an instrument in steady use is read again beside its calls, none of which waits", async () => {
  const world = await new RatingWorld().withApple();
  await world.rated({ instrument: APPLE });
  for (let step = 0; step < 5; step++) {
    world.clock.advance(REFRESH_AFTER_MS + 1);
    assert(world.cache.peek("t1", APPLE, world.clock.nowMs()) !== null);
    await world.cache.load("t1", APPLE);
  }
  assertEquals(world.cache.counts, { hits: 5, misses: 1, computed: 1 });
  world.clock.advance(STALENESS_MAX_MS + 1);
  assertEquals(world.cache.peek("t1", APPLE, world.clock.nowMs()), null);
});

Deno.test("statistics are made once for a series version, and its points are read once", async () => {
  const world = await new RatingWorld().withApple();
  const first = await world.cache.load("t1", APPLE);
  await world.quote(APPLE, quoteBody({ timestamp: isoOf(AS_OF_MS) }));
  world.cache.peek("t1", APPLE, AS_OF_MS);
  world.clock.advance(5_000);
  const before = await world.cache.load("t1", APPLE);
  world.clock.advance(5_000);
  const after = await world.cache.load("t1", APPLE);
  assert(first !== null && before !== null && after !== null);
  assert(before.series?.statistics === after.series?.statistics);
  assert(before.instrument === after.instrument);
});

Deno.test("a load that began before a write of this instance does not bring the old state back", async () => {
  const stores = createMemoryRatingStores();
  const gate = Promise.withResolvers<void>();
  let isHeld = false;
  const world = new RatingWorld({
    ...stores,
    prices: {
      ...stores.prices,
      quote: async (tenantId, instrumentId) => {
        const found = await stores.prices.quote(tenantId, instrumentId);
        if (isHeld) await gate.promise;
        return found;
      },
    },
  });
  await world.withApple();
  isHeld = true;
  const slow = world.cache.load("t1", APPLE);
  await Promise.resolve();
  await world.quote(APPLE, quoteBody({ last: "99.00", timestamp: isoOf(AS_OF_MS) }));
  isHeld = false;
  gate.resolve();
  await slow;
  assertEquals(world.cache.peek("t1", APPLE, AS_OF_MS), null);
  const fresh = await world.cache.load("t1", APPLE);
  assertEquals(fresh?.view?.quote.last, "99.00");
});

Deno.test("the cache keeps a bounded number of instruments, and the newest of them", async () => {
  const world = new RatingWorld();
  const count = CACHED_INSTRUMENTS_MAX + 10;
  for (let i = 0; i < count; i += 1) {
    const record = { instrumentId: `i${i}`, terms: {}, updatedAtMs: 0 };
    await world.stores.instruments.putInstrument("t1", record);
    await world.cache.load("t1", `i${i}`);
  }
  assertEquals(world.cache.peek("t1", "i9", AS_OF_MS), null);
  assert(world.cache.peek("t1", "i10", AS_OF_MS) !== null);
  assert(world.cache.peek("t1", `i${count - 1}`, AS_OF_MS) !== null);
});

Deno.test("an instrument that is not stored is nobody's, and costs no memory", async () => {
  const world = new RatingWorld();
  assertEquals(await world.cache.load("t1", "none"), null);
  assertEquals(world.cache.peek("t1", "none", AS_OF_MS), null);
});
