import { assert, assertEquals } from "@std/assert";
import { sha256Hex } from "@/lib/platform/sha256.ts";
import { ratingUpstream } from "@/lib/platform/rating_upstream.ts";
import type { RatingUpstream, UpstreamAnswer } from "@/lib/ports/rating.ts";
import { isPermitted, type UpstreamConfig, UpstreamPrices } from "@/lib/rating/upstream_prices.ts";
import { AS_OF_MS } from "@/tests/support/rating_samples.ts";
import { APPLE, APPLE_TERMS, isoOf, RatingWorld } from "@/tests/support/rating_world.ts";

const CONFIG: UpstreamConfig = {
  url: "https://prices.example/v1/quote",
  hosts: new Set(["prices.example"]),
  name: "example",
  timeoutMs: 1_000,
  bytesMax: 1_000,
  ttlMs: 5_000,
};

const GOOD = JSON.stringify({ last: "62.50", timestamp: isoOf(AS_OF_MS - 100) });
const ASKED = { instrumentId: APPLE, currency: "USD", mic: "XNAS" };

function scripted(answer: () => UpstreamAnswer): RatingUpstream & { asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    ask: (_url, { body }) => {
      asked.push(body);
      return Promise.resolve(answer());
    },
  };
}

function prices(
  world: RatingWorld,
  upstream: RatingUpstream,
  config: Partial<UpstreamConfig> = {},
) {
  return new UpstreamPrices({ ...CONFIG, ...config }, {
    upstream,
    cache: world.stores.upstreamCache,
    clock: world.clock,
    hash: sha256Hex,
  });
}

Deno.test("an answer is asked for once, then kept in memory, then in the store", async () => {
  const world = new RatingWorld();
  const upstream = scripted(() => ({ ok: true, text: GOOD }));
  const first = prices(world, upstream);
  const found = await first.quote(ASKED);
  assert(found.ok);
  assertEquals([found.value.last, found.value.source], ["62.50", "upstream:example"]);
  assert((await first.quote(ASKED)).ok);
  assertEquals(first.counts, { hitsMemory: 1, hitsStore: 0, misses: 1, failures: 0 });
  const second = prices(world, upstream);
  assert((await second.quote(ASKED)).ok);
  assertEquals(second.counts, { hitsMemory: 0, hitsStore: 1, misses: 0, failures: 0 });
  assertEquals(upstream.asked.length, 1);
  world.clock.advance(5_000);
  assert((await first.quote(ASKED)).ok);
  assertEquals(upstream.asked.length, 2);
  assert((await first.quote({ ...ASKED, mic: null })).ok);
  assertEquals(upstream.asked.length, 3);
});

Deno.test("equal questions at the same time share one request", async () => {
  const world = new RatingWorld();
  const upstream = scripted(() => ({ ok: true, text: GOOD }));
  const source = prices(world, upstream);
  const answers = await Promise.all(Array.from({ length: 20 }, () => source.quote(ASKED)));
  assert(answers.every((answer) => answer.ok));
  assertEquals(upstream.asked.length, 1);
});

const WRONG: readonly [UpstreamAnswer, string][] = [
  [{ ok: true, text: "<html>" }, "upstream_invalid"],
  [{ ok: true, text: "{}" }, "upstream_invalid"],
  [{ ok: true, text: `${GOOD.slice(0, -1)},"extra":1}` }, "upstream_invalid"],
  [{ ok: true, text: '{"last":"1e9","timestamp":"2026-11-23T00:00:00Z"}' }, "upstream_invalid"],
  [{ ok: false, code: "too_large" }, "upstream_invalid"],
  [{ ok: false, code: "timeout" }, "upstream_timeout"],
  [{ ok: false, code: "bad_status" }, "upstream_unavailable"],
  [{ ok: false, code: "unreachable" }, "upstream_unavailable"],
];

