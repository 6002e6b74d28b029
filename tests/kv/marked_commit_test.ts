/** Writes whose client repeats the commit, or never hears of it. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { commitMarked } from "@/lib/kv/marked_commit.ts";
import { createKvRatingStores } from "@/lib/kv/rating_stores.ts";
import { createKvAttemptStore } from "@/lib/kv/session_store.ts";
import { StorageUnavailable } from "@/lib/ports/storage.ts";
import { MemoryKv } from "@/tests/support/memory_kv.ts";
import { MemoryStore } from "@/tests/support/memory_store.ts";
import { type CommitFault, ScriptedKv } from "@/tests/support/scripted_kv.ts";

const REPEATING = ["repeat", "drop_after"] as const satisfies readonly CommitFault[];

function open() {
  return new ScriptedKv(new MemoryKv());
}

for (const fault of REPEATING) {
  Deno.test(`a marked commit that meets "${fault}" counts once and is known as one's own`, async () => {
    const kv = open();
    kv.script(fault);
    const commit = await commitMarked(kv, kv.atomic().sum(["count"], 3n));
    assert(commit.ok);
    const entry = await kv.get<Deno.KvU64>(["count"]);
    assertEquals([entry.value?.value, entry.versionstamp], [3n, commit.versionstamp]);
  });

  Deno.test(`a replaced list whose commit meets "${fault}" keeps its entries`, async () => {
    const kv = open();
    const { lists } = createKvRatingStores(kv);
    const scope = { kind: "operator" } as const;
    const put = (name: string) =>
      lists.putList(scope, {
        head: { listId: "l", kind: "watch", asOf: "2026-11-22", loadedAtMs: 1, count: 1 },
        entries: [{ id: "e", name, aliases: [], isin: null, lei: null, country: null }],
      });
    await put("Old");
    kv.script("pass", fault);
    const replaced = await put("New");
    assert(replaced.ok);
    const entries = await lists.entries(scope, { listId: "l", version: replaced.version });
    assertEquals(entries?.map(({ name }) => name), ["New"]);
  });

  Deno.test(`a quote put against a version succeeds although its commit meets "${fault}"`, async () => {
    const kv = open();
    const { prices } = createKvRatingStores(kv);
    kv.script(fault);
    const put = {
      instrumentId: "x",
      quote: {
        bid: null,
        ask: null,
        last: "1",
        volume: null,
        timestampMs: 5,
        source: "tenant_push",
      },
      allowBackfill: true,
      ifVersion: null,
    } as const;
    assertEquals((await prices.putQuotes("a", [put])).map(({ ok }) => ok), [true]);
    assertEquals((await prices.putQuotes("a", [put])).map(({ ok }) => ok), [false]);
  });

  Deno.test(`an attempt whose commit meets "${fault}" is one attempt`, async () => {
    const kv = open();
    const attempts = createKvAttemptStore(kv);
    kv.script(fault);
    assertEquals(await attempts.count("ada", { startMs: 0, lengthMs: 60_000 }), 1);
    assertEquals(await attempts.count("ada", { startMs: 0, lengthMs: 60_000 }), 2);
  });
}

Deno.test("a marked commit that never arrived is said to be unknown", async () => {
  const kv = open();
  kv.script("drop_before");
  await assertRejects(
    () => commitMarked(kv, kv.atomic().set(["a"], 1)),
    StorageUnavailable,
  );
  assertEquals((await kv.get(["a"])).value, null);
});

Deno.test("somebody else's change refuses a marked commit", async () => {
  const kv = open();
  await kv.set(["a"], 1);
  const commit = await commitMarked(
    kv,
    kv.atomic().check({ key: ["a"], versionstamp: null }).set(["a"], 2),
  );
  assertEquals([commit.ok, (await kv.get(["a"])).value], [false, 1]);
});

Deno.test("marks are gone when no copy of their commit can come any more", async () => {
  let nowMs = 0;
  const kv = new MemoryKv(new MemoryStore(() => nowMs));
  for (let count = 0; count < 3; count++) {
    assert((await commitMarked(kv, kv.atomic().sum(["count"], 1n))).ok);
  }
  const keys = async () => {
    const found = [];
    for await (const { key } of kv.list({ prefix: [] })) found.push(key);
    return found;
  };
  nowMs = 14 * 60_000;
  assertEquals((await keys()).length, 4);
  nowMs = 16 * 60_000;
  assertEquals(await keys(), [["count"]]);
});
