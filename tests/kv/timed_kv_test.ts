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

type Answer = <T>(run: () => Promise<T>) => Promise<T>;

/** A store whose every call is answered as `answer` says. */
class AnsweringKv extends MemoryKv {
  constructor(private readonly answer: Answer) {
    super();
  }
  override get<T>(key: Deno.KvKey): Promise<Deno.KvEntryMaybe<T>> {
    return this.answer(() => super.get<T>(key));
  }
  override getMany<T extends readonly unknown[]>(
    keys: readonly [...{ [K in keyof T]: Deno.KvKey }],
  ): Promise<{ [K in keyof T]: Deno.KvEntryMaybe<T[K]> }> {
    return this.answer(() => super.getMany<T>(keys));
  }
  override set(key: Deno.KvKey, value: unknown): Promise<Deno.KvCommitResult> {
    return this.answer(() => super.set(key, value));
  }
  override delete(key: Deno.KvKey): Promise<void> {
    return this.answer(() => super.delete(key));
  }
  override list<T>(...args: Parameters<MemoryKv["list"]>) {
    const rows = super.list<T>(...args);
    const next = rows.next.bind(rows);
    rows.next = () => this.answer(next);
    return rows;
  }
  override atomic(): ReturnType<MemoryKv["atomic"]> {
    const atomic = super.atomic();
    const commit = atomic.commit.bind(atomic);
    atomic.commit = () => this.answer(commit);
    return atomic;
  }
}

/** Every way of asking a store for something. */
const CALLS: Readonly<Record<string, (kv: KvLike) => Promise<unknown>>> = {
  get: (kv) => kv.get(["a"]),
  getMany: (kv) => kv.getMany([["a"], ["b"]]),
  set: (kv) => kv.set(["a"], 1),
  delete: (kv) => kv.delete(["a"]),
  list: (kv) => kv.list({ prefix: [] }).next(),
  commit: (kv) => kv.atomic().set(["a"], 1).commit(),
};

for (const [name, ask] of Object.entries(CALLS)) {
  Deno.test(`a ${name} that nobody answers ends by itself`, async () => {
    const { kv, clock, scheduler } = timed(new AnsweringKv(() => new Promise(() => {})));
    const asking = assertRejects(() => ask(kv), StorageUnavailable);
    await turn();
    clock.advance(2_000);
    scheduler.runDue();
    await asking;
  });

  Deno.test(`a ${name} of a locked database is tried again, a bounded number of times`, async () => {
    for (const [locked, works] of [[3, true], [100, false]] as const) {
      let left: number = locked;
      let asked = 0;
      const inner = new AnsweringKv((run) => {
        asked += 1;
        return left-- > 0 ? Promise.reject(new Error("database is locked")) : run();
      });
      const { kv, clock, scheduler } = timed(inner);
      let outcome: unknown = null;
      ask(kv).then(() => outcome = "answered", (error) => outcome = error);
      for (let step = 0; step < 20 && outcome === null; step++) {
        await turn();
        clock.advance(1_000);
        scheduler.runDue();
      }
      await turn();
      if (works) assertEquals([outcome, asked], ["answered", locked + 1]);
      else assert(outcome instanceof StorageUnavailable && asked < 20, `${asked} times`);
    }
  });

  Deno.test(`a ${name} that a database fails says that it is unavailable`, async () => {
    const { kv } = timed(new AnsweringKv(() => Promise.reject(new Error("disk full"))));
    await assertRejects(() => ask(kv), StorageUnavailable);
  });
}

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

Deno.test("an error that is no outage ends a commit at once, as it is", async () => {
  let tries = 0;
  const build = (): KvAtomicLike => {
    tries += 1;
    throw new TypeError("a defect");
  };
  const readBack = () => Promise.resolve({ kind: "unchanged" } as const);
  await assertRejects(() => commitOnce(build, readBack), TypeError, "a defect");
  assertEquals(tries, 1);
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
