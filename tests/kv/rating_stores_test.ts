import { assertEquals } from "@std/assert";
import { createKvRatingStores } from "@/lib/kv/rating_stores.ts";
import { testRatingStores } from "@/tests/contracts/rating_stores.ts";
import { createMemoryRatingStores } from "@/tests/support/memory_rating_stores.ts";

testRatingStores("The rating stores over Deno KV", async () => {
  const kv = await Deno.openKv(":memory:");
  return { stores: createKvRatingStores(kv), close: () => kv.close() };
});

testRatingStores(
  "The rating stores in memory",
  () => Promise.resolve({ stores: createMemoryRatingStores(), close: () => {} }),
);

Deno.test("two writers of one quote both succeed, and the later time stays", async () => {
  const kv = await Deno.openKv(":memory:");
  const { prices } = createKvRatingStores(kv);
  const put = (timestampMs: number) =>
    prices.putQuotes("a", [{
      instrumentId: "x",
      quote: { bid: null, ask: null, last: "1", volume: null, timestampMs, source: "tenant_push" },
      allowBackfill: true,
    }]);
  const outcomes = (await Promise.all([put(5), put(9), put(7)])).flat();
  assertEquals(outcomes.map((outcome) => outcome.ok), [true, true, true]);
  assertEquals((await prices.quote("a", "x"))?.value.timestampMs, 9);
  kv.close();
});

Deno.test("a replaced list leaves no parts behind", async () => {
  const kv = await Deno.openKv(":memory:");
  const { lists } = createKvRatingStores(kv);
  const scope = { kind: "tenant", tenantId: "a" } as const;
  for (const count of [2_000, 10]) {
    const entries = Array.from({ length: count }, (_, i) => ({
      id: `e${i}`,
      name: "A long enough name to fill more than one part of a list",
      aliases: [],
      isin: null,
      lei: null,
      country: null,
    }));
    const head = { listId: "l", kind: "watch", asOf: "2026-11-22", loadedAtMs: 1, count } as const;
    await lists.putList(scope, { head, entries });
  }
  const parts = [];
  for await (const { key } of kv.list({ prefix: ["screening_list_part"] })) parts.push(key);
  assertEquals(parts.length, 1);
  kv.close();
});
