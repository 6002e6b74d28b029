/**
 * The in-memory store of the simulation behaves as the real ones: the same seeded operations go to
 * it, to SQLite, to a denokv server where there is one, and to the npm implementation, and every
 * answer must agree.
 *
 * Where the others are known to differ from Deno's SQLite store:
 * - npm never ends a list in batches of one that starts at its own prefix: batches there are larger;
 * - npm's own limits and messages are not Deno's, so limits are compared with SQLite alone;
 * - npm keeps a cursor after a list has ended, Deno's is empty: lists are resumed after a limit only;
 * - npm, listing backwards, includes the key that equals the prefix: those lists run forwards;
 * - which subclass of Error is thrown is compared with SQLite alone; that one is thrown, with all.
 */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { openKv as openNpmKv } from "@deno/kv";
import { findDenoKv, startDenoKv } from "../support/denokv.ts";
import { MemoryKv } from "../support/memory_kv.ts";
import { MemoryStore } from "../support/memory_store.ts";
import { Random } from "../support/random.ts";

const SEEDS = 40;
const STEPS = 120;

type Kv = Pick<Deno.Kv, "get" | "getMany" | "set" | "delete" | "list" | "atomic" | "close">;

interface Candidate {
  readonly name: string;
  readonly kv: Kv;
  /** Versionstamps in order of first sight: comparable across stores. */
  readonly stamps: Map<string, number>;
  readonly lastSeen: Map<string, string | null>;
}

type Step = (candidate: Candidate) => Promise<unknown>;

Deno.test("random operations have the same results on the shim and on SQLite", async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    using sqlite = await Deno.openKv(":memory:");
    await compare(seed, [candidate("memory", shim()), candidate("sqlite", sqlite)], "all");
  }
});

Deno.test("random operations have the same results on the shim and on npm @deno/kv", async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const npm = await openNpmKv(`differential-${seed}`, { implementation: "in-memory" });
    try {
      // deno-lint-ignore no-explicit-any -- the two declare the same shapes nominally
      const other = npm as any as Kv;
      await compare(seed, [candidate("memory", shim()), candidate("npm", other)], "plain");
    } finally {
      npm.close();
    }
  }
});

const denokv = await findDenoKv();

Deno.test({
  name: "random operations have the same results on the shim and on a self-hosted denokv server",
  ignore: denokv === null,
  fn: async () => {
    await using server = await startDenoKv(denokv ?? "");
    using remote = await Deno.openKv(server.url);
    for (let seed = 1; seed <= SEEDS; seed++) {
      for await (const { key } of remote.list({ prefix: [] })) await remote.delete(key);
      await compare(
        seed,
        [candidate("memory", shim()), candidate("denokv", remote)],
        "all",
        "as such",
      );
    }
  },
});

Deno.test("a mutation that errors leaves what came before it, on the shim and on SQLite", async () => {
  using sqlite = await Deno.openKv(":memory:");
  const results = await Promise.all([shim(), sqlite].map(async (kv) => {
    await kv.set(["word"], "not a number");
    const failure = await kv.atomic().set(["before"], 1).sum(["word"], 1n).set(["after"], 1)
      .commit().then(() => "none", (error) => error instanceof TypeError);
    return [failure, (await kv.get(["before"])).value, (await kv.get(["after"])).value];
  }));
  assertEquals(results[0], results[1]);
  assertEquals(results[0], [true, 1, null]);
});

Deno.test("versionstamps rise with each commit, in the order of text, on all three", async () => {
  await onAll(async (kv) => {
    const stamps: string[] = [];
    for (let step = 0; step < 300; step++) {
      const outcome = await kv.atomic().set(["row", step % 7], step).sum(["n"], 1n).commit();
      assert(outcome.ok);
      const [row, sum] = await kv.getMany([["row", step % 7], ["n"]]);
      assertEquals([row?.versionstamp, sum?.versionstamp], [
        outcome.versionstamp,
        outcome.versionstamp,
      ]);
      stamps.push(outcome.versionstamp);
    }
    assertEquals(stamps.every((stamp) => /^[0-9a-f]{20}$/.test(stamp)), true);
    return stamps.every((stamp, at) => at === 0 || stamp > (stamps[at - 1] ?? ""));
  }, true);
});

