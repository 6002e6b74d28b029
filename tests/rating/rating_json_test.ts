import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { rateBatch } from "@/lib/rating/rate_batch.ts";
import { batchJson, ratingJson } from "@/lib/rating/rating_json.ts";
import { APPLE, isoOf, quoteBody, RatingWorld } from "@/tests/support/rating_world.ts";
import { AS_OF_MS } from "@/tests/support/rating_samples.ts";

const REQUESTS = [
  { instrument: APPLE },
  { instrument: APPLE, include: ["risk_score"] },
  { instrument: APPLE, include: ["price_feed"] },
  { instrument: APPLE, include: ["risk_score"], parameters: { confidence: 0.95 } },
  { instrument: APPLE, include: ["risk_score"], as_of: isoOf(AS_OF_MS - 400 * 86_400_000) },
  { instrument: { cfi_code: "ESVUFR" }, quote: quoteBody(), include: ["price_feed", "risk_score"] },
];

Deno.test("the text of a rating says what its members do, however often it is written", async () => {
  const world = await new RatingWorld().withApple();
  for (const request of [...REQUESTS, ...REQUESTS]) {
    const { body } = await world.rated(request);
    assertEquals(JSON.parse(ratingJson(body)), JSON.parse(JSON.stringify(body)));
  }
});

Deno.test("the text of a batch has every item in its place, refused ones too", async () => {
  const world = await new RatingWorld().withApple();
  const batch = await rateBatch({
    tenantId: "t1",
    body: { items: [...REQUESTS, { instrument: "NOPE" }, 7] },
    entitledParts: new Set(["price_feed", "risk_score"]),
    partial: "allow",
    freshness: "cached",
  }, world.deps);
  assert(batch.ok);
  const { items } = batch.value;
  assertEquals(JSON.parse(batchJson(items)), JSON.parse(JSON.stringify({ items })));
});

Deno.test("a score is made once for its day and parameters, and anew when either moves", async () => {
  const world = await new RatingWorld().withApple();
  const score = async (more = {}) => {
    const { body } = await world.rated({ instrument: APPLE, include: ["risk_score"], ...more });
    return body.risk_score;
  };
  const first = await score();
  assertStrictEquals(await score(), first);
  const careful = await score({ parameters: { confidence: 0.95 } });
  assert(first?.status === "ok" && careful?.status === "ok");
  assertEquals([first.var.confidence, careful.var.confidence], [0.99, 0.95]);
  assert((careful.var.historical ?? 0) < (first.var.historical ?? 0));
  assertEquals(await score(), first);
});
