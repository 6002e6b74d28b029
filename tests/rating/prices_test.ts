import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { putQuotesBulk } from "@/lib/rating/bulk_quotes.ts";
import { appendHistory, getPrice, putHistory, putQuote } from "@/lib/rating/prices.ts";
import { AS_OF_MS } from "@/tests/support/rating_samples.ts";
import { APPLE, historyBody, isoOf, quoteBody, RatingWorld } from "@/tests/support/rating_world.ts";

const SUBJECT = { tenantId: "t1", instrumentId: APPLE };

function code(result: { ok: true } | { ok: false; error: { code: string } }): string {
  return result.ok ? "ok" : result.error.code;
}

Deno.test("an older quote is refused as out of order unless it is a backfill", async () => {
  const world = new RatingWorld();
  assertEquals(code(await world.quote(APPLE, quoteBody())), "ok");
  const older = quoteBody({ timestamp: isoOf(AS_OF_MS - 10_000) });
  const refused = await world.quote(APPLE, older);
  assert(!refused.ok);
  assertEquals([refused.error.code, refused.error.pointer], ["out_of_order", "/timestamp"]);
  const kept = await world.quote(APPLE, { ...older, allow_backfill: true });
  assert(kept.ok && !kept.value.isLatest);
});

Deno.test("a quote or close from the future is refused, so that it can't shut out later ones", async () => {
  const world = new RatingWorld();
  const ahead = (ms: number) => quoteBody({ timestamp: isoOf(AS_OF_MS + ms) });
  assertEquals(code(await world.quote(APPLE, ahead(5 * 60_000))), "ok");
  assertEquals(code(await world.quote(APPLE, ahead(5 * 60_000 + 1))), "validation_failed");
  const close = (date: string) => ({ closes: [{ date, close: 1 }] });
  assertEquals(code(await world.history(APPLE, close("2026-11-24"))), "ok");
  assertEquals(code(await world.history(APPLE, close("2026-11-25"))), "validation_failed");
  const late = { ...SUBJECT, body: close("2026-11-25") };
  assertEquals(code(await appendHistory(late, world.priceDeps())), "validation_failed");
  const text = JSON.stringify({ id: "A", ...ahead(86_400_000) });
  const bulk = await putQuotesBulk({ tenantId: "t1", text }, world.priceDeps());
  assertEquals(bulk.ok && bulk.value[0]?.ok, false);
});

Deno.test("a price is read by time, and its version is its ETag", async () => {
  const world = new RatingWorld();
  const first = await world.quote(APPLE, quoteBody({ last: "1.00", timestamp: isoOf(1_000) }));
  const second = await world.quote(APPLE, quoteBody({ last: "2.00", timestamp: isoOf(2_000) }));
  assert(first.ok && second.ok);
  const latest = await getPrice(SUBJECT, world.priceDeps());
  assert(latest.ok);
  assertEquals([latest.value.body.last, latest.value.version], ["2.00", second.value.version]);
  const before = await getPrice({ ...SUBJECT, atMs: 1_999 }, world.priceDeps());
  assert(before.ok);
  assertEquals(before.value.body.last, "1.00");
  assertEquals(
    code(await getPrice({ ...SUBJECT, atMs: 999 }, world.priceDeps())),
    "price_not_found",
  );
});

Deno.test("where no quote was kept the last close stands in", async () => {
  const world = new RatingWorld();
  await world.history(APPLE, { closes: [{ date: "2026-01-05", close: "7.5" }] });
  const found = await getPrice(SUBJECT, world.priceDeps());
  assert(found.ok);
  assertEquals([found.value.body.last, found.value.body.source], ["7.5", "history_close"]);
});

