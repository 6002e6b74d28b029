import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { type PriceSeries, priceSeries } from "@/lib/domain/rating/price_series.ts";
import type { Quote } from "@/lib/domain/rating/quote.ts";
import type { ListEntry } from "@/lib/domain/rating/screening.ts";
import type { RatingStores } from "@/lib/kv/rating_stores.ts";
import type { ListScope, QuotePut, StampedOutcome } from "@/lib/ports/rating.ts";
import { minstdCloses } from "@/tests/support/minstd.ts";

export interface RatingStoresFixture {
  readonly stores: RatingStores;
  close(): void;
}

/** What the rating stores must do; run against the in-memory ones and the ones over Deno KV. */
export function testRatingStores(name: string, open: () => Promise<RatingStoresFixture>): void {
  const test = (guarantee: string, body: (stores: RatingStores) => Promise<void>) =>
    Deno.test(`${name} ${guarantee}`, async () => {
      const { stores, close } = await open();
      try {
        await body(stores);
      } finally {
        close();
      }
    });
  instrumentTests(test);
  quoteTests(test);
  historyTests(test);
  listTests(test);
}

type Test = (guarantee: string, body: (stores: RatingStores) => Promise<void>) => void;

function instrumentTests(test: Test): void {
  const record = (instrumentId: string, currency = "USD") => ({
    instrumentId,
    terms: { currency, bond: { coupon_rate: .05 } },
    updatedAtMs: 1,
  });

  test("return an instrument as it was put, to its own tenant only", async ({ instruments }) => {
    const version = versionOf(await instruments.putInstrument("a", record("x")));
    assertEquals(await instruments.instrument("a", "x"), { value: record("x"), version });
    assertEquals(await instruments.instrument("b", "x"), null);
    assertEquals(await instruments.instrument("a", "y"), null);
  });

  test("write an instrument only under the condition it was put with", async ({ instruments }) => {
    const first = versionOf(await instruments.putInstrument("a", record("x"), { ifVersion: null }));
    refused(await instruments.putInstrument("a", record("x"), { ifVersion: null }));
    refused(await instruments.putInstrument("a", record("x"), { ifVersion: "000000000000" }));
    const condition = { ifVersion: first };
    const second = versionOf(await instruments.putInstrument("a", record("x", "EUR"), condition));
    assertNotEquals(second, first);
    refused(await instruments.putInstrument("a", record("x"), condition));
    assertEquals((await instruments.instrument("a", "x"))?.value, record("x", "EUR"));
  });

  test("page through a tenant's instruments, each once", async ({ instruments }) => {
    for (const id of ["c", "a", "e", "b", "d"]) {
      await instruments.putInstrument("t", record(id));
      await instruments.putInstrument("other", record(id));
    }
    const seen: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const query: { cursor?: string; limit: number } = cursor === ""
        ? { limit: 2 }
        : { cursor, limit: 2 };
      const page = await instruments.instruments("t", query);
      seen.push(...page.items.map(({ value }) => value.instrumentId));
      cursor = page.cursor;
    }
    assertEquals(seen, ["a", "b", "c", "d", "e"]);
  });

  test("keep what screening found", async ({ instruments }) => {
    assertEquals(await instruments.screening("a", "x"), null);
    const stored = { instrumentVersion: "7", outcome: { lists: [], hits: [] } };
    await instruments.putScreening("a", "x", stored);
    assertEquals(await instruments.screening("a", "x"), stored);
    assertEquals(await instruments.screening("b", "x"), null);
  });
}

function quoteTests(test: Test): void {
  test("keep the latest quote, and refuse an older one", async ({ prices }) => {
    assertEquals(await prices.quote("a", "x"), null);
    await accepted(prices, [put("x", 100)]);
    const [late] = await prices.putQuotes("a", [put("x", 99)]);
    assertEquals(late, { ok: false, code: "out_of_order", latestMs: 100 });
    assertEquals((await prices.quote("a", "x"))?.value, quote(100));
    await accepted(prices, [put("x", 100, { last: "2" })]);
    assertEquals((await prices.quote("a", "x"))?.value.last, "2");
  });

  test("keep a backfilled quote without making it the latest", async ({ prices }) => {
    await accepted(prices, [put("x", 100), put("x", 50, { allowBackfill: true })]);
    assertEquals((await prices.quote("a", "x"))?.value.timestampMs, 100);
    assertEquals((await prices.quoteAt("a", "x", 99))?.value.timestampMs, 50);
    assertEquals((await prices.quoteAt("a", "x", 100))?.value.timestampMs, 100);
    assertEquals(await prices.quoteAt("a", "x", 49), null);
  });

  test("decide each of many quotes by itself, in order", async ({ prices }) => {
    const puts = Array.from({ length: 25 }, (_, i) => put(`i${i}`, 10));
    const outcomes = await prices.putQuotes("a", [...puts, put("i3", 9), put("i3", 11)]);
    assertEquals(outcomes.length, 27);
    assertEquals(outcomes.map((outcome) => outcome.ok).indexOf(false), 25);
    assertEquals((await prices.quote("a", "i3"))?.value.timestampMs, 11);
    assertEquals((await prices.quote("a", "i24"))?.value.timestampMs, 10);
    assertEquals(await prices.quote("b", "i3"), null);
  });

  test("write a quote only over the version it was put against", async ({ prices }) => {
    await accepted(prices, [{ ...put("x", 1), ifVersion: null }]);
    const [created] = await prices.putQuotes("a", [{ ...put("x", 2), ifVersion: null }]);
    assertEquals(created, { ok: false, code: "version_mismatch" });
    const version = (await prices.quote("a", "x"))?.version ?? "";
    await accepted(prices, [{ ...put("x", 2), ifVersion: version }]);
    assertNotEquals((await prices.quote("a", "x"))?.version, version);
  });
}