Deno.test("sums wrap at 2^64, least and greatest compare as numbers, on all three", async () => {
  await onAll(async (kv) => {
    const top = (1n << 64n) - 1n;
    await kv.atomic().sum(["wrap"], top).sum(["wrap"], 3n).commit();
    await kv.atomic().min(["least"], 256n).min(["least"], 9n).min(["least"], 10n).commit();
    await kv.atomic().max(["most"], 9n).max(["most"], 256n).max(["most"], top).commit();
    const found = await kv.getMany([["wrap"], ["least"], ["most"]]);
    return found.map(({ value }) => (value as Deno.KvU64).value);
  }, [2n, 9n, (1n << 64n) - 1n]);
});

Deno.test("a refused check applies nothing, and checks see the commit before, on all three", async () => {
  await onAll(async (kv) => {
    const first = await kv.set(["a"], 1);
    const stale = { key: ["a"], versionstamp: first.versionstamp };
    const outcomes = [
      (await kv.atomic().check(stale, { key: ["b"], versionstamp: null }).set(["a"], 2).commit())
        .ok,
      (await kv.atomic().check(stale).set(["a"], 3).sum(["n"], 1n).delete(["a"]).commit()).ok,
      (await kv.atomic().check({ key: ["a"], versionstamp: null }).set(["c"], 1).commit()).ok,
    ];
    const rest = await kv.getMany([["a"], ["n"], ["c"]]);
    return [outcomes, rest.map(({ value }) => value)];
  }, [[true, false, false], [2, null, null]]);
});

Deno.test("within one commit the last write of a key stands, on all three", async () => {
  await onAll(async (kv) => {
    await kv.atomic().set(["a"], 1).set(["a"], 2).delete(["b"]).set(["b"], 3).set(["c"], 4)
      .delete(["c"]).sum(["n"], 2n).sum(["n"], 5n).commit();
    const found = await kv.getMany([["a"], ["b"], ["c"], ["n"]]);
    return found.map(({ key, value }) => key[0] === "n" ? (value as Deno.KvU64).value : value);
  }, [2, 3, null, 7n]);
});

Deno.test("an expiring key reads as written at first, and a sum ends its expiry, on shim and SQLite", async () => {
  using sqlite = await Deno.openKv(":memory:");
  const clock = { atMs: 0 };
  // deno-lint-ignore no-explicit-any -- as `shim` below
  const memory = new MemoryKv(new MemoryStore(() => clock.atMs)) as any as Kv;
  for (const kv of [memory, sqlite]) {
    await kv.set(["gone"], 1, { expireIn: 60_000 });
    await kv.atomic().set(["kept"], new Deno.KvU64(1n), { expireIn: 60_000 }).commit();
    await kv.atomic().sum(["kept"], 1n).commit();
    assertEquals((await kv.get(["gone"])).value, 1);
  }
  // Only the shim's clock can be moved: `expireIn` is a lower bound, and a sweep comes within a minute.
  clock.atMs = 59_999;
  assertEquals((await memory.get(["gone"])).value, 1);
  clock.atMs = 120_000;
  const [gone, kept] = await memory.getMany([["gone"], ["kept"]]);
  assertEquals([gone?.value, gone?.versionstamp], [null, null]);
  assertEquals((kept?.value as Deno.KvU64).value, 2n);
  const reborn = await memory.atomic().check({ key: ["gone"], versionstamp: null })
    .set(["gone"], 2).commit();
  assertEquals(reborn.ok, true, "what has expired is absent for checks, too");
});

Deno.test("a reader can't change what is stored, whatever it does to what it read", async () => {
  const kv = shim();
  const bytes = new Uint8Array([1, 2, 3]);
  await kv.set(["plain"], { list: [1, { deep: 2 }] });
  await kv.set(["bytes"], { bytes });
  bytes[0] = 9;
  const read = async (key: string) => (await kv.get<Record<string, unknown>>([key])).value;
  const plain = await read("plain");
  assertThrows(() => Object.assign(plain ?? {}, { list: [] }), TypeError);
  const first = await read("bytes");
  (first?.["bytes"] as Uint8Array)[1] = 9;
  assertEquals(await read("bytes"), { bytes: new Uint8Array([1, 2, 3]) });
  assertEquals(await read("plain"), { list: [1, { deep: 2 }] });
});

Deno.test("the shim has the limits of SQLite, to the byte", async () => {
  using sqlite = await Deno.openKv(":memory:");
  const stores = [shim(), sqlite];
  for (const [name, attempt] of limitAttempts()) {
    const settled = stores.map((kv) => outcomeOf(() => attempt(kv).then(() => "done")));
    const [own, real] = await Promise.all(settled);
    assertEquals(own, real, name);
  }
});

