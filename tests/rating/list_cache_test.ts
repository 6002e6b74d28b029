import { assertEquals, assertRejects } from "@std/assert";
import { LIST_HEADS_MAX_AGE_MS, ListCache } from "@/lib/rating/list_cache.ts";
import { FixedClock } from "@/tests/support/fixed_effects.ts";
import { createMemoryRatingStores } from "@/tests/support/memory_rating_stores.ts";

const OPERATOR = { kind: "operator" } as const;

function head(listId: string) {
  return { listId, kind: "sanctions", asOf: "2026-11-22", loadedAtMs: 0, count: 0 } as const;
}

Deno.test("a list is indexed once for each of its versions", async () => {
  const { lists } = createMemoryRatingStores();
  const clock = new FixedClock();
  const cache = new ListCache(lists, clock);
  await lists.putList(OPERATOR, { head: head("a"), entries: [] });
  await lists.putList(OPERATOR, { head: head("b"), entries: [] });
  const [a, b] = await cache.indexes("t");
  await lists.putList(OPERATOR, { head: head("b"), entries: [] });
  assertEquals((await cache.indexes("t"))[1] === b, true);
  clock.advance(LIST_HEADS_MAX_AGE_MS + 1);
  const later = await cache.indexes("t");
  assertEquals([later[0] === a, later[1] === b], [true, false]);
});

Deno.test("after a write of this instance versions are read anew, and unchanged indexes kept", async () => {
  const { lists } = createMemoryRatingStores();
  const cache = new ListCache(lists, new FixedClock());
  await lists.putList(OPERATOR, { head: head("a"), entries: [] });
  const [a] = await cache.indexes("t");
  await lists.putList(OPERATOR, { head: head("b"), entries: [] });
  cache.forget(OPERATOR);
  const found = await cache.indexes("t");
  assertEquals([found.length, found[0] === a], [2, true]);
});

Deno.test("a read that failed is tried again, and forgetting it harms nobody", async () => {
  const { lists } = createMemoryRatingStores();
  let fails = true;
  const cache = new ListCache({
    ...lists,
    lists: (scope) => fails ? Promise.reject(new Error("down")) : lists.lists(scope),
  }, new FixedClock());
  await assertRejects(() => cache.indexes("t"), Error, "down");
  cache.forget(OPERATOR);
  cache.forget({ kind: "tenant", tenantId: "t" });
  await new Promise((resolve) => queueMicrotask(() => resolve(null)));
  fails = false;
  assertEquals(await cache.indexes("t"), []);
});
