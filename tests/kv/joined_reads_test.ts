import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { NewerForm } from "@/lib/kv/formats.ts";
import { joinReads } from "@/lib/kv/joined_reads.ts";
import type { KvLike } from "@/lib/kv/kv_like.ts";
import { createTimedKv } from "@/lib/kv/timed_kv.ts";
import { StorageUnavailable } from "@/lib/ports/storage.ts";
import { systemScheduler } from "@/lib/platform/system_scheduler.ts";
import { PATIENT_KV } from "@/tests/support/patient_kv.ts";
import { seededIds } from "@/tests/support/seeded_ids.ts";

/** A database of letters, the sizes of its reads, and the store under test. */
async function joined() {
  const database = await Deno.openKv(":memory:");
  for (const letter of "abcdefghijklmnopqrstuvwxyz") await database.set([letter], letter);
  const reads: number[] = [];
  const counted: KvLike = {
    get: (key, options) => {
      reads.push(1);
      return database.get(key, options);
    },
    getMany: (keys, options) => {
      reads.push(keys.length);
      return database.getMany(keys, options);
    },
    set: (key, value, options) => database.set(key, value, options),
    delete: (key) => database.delete(key),
    list: (selector, options) => database.list(selector, options),
    atomic: () => database.atomic(),
    close: () => database.close(),
  };
  const timed = createTimedKv(counted, {
    scheduler: systemScheduler,
    ids: seededIds(1),
    ...PATIENT_KV,
  });
  return { database, reads, kv: joinReads(timed), [Symbol.dispose]: () => database.close() };
}

Deno.test("reads of one turn share transactions of ten keys, and each gets its own entry", async () => {
  using world = await joined();
  const letters = [..."abcdefghijklmnopqrstuvw", "none"];
  const found = await Promise.all(letters.map((letter) => world.kv.get([letter])));
  assertEquals(found.map(({ key }) => key), letters.map((letter) => [letter]));
  assertEquals(found.map(({ value }) => value), [...letters.slice(0, -1), null]);
  assertEquals(world.reads, [10, 10, 4]);
});

Deno.test("a read that comes later sees what was written in between", async () => {
  using world = await joined();
  assertEquals((await world.kv.get(["a"])).value, "a");
  await world.kv.set(["a"], "new");
  assertEquals((await world.kv.get(["a"])).value, "new");
});

Deno.test("a value that this build can't read fails only the read that asked for it", async () => {
  using world = await joined();
  await world.database.set(["a"], { v: 99 });
  const [bad, good] = await Promise.allSettled([world.kv.get(["a"]), world.kv.get(["b"])]);
  assert(bad.status === "rejected");
  assertInstanceOf(bad.reason, NewerForm);
  assert(good.status === "fulfilled");
  assertEquals(good.value.value, "b");
});

Deno.test("a database that is out fails every read at once, without being asked again", async () => {
  using world = await joined();
  let asked = 0;
  const out = () => {
    asked += 1;
    return Promise.reject(new StorageUnavailable("out"));
  };
  const kv = joinReads({ ...world.kv, get: out, getMany: out });
  for (const read of await Promise.allSettled([kv.get(["a"]), kv.get(["b"])])) {
    assert(read.status === "rejected");
    assertInstanceOf(read.reason, StorageUnavailable);
  }
  assertEquals(asked, 1);
});