Deno.test("a cursor is empty exactly when the list has ended before its limit", async () => {
  using sqlite = await Deno.openKv(":memory:");
  const results = await Promise.all([shim(), sqlite].map(async (kv) => {
    for (let index = 0; index < 5; index++) await kv.set(["row", index], index);
    const cursors: boolean[] = [];
    for (const limit of [4, 5, 6]) {
      const list = kv.list({ prefix: ["row"] }, { limit });
      for await (const _ of list);
      cursors.push(list.cursor === "");
    }
    return cursors;
  }));
  assertEquals(results[0], results[1]);
  assertEquals(results[0], [false, false, true]);
});

Deno.test("a long list changes between its batches, never within one", async () => {
  const kv = shim();
  for (let index = 0; index < 250; index++) await kv.set(["row", index], 0);
  const seen: unknown[] = [];
  for await (const { value } of kv.list({ prefix: ["row"] }, { batchSize: 100 })) {
    if (seen.length === 0) {
      for (let index = 0; index < 250; index++) await kv.set(["row", index], 1);
    }
    seen.push(value);
  }
  assertEquals(seen.lastIndexOf(0), 99);
  assertEquals(seen.indexOf(1), 100);
});

/** The same work on the shim, on SQLite and on npm's store must end in `expected`. */
async function onAll(work: (kv: Kv) => Promise<unknown>, expected: unknown): Promise<void> {
  using sqlite = await Deno.openKv(":memory:");
  const npm = await openNpmKv("three-stores", { implementation: "in-memory" });
  try {
    assertEquals(await work(shim()), expected, "shim");
    assertEquals(await work(sqlite), expected, "SQLite");
    // deno-lint-ignore no-explicit-any -- the two declare the same shapes nominally
    assertEquals(await work(npm as any as Kv), expected, "npm");
  } finally {
    npm.close();
  }
}

async function compare(
  seed: number,
  [left, right]: [Candidate, Candidate],
  kinds: "all" | "plain",
  errors: "by class" | "as such" = kinds === "all" ? "by class" : "as such",
) {
  const random = new Random(seed);
  for (let step = 0; step < STEPS; step++) {
    const [name, run] = drawStep(random, kinds);
    const [own, other] = [await outcomeOf(() => run(left)), await outcomeOf(() => run(right))];
    const strip = errors === "as such" ? withoutErrorClass : (outcome: unknown) => outcome;
    assertEquals(strip(own), strip(other), `seed ${seed}, step ${step}: ${name} vs ${right.name}`);
  }
}

function drawStep(random: Random, kinds: "all" | "plain"): [string, Step] {
  const pool = kinds === "all" ? MIXED_KEYS : PLAIN_KEYS;
  const roll = random.below(100);
  if (roll < 20) return getStep(random.pick(pool));
  if (roll < 28) return getManyStep([random.pick(pool), random.pick(pool), random.pick(pool)]);
  if (roll < 45) return listStep(random, kinds);
  if (roll < 55) return setStep(random.pick(pool), drawValue(random));
  if (roll < 60) return deleteStep(random.pick(pool));
  return atomicStep(random, pool);
}

function getStep(key: Deno.KvKey): [string, Step] {
  return [`get ${show(key)}`, async (on) => canonical(on, await on.kv.get(key))];
}

function getManyStep(keys: Deno.KvKey[]): [string, Step] {
  return [`getMany ${keys.map(show)}`, async (on) => {
    const entries = await on.kv.getMany(keys);
    return entries.map((entry) => canonical(on, entry));
  }];
}

function setStep(key: Deno.KvKey, value: unknown): [string, Step] {
  return [
    `set ${show(key)}`,
    async (on) => remember(on, (await on.kv.set(key, value)).versionstamp),
  ];
}

function deleteStep(key: Deno.KvKey): [string, Step] {
  return [`delete ${show(key)}`, (on) => on.kv.delete(key)];
}

