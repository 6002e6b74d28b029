import { assert, assertEquals, assertRejects } from "@std/assert";
import { commitOnce } from "@/lib/kv/commit_once.ts";
import type { KvAtomicLike, KvLike } from "@/lib/kv/kv_like.ts";
import { createTimedKv } from "@/lib/kv/timed_kv.ts";
import { StorageUnavailable } from "@/lib/ports/storage.ts";
import { CountingIds, FixedClock } from "@/tests/support/fixed_effects.ts";
import { MemoryKv } from "@/tests/support/memory_kv.ts";
import { ManualScheduler } from "@/tests/support/metering_world.ts";

function timed(inner: KvLike) {
  const clock = new FixedClock();
  const scheduler = new ManualScheduler(clock);
  return { clock, scheduler, kv: createTimedKv(inner, { scheduler, ids: new CountingIds() }) };
}

/** Lets promises run that are ready. */
async function turn(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve));
}

class SilentKv extends MemoryKv {
  override get(): Promise<never> {
    return new Promise(() => {});
  }
}

class LockedKv extends MemoryKv {
  locked = 3;
  override get<T>(key: Deno.KvKey): Promise<Deno.KvEntryMaybe<T>> {
    if (this.locked-- > 0) return Promise.reject(new Error("database is locked"));
    return super.get<T>(key);
  }
}

Deno.test("a call that nobody answers ends by itself", async () => {
  const { kv, clock, scheduler } = timed(new SilentKv());
  const reading = assertRejects(() => kv.get(["a"]), StorageUnavailable);
  await turn();
  clock.advance(2_000);
  scheduler.runDue();
  await reading;
});

Deno.test("a locked database is asked again, a bounded number of times", async () => {
  for (const [locked, works] of [[3, true], [100, false]] as const) {
    const inner = new LockedKv();
    inner.locked = locked;
    const { kv, clock, scheduler } = timed(inner);
    let outcome: unknown = null;
    kv.get(["a"]).then((entry) => outcome = entry.value === null, (error) => outcome = error);
    for (let step = 0; step < 20 && outcome === null; step++) {
      await turn();
      clock.advance(1_000);
      scheduler.runDue();
    }
    await turn();
    assertEquals(works ? outcome : outcome instanceof StorageUnavailable, true);
  }
});

Deno.test("a programmer's error stays one", async () => {
  const { kv } = timed(new MemoryKv());
  await assertRejects(
    () => kv.getMany(Array.from({ length: 11 }, (_, index) => [index])),
    TypeError,
  );
});

Deno.test("a list, its cursor and a commit pass through unchanged", async () => {
  const { kv } = timed(new MemoryKv());
  for (let index = 0; index < 5; index++) await kv.set(["a", index], index);
  const list = kv.list<number>({ prefix: ["a"] }, { limit: 3 });
  const values: number[] = [];
  for await (const { value } of list) values.push(value);
  assertEquals(values, [0, 1, 2]);
  assert(list.cursor !== "");
  assertEquals((await kv.atomic().check({ key: ["a", 0], versionstamp: null }).commit()).ok, false);
  assertEquals((await kv.atomic().sum(["n"], 2n).max(["m"], 3n).commit()).ok, true);
});

Deno.test("a refusal that our own lost attempt caused counts as success", async () => {
  const kv = new MemoryKv();
  let attempts = 0;
  const build = (): KvAtomicLike => {
    const atomic: KvAtomicLike = kv.atomic()
      .check({ key: ["a"], versionstamp: null }).set(["a"], "mine");
    return {
      ...atomic,
      async commit() {
        const outcome = await atomic.commit();
        if (attempts++ === 0) throw new StorageUnavailable("the reply was lost");
        return outcome;
      },
    };
  };
  const readBack = async () => {
    if (attempts === 1) return { kind: "unchanged" } as const;
    const { value, versionstamp } = await kv.get(["a"]);
    return value === "mine" && versionstamp !== null
      ? { kind: "mine", versionstamp } as const
      : { kind: "changed" } as const;
  };
  const commit = await commitOnce(build, readBack);
  assertEquals([commit.ok, attempts], [true, 2]);
});

/** A list whose entries come one by one, as `step` says. */
class StagedKv extends MemoryKv {
  constructor(private readonly step: (at: number) => Promise<void>) {
    super();
  }
  override list<T>(...args: Parameters<MemoryKv["list"]>) {
    const rows = super.list<T>(...args);
    const next = rows.next.bind(rows);
    let at = 0;
    rows.next = async () => {
      await this.step(at++);
      return await next();
    };
    return rows;
  }
}

async function stored(inner: MemoryKv, count: number): Promise<MemoryKv> {
  for (let at = 0; at < count; at++) await inner.set(["row", at], at);
  return inner;
}

Deno.test("entries of a list that were read already get no timer each", async () => {
  const inner = await stored(new MemoryKv(), 700);
  const clock = new FixedClock();
  let timers = 0;
  const scheduler = {
    after: () => {
      timers += 1;
      return () => {};
    },
  };
  const kv = createTimedKv(inner, { scheduler, ids: new CountingIds() });
  const seen: number[] = [];
  for await (const { value } of kv.list<number>({ prefix: ["row"] })) seen.push(value);
  assertEquals(seen, Array.from({ length: 700 }, (_, at) => at));
  assertEquals([timers, clock.nowMs()], [0, new FixedClock().nowMs()]);
});

Deno.test("a list that stops half way ends by itself, with what came before it", async () => {
  const never = new Promise<void>(() => {});
  const inner = await stored(new StagedKv((at) => at < 3 ? Promise.resolve() : never), 5);
  const { kv, clock, scheduler } = timed(inner);
  const seen: number[] = [];
  const reading = assertRejects(async () => {
    for await (const { value } of kv.list<number>({ prefix: ["row"] })) seen.push(value);
  }, StorageUnavailable);
  await turn();
  clock.advance(2_000);
  scheduler.runDue();
  await reading;
  assertEquals(seen, [0, 1, 2]);
});

Deno.test("a list that meets a lock goes on where it was", async () => {
  let locks = 2;
  const inner = await stored(
    new StagedKv((at) => {
      const isLocked = at === 2 && locks-- > 0;
      return isLocked ? Promise.reject(new Error("database is locked")) : Promise.resolve();
    }),
    4,
  );
  const { kv, clock, scheduler } = timed(inner);
  const seen: number[] = [];
  const reading = (async () => {
    for await (const { value } of kv.list<number>({ prefix: ["row"] })) seen.push(value);
  })();
  for (let step = 0; step < 5; step++) {
    await turn();
    clock.advance(1_000);
    scheduler.runDue();
  }
  await reading;
  assertEquals(seen, [0, 1, 2, 3]);
});

Deno.test("an id too long for any key names nothing, in a look-up and in a list", async () => {
  using database = await Deno.openKv(":memory:");
  const { kv } = timed(database);
  const id = "x".repeat(5_000);
  const { value, versionstamp } = await kv.get(["tenant", id]);
  assertEquals([value, versionstamp], [null, null]);
  const listed = await Array.fromAsync(kv.list({ prefix: ["tenant", id] }));
  assertEquals(listed, []);
});