function historyTests(test: Test): void {
  test("return a history bit for bit, with and without volumes", async ({ prices }) => {
    for (const count of [1, 2, 1_281, 3_000, 3_001, 20_000]) {
      const series = sample(count, count % 2 === 1);
      const outcome = await prices.putHistory("a", { instrumentId: "x", series });
      const version = versionOf(outcome);
      assertEquals(await prices.history("a", "x"), { value: series, version });
      assertEquals(await prices.historyVersion("a", "x"), version);
    }
    assertEquals(await prices.history("b", "x"), null);
    assertEquals(await prices.historyVersion("b", "x"), null);
  });

  test("leave nothing of a longer history behind a shorter one", async ({ prices }) => {
    await prices.putHistory("a", { instrumentId: "x", series: sample(9_500, true) });
    await prices.putHistory("a", { instrumentId: "x", series: sample(10, false) });
    assertEquals((await prices.history("a", "x"))?.value, sample(10, false));
  });

  test("write a history only over the version it was put against", async ({ prices }) => {
    const put = (ifVersion: string | null) =>
      prices.putHistory("a", { instrumentId: "x", series: sample(5, false) }, { ifVersion });
    const first = versionOf(await put(null));
    refused(await put(null));
    const second = versionOf(await put(first));
    refused(await put(first));
    assertNotEquals(first, second);
  });
}

function listTests(test: Test): void {
  const tenant: ListScope = { kind: "tenant", tenantId: "a" };
  const operator: ListScope = { kind: "operator" };
  const head = (listId: string, count: number) => ({
    listId,
    kind: "sanctions" as const,
    asOf: "2026-11-22",
    loadedAtMs: 5,
    count,
  });

  test("return a list of any length as it was put, to its scope only", async ({ lists }) => {
    for (const count of [0, 1, 4_000]) {
      const entries = sampleEntries(count);
      const version = versionOf(await lists.putList(tenant, { head: head("l", count), entries }));
      assertEquals(await lists.lists(tenant), [{ value: head("l", count), version }]);
      assertEquals(await lists.entries(tenant, { listId: "l", version }), entries);
    }
    assertEquals(await lists.lists(operator), []);
    assertEquals(await lists.lists({ kind: "tenant", tenantId: "b" }), []);
  });

  test("hold the entries of a list's current version only", async ({ lists }) => {
    const entries = sampleEntries(3);
    const old = versionOf(await lists.putList(operator, { head: head("l", 3), entries }));
    versionOf(await lists.putList(operator, { head: head("l", 0), entries: [] }));
    assertEquals(await lists.entries(operator, { listId: "l", version: old }), null);
    refused(await lists.putList(operator, { head: head("l", 0), entries: [] }, { ifVersion: old }));
    assertEquals((await lists.lists(operator)).length, 1);
  });
}

function sample(count: number, hasVolumes: boolean): PriceSeries {
  const { days, closes } = minstdCloses(count);
  const volumes = hasVolumes ? closes.map((_, i) => i % 7 === 0 ? NaN : i) : null;
  const series = priceSeries({ days, closes, volumes });
  assert(series.ok);
  return series.value;
}

function sampleEntries(count: number): ListEntry[] {
  return Array.from({ length: count }, (_, i) => ({
    id: `e${i}`,
    name: `Имя ${i} ${"é".repeat(i % 50)}`,
    aliases: i % 2 === 0 ? [] : [`Alias ${i}`],
    isin: null,
    lei: null,
    country: "US",
  }));
}

function quote(timestampMs: number, last = "1"): Quote {
  return { bid: null, ask: null, last, volume: null, timestampMs, source: "tenant_push" };
}

function put(
  instrumentId: string,
  timestampMs: number,
  { last = "1", allowBackfill = false }: { last?: string; allowBackfill?: boolean } = {},
): QuotePut {
  return { instrumentId, quote: quote(timestampMs, last), allowBackfill };
}

async function accepted(prices: RatingStores["prices"], puts: readonly QuotePut[]): Promise<void> {
  for (const outcome of await prices.putQuotes("a", puts)) assert(outcome.ok);
}

function versionOf(outcome: StampedOutcome): string {
  assert(outcome.ok);
  return outcome.version;
}

function refused(outcome: StampedOutcome): void {
  assertEquals(outcome, { ok: false, code: "version_mismatch" });
}