function listStep(random: Random, kinds: "all" | "plain"): [string, Step] {
  const pool = kinds === "all" ? MIXED_KEYS : PLAIN_KEYS;
  const prefixes = pool.map(show);
  const base = random.pick(pool);
  const prefix = base.slice(0, random.below(base.length + 1));
  const selectors: Deno.KvListSelector[] = [{ prefix }];
  const inside = [random.pick(pool), random.pick(pool)] as const;
  if (prefix.length === 0) selectors.push({ start: inside[0], end: inside[1] });
  const under = pool.filter((key) => prefix.every((part, at) => Object.is(key[at], part)));
  const edge = under.filter((key) => key.length > prefix.length);
  if (edge.length > 0) selectors.push({ prefix, start: random.pick(edge) });
  if (edge.length > 0) selectors.push({ prefix, end: random.pick(edge) });
  const selector = random.pick(selectors);
  const least = kinds === "plain" ? 2 : 1;
  const options = {
    reverse: random.chance(0.4) && !(kinds === "plain" && prefixes.includes(show(prefix))),
    ...(random.chance(0.5) ? { limit: random.between(least, 5) } : {}),
    ...(random.chance(0.4) ? { batchSize: random.between(least, 4) } : {}),
  };
  const resume = random.chance(0.5);
  const text = `list ${Deno.inspect(selector)} ${Deno.inspect(options)} resume ${resume}`;
  return [text, (on) => listAll(on, { selector, options, resume })];
}

async function listAll(
  on: Candidate,
  { selector, options, resume }: {
    selector: Deno.KvListSelector;
    options: Deno.KvListOptions;
    resume: boolean;
  },
): Promise<unknown> {
  const rows: unknown[] = [];
  const first = on.kv.list(selector, options);
  for await (const entry of first) rows.push(canonical(on, entry));
  if (resume && rows.length === options.limit) {
    const rest = on.kv.list(selector, { ...options, cursor: first.cursor });
    for await (const entry of rest) rows.push(canonical(on, entry));
  }
  return rows;
}

function atomicStep(random: Random, pool: readonly Deno.KvKey[]): [string, Step] {
  const checks = random.below(3) === 0
    ? []
    : [{ key: random.pick(pool), stale: random.chance(0.2) }];
  const changes = Array.from({ length: random.between(0, 4) }, () => drawChange(random, pool));
  const text = `atomic ${Deno.inspect({ checks, changes }, { depth: 5 })}`;
  return [text, async (on) => {
    const atomic = on.kv.atomic();
    for (const { key, stale } of checks) {
      const versionstamp = stale ? null : on.lastSeen.get(show(key)) ?? null;
      atomic.check({ key, versionstamp });
    }
    for (const change of changes) change(atomic);
    const outcome = await atomic.commit();
    return outcome.ok ? remember(on, outcome.versionstamp) : "conflict";
  }];
}

function drawChange(random: Random, pool: readonly Deno.KvKey[]) {
  const key = random.pick(pool);
  const count = BigInt(random.below(9)) + (random.chance(0.05) ? (1n << 64n) - 5n : 0n);
  const value = drawValue(random);
  const counter: Deno.KvKey = random.chance(0.9) ? ["counter", random.below(3)] : key;
  return random.pick<(atomic: Deno.AtomicOperation) => unknown>([
    (atomic) => atomic.set(key, value),
    (atomic) => atomic.delete(key),
    (atomic) => atomic.sum(counter, count),
    (atomic) => atomic.min(counter, count),
    (atomic) => atomic.max(counter, count),
  ]);
}

function drawValue(random: Random): unknown {
  return random.pick([
    random.below(100),
    `text ${random.below(9)} é`,
    BigInt(random.below(1000)) ** 5n,
    null,
    true,
    undefined,
    [1, "two", 3n, { four: [4] }],
    { a: 1, b: { c: new Uint8Array([1, 2, 3]) }, d: new Date(5) },
    new Map([["k", new Set([1, 2n])]]),
  ]);
}

const PLAIN_KEYS: readonly Deno.KvKey[] = [
  ["a"],
  ["a", "b"],
  ["a", "b", "c"],
  ["a", "bb"],
  ["ab"],
  ["a", ""],
  ["z", 1],
  ["z", 2],
  ["z", 10],
  ["z", -1],
  ["é", "\u{1F600}"],
  ["counter", 0],
  ["counter", 1],
  ["counter", 2],
];

const MIXED_KEYS: readonly Deno.KvKey[] = [
  ...PLAIN_KEYS,
  ["m", 1n],
  ["m", -1n],
  ["m", 0n],
  ["m", 255n],
  ["m", 256n],
  ["m", -256n],
  ["m", 1n << 70n],
  ["m", -(1n << 70n)],
  ["m", 1.5],
  ["m", -1.5],
  ["m", 0],
  ["m", true],
  ["m", false],
  ["m", new Uint8Array([0, 1, 255])],
  ["m", new Uint8Array([])],
  ["m", "text\u0000zero"],
];