Deno.test("a write against another version is refused", async () => {
  const world = new RatingWorld();
  const body = historyBody(10);
  const first = await putHistory({ ...SUBJECT, body, ifVersion: null }, world.priceDeps());
  assert(first.ok);
  const again = await putHistory({ ...SUBJECT, body, ifVersion: null }, world.priceDeps());
  assertEquals(code(again), "version_mismatch");
  const stale = { ...SUBJECT, body: quoteBody(), ifVersion: "00000000000000000001" };
  assertEquals(code(await putQuote(stale, world.priceDeps())), "version_mismatch");
});

Deno.test("appending gives the same history as sending it whole", async () => {
  const world = new RatingWorld();
  const whole = historyBody(300).closes;
  await world.history(APPLE, { closes: whole });
  const expected = (await world.stores.prices.history("t1", APPLE))?.value;
  const other = { tenantId: "t1", instrumentId: "OTHER" };
  for (const [from, to] of [[0, 100], [100, 299], [298, 300]] as const) {
    const body = { closes: whole.slice(from, to) };
    const appended = await appendHistory({ ...other, body }, world.priceDeps());
    assert(appended.ok, JSON.stringify(appended));
    assertEquals(appended.value.count, to);
  }
  assertEquals((await world.stores.prices.history("t1", "OTHER"))?.value, expected);
  const past = { ...other, body: { closes: whole.slice(5, 6) } };
  assertEquals(code(await appendHistory(past, world.priceDeps())), "descending_dates");
});

Deno.test("appends at the same time are all kept", async () => {
  const world = new RatingWorld();
  const days = ["2026-01-05", "2026-01-06"];
  await world.history(APPLE, { closes: [{ date: "2026-01-02", close: 1 }] });
  const results = [];
  for (const date of days) {
    const body = { closes: [{ date, close: 2 }] };
    results.push(appendHistory({ ...SUBJECT, body }, world.priceDeps()));
  }
  assertEquals((await Promise.all(results)).map(code), ["ok", "ok"]);
  assertEquals((await world.stores.prices.history("t1", APPLE))?.value.days.length, 3);
});

Deno.test("bulk lines are stored or explained one by one", async () => {
  const world = new RatingWorld();
  const line = (id: string, more = {}) => JSON.stringify({ id, ...quoteBody(), ...more });
  const text = [
    line("A"),
    "",
    "not json",
    line("B", { last: "x" }),
    line("C", { bid: undefined, ask: undefined, last: undefined }),
    line("A", { timestamp: isoOf(0) }),
    line("D"),
  ].join("\n");
  const result = await putQuotesBulk({ tenantId: "t1", text }, world.priceDeps());
  assert(result.ok);
  assertEquals(
    result.value.map((found) => [found.line, found.ok ? found.id : found.problem.code]),
    [
      [1, "A"],
      [3, "invalid_json"],
      [4, "validation_failed"],
      [5, "validation_failed"],
      [6, "out_of_order"],
      [7, "D"],
    ],
  );
  assertNotEquals(await world.stores.prices.quote("t1", "D"), null);
  assertEquals(await world.stores.prices.quote("t1", "B"), null);
});

Deno.test("bulk takes a JSON array too, and ten thousand lines at most", async () => {
  const world = new RatingWorld();
  const bulk = (text: string) => putQuotesBulk({ tenantId: "t1", text }, world.priceDeps());
  const array = await bulk(JSON.stringify([{ id: "A", ...quoteBody() }, 5]));
  assert(array.ok);
  assertEquals(array.value.map((line) => line.ok), [true, false]);
  const line = (i: number) => JSON.stringify({ id: `I${i % 500}`, last: "1", timestamp: isoOf(i) });
  const lines = Array.from({ length: 10_000 }, (_, i) => line(i));
  const full = await bulk(lines.join("\n"));
  assert(full.ok && full.value.every((found) => found.ok));
  assertEquals(code(await bulk([...lines, line(1)].join("\n"))), "batch_too_large");
  assertEquals(code(await bulk("\n \n")), "validation_failed");
  assertEquals(code(await bulk("[1,")), "invalid_json");
});