for (const [answer, code] of WRONG) {
  Deno.test(`the upstream answer ${JSON.stringify(answer).slice(0, 60)} is ${code} and not kept`, async () => {
    const world = new RatingWorld();
    const source = prices(world, scripted(() => answer));
    for (let i = 0; i < 2; i += 1) {
      const found = await source.quote(ASKED);
      assertEquals(found.ok ? "ok" : found.error.code, code);
    }
    assertEquals(source.counts, { hitsMemory: 0, hitsStore: 0, misses: 2, failures: 2 });
  });
}

Deno.test("only listed hosts are asked, by https or on this machine", async () => {
  const hosts = new Set(["prices.example", "127.0.0.1:9000", "localhost:9000"]);
  const permitted = (url: string) => isPermitted(url, hosts);
  assertEquals(
    ["https://prices.example/x", "http://127.0.0.1:9000/x", "http://localhost:9000/"].map(
      permitted,
    ),
    [true, true, true],
  );
  const refused = [
    ...["http://prices.example/x", "https://evil.example/", "https://prices.example.evil/"],
    ...["https://prices.example@evil.example/", "https://user:pw@prices.example/"],
    ...["https://prices.example:8443/", "file:///etc/passwd", "rubbish", "http://127.0.0.1:80/"],
  ];
  assertEquals(refused.filter(permitted), []);
  const world = new RatingWorld();
  const upstream = scripted(() => ({ ok: true, text: GOOD }));
  const found = await prices(world, upstream, { url: "https://evil.example/" }).quote(ASKED);
  assertEquals(found.ok ? "ok" : found.error.code, "upstream_forbidden");
  assertEquals(upstream.asked, []);
});

Deno.test("a rating asks the upstream when no fresh quote is stored, and bills it only then", async () => {
  const world = new RatingWorld();
  await world.instrument(APPLE, APPLE_TERMS);
  const upstream = scripted(() => ({ ok: true, text: GOOD }));
  const deps = { upstream: prices(world, upstream) };
  const body = { instrument: APPLE, include: ["price_feed"] };
  const rated = await world.rate(body, {}, deps);
  assert(rated.ok && rated.value.body.price_feed?.status === "ok");
  assertEquals(rated.value.body.price_feed.source, "upstream:example");
  assertEquals([...rated.value.units], [["price_feed", 1n]]);
  const failing = {
    upstream: prices(world, scripted(() => ({ ok: false, code: "timeout" })), { ttlMs: 1 }),
  };
  world.clock.advance(10_000);
  const refused = await world.rate(body, {}, failing);
  assertEquals(refused.ok ? "ok" : refused.error.code, "upstream_timeout");
  await world.quote(APPLE, { last: "60", timestamp: isoOf(AS_OF_MS - 86_400_000) });
  const stale = await world.rate(body, {}, failing);
  assert(stale.ok && stale.value.body.price_feed?.status === "ok");
  assertEquals(stale.value.body.price_feed.last, "60");
});

Deno.test("the HTTP upstream keeps to its limits of time, size and status", async () => {
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    async (request) => {
      const path = new URL(request.url).pathname;
      if (path === "/good") return new Response(await request.text());
      if (path === "/large") return new Response("x".repeat(5_000));
      if (path === "/redirect") return Response.redirect("http://127.0.0.1:1/");
      if (path === "/slow") {
        await new Promise((resolve) => request.signal.addEventListener("abort", resolve));
      }
      return new Response("no", { status: 500 });
    },
  );
  const ask = async (path: string, timeoutMs = 2_000) => {
    const url = `http://127.0.0.1:${server.addr.port}${path}`;
    const answer = await ratingUpstream.ask(url, { body: "{}", timeoutMs, bytesMax: 1_000 });
    return answer.ok ? answer.text : answer.code;
  };
  assertEquals(await ask("/good"), "{}");
  assertEquals(await ask("/large"), "too_large");
  assertEquals(await ask("/redirect"), "bad_status");
  assertEquals(await ask("/fail"), "bad_status");
  assertEquals(await ask("/slow", 50), "timeout");
  await server.shutdown();
  assertEquals(await ask("/good"), "unreachable");
});