function limitAttempts(): [string, (kv: Kv) => Promise<unknown>][] {
  // A string key part costs its bytes and two more; a text value three or four bytes of header.
  const keyOf = (bytes: number): Deno.KvKey => ["k".repeat(bytes - 2)];
  const text = (count: number) => "v".repeat(count);
  const sets = (count: number, value: unknown, at: (index: number) => Deno.KvKey) => (kv: Kv) => {
    const atomic = kv.atomic();
    for (let index = 0; index < count; index++) atomic.set(at(index), value);
    return atomic.commit();
  };
  const checks = (count: number) => (kv: Kv) => {
    const atomic = kv.atomic();
    for (let n = 0; n < count; n++) atomic.check({ key: ["absent", n], versionstamp: null });
    return atomic.commit();
  };
  const check = (key: Deno.KvKey) => (kv: Kv) =>
    kv.atomic().check({ key, versionstamp: null }).commit();
  const numbered = (index: number): Deno.KvKey => ["n", index];
  const wide = (index: number): Deno.KvKey => [String(index).padStart(2046, "k")];
  return [
    ["largest key", (kv) => kv.set(keyOf(2048), 1)],
    ["key over the limit", (kv) => kv.set(keyOf(2049), 1)],
    ["largest key read", (kv) => kv.get(keyOf(2048))],
    ["key read over the limit", (kv) => kv.get(keyOf(2049))],
    ["largest key checked", check(keyOf(2048))],
    ["key checked over the limit", check(keyOf(2049))],
    ["empty key", (kv) => kv.set([], 1)],
    ["largest value", (kv) => kv.set(["v"], text(65_536 - 7))],
    ["largest bytes", (kv) => kv.set(["v"], new Uint8Array(65_000))],
    ["value over the limit", (kv) => kv.set(["v"], text(65_536))],
    ["100 checks", checks(100)],
    ["101 checks", checks(101)],
    ["1,000 mutations", sets(1000, 1, numbered)],
    ["1,001 mutations", sets(1001, 1, numbered)],
    ["under 800 KiB", sets(12, text(64_000), numbered)],
    ["over 800 KiB", sets(13, text(64_000), numbered)],
    ["40 wide keys", sets(40, 1, wide)],
    ["41 wide keys", sets(41, 1, wide)],
    ["10 keys in getMany", (kv) => kv.getMany(Array.from({ length: 10 }, (_, n) => numbered(n)))],
    ["11 keys in getMany", (kv) => kv.getMany(Array.from({ length: 11 }, (_, n) => numbered(n)))],
  ];
}

async function outcomeOf(run: () => Promise<unknown>): Promise<unknown> {
  try {
    return { value: await run() };
  } catch (error) {
    assert(error instanceof Error);
    return { thrown: error.name };
  }
}

function withoutErrorClass(outcome: unknown): unknown {
  const thrown = typeof outcome === "object" && outcome !== null && "thrown" in outcome;
  return thrown ? { thrown: true } : outcome;
}

function canonical(on: Candidate, entry: Deno.KvEntryMaybe<unknown>): unknown {
  on.lastSeen.set(show(entry.key), entry.versionstamp);
  const { value } = entry;
  const number = Deno.inspect(value).startsWith("[Deno.KvU64") ||
    (typeof value === "object" && value?.constructor.name.endsWith("KvU64"));
  return {
    key: entry.key,
    value: number ? `u64 ${(value as Deno.KvU64).value}` : value,
    commit: entry.versionstamp === null ? null : remember(on, entry.versionstamp),
  };
}

function remember(on: Candidate, versionstamp: string): number {
  const known = on.stamps.get(versionstamp);
  if (known !== undefined) return known;
  on.stamps.set(versionstamp, on.stamps.size);
  return on.stamps.size - 1;
}

function candidate(name: string, kv: Kv): Candidate {
  return { name, kv, stamps: new Map(), lastSeen: new Map() };
}

function shim(): Kv {
  // deno-lint-ignore no-explicit-any -- `Deno.Kv` is a class with private parts; the rest is equal
  return new MemoryKv() as any as Kv;
}

function show(key: Deno.KvKey): string {
  return Deno.inspect(key);
}
