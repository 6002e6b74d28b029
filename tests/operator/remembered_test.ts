/** Dear figures: made seldom, shown at once, and never by two at a time. */
import { assertEquals } from "@std/assert";
import { createKvFigureStore } from "@/lib/kv/figure_store.ts";
import { type Figures, remembered } from "@/lib/operator/remembered.ts";
import { FixedClock } from "@/tests/support/fixed_effects.ts";

interface Deps {
  readonly clock: FixedClock;
}

/** Figures that count how often they were made, and take as long as told. */
function counting({ takesMs = 0, kept }: {
  takesMs?: number;
  kept?: { read(): Promise<Figures<number> | null>; keep(figures: Figures<number>): Promise<void> };
} = {}) {
  const deps: Deps = { clock: new FixedClock() };
  let made = 0;
  const load = remembered<Deps, number>(({ clock }) => {
    clock.advance(takesMs);
    return Promise.resolve(++made);
  }, {
    maxAgeMs: 60_000,
    nowMs: ({ clock }) => clock.nowMs(),
    ...(kept === undefined ? {} : {
      kept: { read: () => kept.read(), keep: (_deps, figures) => kept.keep(figures) },
    }),
  });
  return { load: () => load(deps), clock: deps.clock, made: () => made };
}

/** Lets what waits for nothing but promises come to its end. */
const settled = () => new Promise((resolve) => setTimeout(resolve));

Deno.test("everybody who asks at the same time gets the figures of one making", async () => {
  const { load, made } = counting();
  assertEquals(await Promise.all([load(), load(), load()]), [1, 1, 1]);
  assertEquals(made(), 1);
});

Deno.test("old figures are shown at once and made anew behind them", async () => {
  const { load, clock } = counting();
  assertEquals(await load(), 1);
  clock.advance(60_000);
  assertEquals([await load(), await load()], [1, 1]);
  clock.advance(1);
  assertEquals(await load(), 1);
  await settled();
  assertEquals(await load(), 2);
});

Deno.test("figures that take ten seconds are made every eight minutes, not every one", async () => {
  const { load, clock, made } = counting({ takesMs: 10_000 });
  await load();
  clock.advance(490_000);
  await load();
  await settled();
  assertEquals(made(), 1);
  clock.advance(10_001);
  await load();
  await settled();
  assertEquals(made(), 2);
});

Deno.test("after a start the kept figures are shown with no making, and young ones save it", async () => {
  const kv = await Deno.openKv(":memory:");
  const store = createKvFigureStore(kv);
  const again = Promise.withResolvers<void>();
  let times = 0;
  const kept = {
    read: async () => await store.read("test", 1) as Figures<number> | null,
    keep: async (figures: Figures<number>) => {
      await store.keep("test", { shape: 1, ...figures });
      if (++times === 2) again.resolve();
    },
  };
  const first = counting({ kept });
  assertEquals(await first.load(), 1);
  const second = counting({ kept });
  assertEquals([await second.load(), second.made()], [1, 0]);
  const late = counting({ kept });
  late.clock.advance(60_001);
  assertEquals(await late.load(), 1);
  await again.promise;
  assertEquals(late.made(), 1);
  kv.close();
});

Deno.test("kept figures of another shape are not shown", async () => {
  const kv = await Deno.openKv(":memory:");
  const store = createKvFigureStore(kv);
  await store.keep("test", { shape: 1, value: 41, atMs: 5 });
  assertEquals(await store.read("test", 2), null);
  assertEquals(await store.read("other", 1), null);
  assertEquals(await store.read("test", 1), { value: 41, atMs: 5 });
  kv.close();
});
