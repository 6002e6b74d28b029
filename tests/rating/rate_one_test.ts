import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { rateBatch } from "@/lib/rating/rate_batch.ts";
import { STALENESS_MAX_MS } from "@/lib/rating/rating_cache.ts";
import { RATING_PROBLEMS } from "@/lib/rating/problems.ts";
import { within } from "@/tests/support/printed.ts";
import { AS_OF_MS } from "@/tests/support/rating_samples.ts";
import {
  APPLE,
  APPLE_TERMS,
  historyBody,
  isoOf,
  quoteBody,
  RatingWorld,
} from "@/tests/support/rating_world.ts";

const BOND_TERMS = {
  currency: "USD",
  bond: {
    coupon_rate: .0575,
    coupon_frequency: 2,
    day_count: "30_360_us",
    maturity_date: "2030-11-15",
  },
  credit: { cqs: 3 },
};

const OPTION_TERMS = {
  cfi_code: "OCESCS",
  option: {
    option_type: "call",
    exercise_style: "european",
    strike_price: 65,
    expiration_date: "2027-02-22",
    underlying_id: APPLE,
  },
};

async function problemCode(world: RatingWorld, body: unknown): Promise<string> {
  const result = await world.rate(body);
  return result.ok ? "ok" : result.error.code;
}

Deno.test("a stored instrument is rated with every part it asks for, one unit each", async () => {
  const world = await new RatingWorld().withApple();
  const { body, units } = await world.rated({ instrument: APPLE });
  assertEquals(body.indicative, true);
  assertEquals(body.as_of, isoOf(AS_OF_MS));
  assertEquals(body.instrument, {
    isin: APPLE,
    cusip: "037833100",
    cfi_code: "ESVUFR",
    currency: "USD",
    mic: "XNAS",
  });
  assertEquals([...units], [["risk_score", 1n], ["price_feed", 1n], ["compliance", 1n]]);
  assertEquals(body.usage, {
    units: { risk_score: 1, price_feed: 1, compliance: 1 },
    total: 3,
  });
  assert(body.risk_score?.status === "ok");
  assertEquals([body.risk_score.sri, body.risk_score.observations], [4, 1_280]);
  within(body.risk_score.vev, .1812987297, 1e-10);
  assertEquals(body.greeks, { status: "not_applicable" });
  assertEquals(body.bond_analytics, { status: "not_applicable" });
  assert(body.price_feed?.status === "ok");
  assertEquals([body.price_feed.mid, body.price_feed.age_ms], ["62.56", 820]);
});

Deno.test("equal inputs have equal hashes, and any other input another one", async () => {
  const world = await new RatingWorld().withApple();
  const hash = async (body: Record<string, unknown>) =>
    (await world.rated({ instrument: APPLE, as_of: isoOf(AS_OF_MS), ...body })).body.input_hash;
  const first = await hash({});
  assert(/^sha256:[0-9a-f]{64}$/.test(first));
  assertEquals(await hash({}), first);
  assertEquals(
    await hash({ parameters: { horizon_days: 10, confidence: .95 } }),
    await hash({ parameters: { confidence: .95, horizon_days: 10 } }),
  );
  const others = [
    await hash({ as_of: isoOf(AS_OF_MS + 1) }),
    await hash({ include: ["risk_score"] }),
    await hash({ parameters: { horizon_days: 10 } }),
    await hash({ quote: quoteBody() }),
    await hash({ history: historyBody(600) }),
  ];
  assertEquals(new Set([first, ...others]).size, 6);
  await world.history(APPLE, historyBody(1_281, 2));
  assertNotEquals(await hash({}), first);
});

Deno.test("a cached rating reads no store, and sees a change after at most a second", async () => {
  const shared = new RatingWorld();
  const world = new RatingWorld(shared.stores);
  await shared.withApple();
  await world.rated({ instrument: APPLE });
  world.reads = 0;
  for (let i = 0; i < 10; i += 1) await world.rated({ instrument: APPLE });
  assertEquals(world.reads, 0);
  await shared.quote(APPLE, quoteBody({ last: "63.00", timestamp: isoOf(AS_OF_MS - 1) }));
  const last = async (freshness: "cached" | "latest") => {
    const { body } = await world.rated({ instrument: APPLE }, { freshness });
    return body.price_feed?.status === "ok" ? body.price_feed.last : null;
  };
  assertEquals(await last("cached"), "62.56");
  assertEquals(await last("latest"), "63.00");
  await shared.quote(APPLE, quoteBody({ last: "63.50", timestamp: isoOf(AS_OF_MS) }));
  world.clock.advance(STALENESS_MAX_MS);
  assertEquals(await last("cached"), "63.00");
  world.clock.advance(1);
  assertEquals(await last("cached"), "63.50");
});

Deno.test("an instance sees its own writes at once", async () => {
  const world = await new RatingWorld().withApple();
  await world.rated({ instrument: APPLE });
  await world.quote(APPLE, quoteBody({ last: "70.00", timestamp: isoOf(AS_OF_MS) }));
  const { body } = await world.rated({ instrument: APPLE });
  assert(body.price_feed?.status === "ok");
  assertEquals(body.price_feed.last, "70.00");
});

Deno.test("one tenant's instruments do not exist for another", async () => {
  const world = await new RatingWorld().withApple();
  await world.rated({ instrument: APPLE });
  const other = await world.rate({ instrument: APPLE }, { tenantId: "t2" });
  assertEquals(other.ok ? "ok" : other.error.code, "instrument_not_found");
});

Deno.test("terms, quote and history in the request need nothing stored", async () => {
  const world = new RatingWorld();
  const { body } = await world.rated({
    instrument: APPLE_TERMS,
    quote: quoteBody(),
    history: historyBody(1_281),
  });
  assert(body.risk_score?.status === "ok" && body.price_feed?.status === "ok");
  assertEquals(body.price_feed.source, "request");
  within(body.risk_score.vev, .1812987297, 1e-10);
});

Deno.test("a rating as of the past uses no later close and no later quote", async () => {
  const world = await new RatingWorld().withApple();
  const asOf = "2025-06-30T12:00:00Z";
  const { body } = await world.rated({ instrument: APPLE, as_of: asOf });
  assert(body.risk_score?.status === "ok");
  assertEquals(body.risk_score.window?.to, "2025-06-30");
  assertEquals(body.price_feed?.status, "unpriced");
});

Deno.test("no part takes a price from after as_of", async () => {
  const world = await new RatingWorld().withApple();
  const quote = quoteBody({ timestamp: isoOf(AS_OF_MS + 1) });
  const as_of = isoOf(AS_OF_MS);
  const { body } = await world.rated({ instrument: BOND_TERMS, quote, as_of });
  assertEquals([body.price_feed?.status, body.bond_analytics?.status], ["unpriced", "unpriced"]);
  const option = { ...OPTION_TERMS.option, underlying_id: "SPOT" };
  await world.instrument("SPOT", {});
  await world.quote("SPOT", quote);
  const parameters = { risk_free_rate: .04, volatility: .2 };
  const { body: greeks } = await world.rated({ instrument: { option }, as_of, parameters });
  assertEquals(greeks.greeks?.status, "unpriced");
});

Deno.test("a part outside the plan refuses the call, or is left out when partial is allowed", async () => {
  const world = await new RatingWorld().withApple();
  const entitledParts = new Set(["price_feed"]);
  const include = ["price_feed", "risk_score"];
  const denied = await world.rate({ instrument: APPLE, include }, { entitledParts });
  assert(!denied.ok);
  assertEquals(denied.error.code, "not_entitled");
  assertEquals(denied.error.missingEntitlements, ["risk_score"]);
  const { body, units } = await world.rated({ instrument: APPLE, include }, {
    entitledParts,
    partial: "allow",
  });
  assertEquals(body.risk_score?.status, "not_entitled");
  assertEquals([...units], [["price_feed", 1n]]);
  const byDefault = await world.rated({ instrument: APPLE }, { entitledParts });
  assertEquals(Object.keys(byDefault.body.usage.units), ["price_feed"]);
  const nothing = await world.rate({ instrument: APPLE }, { entitledParts: new Set() });
  assertEquals(nothing.ok ? "ok" : nothing.error.code, "not_entitled");
});

Deno.test("a bond is valued from its price, and its credit and maturity weigh in its score", async () => {
  const world = new RatingWorld();
  const { body } = await world.rated({
    instrument: BOND_TERMS,
    quote: quoteBody({ bid: undefined, ask: undefined, last: "101.5" }),
    history: historyBody(1_281),
  });
  assert(body.bond_analytics?.status === "ok" && body.risk_score?.status === "ok");
  assertEquals(body.risk_score.crm, 3);
  assertEquals(body.bond_analytics.settlement_date, "2026-11-23");
  within(body.bond_analytics.accrued_interest, .0575 * 100 * 8 / 360, 1e-9);
  within(
    (body.bond_analytics.dirty_price ?? 0) - (body.bond_analytics.clean_price ?? 0),
    body.bond_analytics.accrued_interest ?? NaN,
    1e-9,
  );
});

Deno.test("an option takes the stored price of its underlying and implies its volatility", async () => {
  const world = await new RatingWorld().withApple();
  const { body, units } = await world.rated({
    instrument: OPTION_TERMS,
    quote: quoteBody({ bid: undefined, ask: undefined, last: "2.10" }),
    include: ["greeks", "risk_score"],
    parameters: { risk_free_rate: .04 },
  });
  assert(body.greeks?.status === "ok" && body.risk_score?.status === "ok");
  assertEquals(body.greeks.underlying_price, 62.56);
  assertEquals(body.greeks.volatility_source, "implied");
  within(body.greeks.price, 2.1, 1e-9);
  assertEquals([body.risk_score.mrm, body.risk_score.sri, body.risk_score.vev], [7, 7, null]);
  assertEquals(units.size, 2);
});

Deno.test("beta comes from a stored benchmark over common days", async () => {
  const world = await new RatingWorld().withApple();
  await world.instrument("INDEX", { cfi_code: "TIEXXX" });
  await world.history("INDEX", historyBody(1_281));
  const { body } = await world.rated({
    instrument: APPLE,
    parameters: { benchmark_id: "INDEX" },
  });
  assert(body.risk_score?.status === "ok");
  within(body.risk_score.beta, 1, 1e-11);
});

const REFUSED: readonly [string, Record<string, unknown>, string, string?][] = [
  ["an unknown member", { instrument: APPLE, colour: "red" }, "validation_failed", "/colour"],
  ["an unknown part", { instrument: APPLE, include: ["luck"] }, "validation_failed", "/include/0"],
  ["no instrument", {}, "validation_failed", "/instrument"],
  ["an instrument that is not stored", { instrument: "XX" }, "instrument_not_found", "/instrument"],
  [
    "a history with a zero",
    { instrument: APPLE, history: { closes: [{ date: "2026-01-02", close: "0" }] } },
    "non_positive_price",
    "/history/closes/0",
  ],
  [
    "a history with a date twice",
    {
      instrument: APPLE,
      history: { closes: [{ date: "2026-01-02", close: 1 }, { date: "2026-01-02", close: 1 }] },
    },
    "duplicate_date",
    "/history/closes/1",
  ],
  [
    "too short a history for the only part asked for",
    { instrument: APPLE, include: ["risk_score"], history: historyBody(100) },
    "insufficient_data",
    "/history",
  ],
  [
    "a matured bond",
    {
      instrument: { ...BOND_TERMS, bond: { ...BOND_TERMS.bond, maturity_date: "2020-11-15" } },
      include: ["bond_analytics"],
      quote: quoteBody(),
    },
    "matured",
    "/instrument/bond/maturity_date",
  ],
  [
    "an odd first coupon",
    {
      instrument: { ...BOND_TERMS, bond: { ...BOND_TERMS.bond, issue_date: "2026-06-01" } },
      include: ["bond_analytics"],
      quote: quoteBody(),
      parameters: { settlement_date: "2026-10-01" },
    },
    "odd_coupon_unsupported",
    "/instrument/bond",
  ],
  [
    "an option price outside its bounds",
    {
      instrument: OPTION_TERMS,
      include: ["greeks"],
      quote: quoteBody({ last: "80" }),
      parameters: { risk_free_rate: .04, underlying_price: 62 },
    },
    "price_outside_arbitrage_bounds",
  ],
  [
    "an option without a rate",
    { instrument: OPTION_TERMS, include: ["greeks"], parameters: { underlying_price: 62 } },
    "missing_input",
    "/parameters/risk_free_rate",
  ],
  [
    "an American option",
    {
      instrument: { option: { ...OPTION_TERMS.option, exercise_style: "american" } },
      include: ["greeks"],
    },
    "exercise_style_unsupported",
    "/instrument/option/exercise_style",
  ],
];

for (const [what, body, code, pointer] of REFUSED) {
  Deno.test(`${what} is refused as ${code}, pointing at the place`, async () => {
    const world = await new RatingWorld().withApple();
    const result = await world.rate(body);
    assert(!result.ok, JSON.stringify(result));
    assertEquals(result.error.code, code);
    if (pointer !== undefined) assertEquals(result.error.pointer, pointer);
    assert(result.error.detail.length > 15);
    assert(RATING_PROBLEMS[result.error.code].status >= 400);
  });
}

Deno.test("a crossed quote and a missing price do not stop the other parts", async () => {
  const world = await new RatingWorld().withApple();
  const { body } = await world.rated({
    instrument: APPLE,
    quote: quoteBody({ bid: "63", ask: "62" }),
  });
  assert(body.price_feed?.status === "ok" && body.compliance?.status === "ok");
  assertEquals(body.price_feed.mid, null);
  assert(body.compliance.flags.some((flag) => flag.code === "PRICE.CROSSED"));
  assertEquals(body.risk_score?.status, "ok");
});

Deno.test("a batch rates the good items, bills them alone and explains the bad ones", async () => {
  const world = await new RatingWorld().withApple();
  const items = [
    { instrument: APPLE, include: ["price_feed"] },
    { instrument: "NOPE" },
    "rubbish",
    { instrument: APPLE, include: ["price_feed", "risk_score"] },
  ];
  const call = {
    tenantId: "t1",
    body: { items },
    entitledParts: new Set(["price_feed", "risk_score"]),
    partial: "deny",
    freshness: "cached",
  } as const;
  const batch = await rateBatch(call, world.deps);
  assert(batch.ok);
  assertEquals(
    batch.value.items.map((item) => item.ok ? "ok" : item.problem.code),
    ["ok", "instrument_not_found", "validation_failed", "ok"],
  );
  assertEquals(batch.value.items.map((item) => item.index), [0, 1, 2, 3]);
  assertEquals([...batch.value.units], [["price_feed", 2n], ["risk_score", 1n]]);
  const code = async (body: unknown) => {
    const result = await rateBatch({ ...call, body }, world.deps);
    return result.ok ? "ok" : result.error.code;
  };
  assertEquals(await code({ items: Array(1_001).fill(items[0]) }), "batch_too_large");
  assertEquals(await code({ items: [] }), "validation_failed");
  assertEquals(await code(null), "validation_failed");
  assertEquals(await code({ items, more: 1 }), "validation_failed");
});

Deno.test("hostile bodies are refused, never thrown at the caller", async () => {
  const world = await new RatingWorld().withApple();
  const bodies = [
    ...[null, 1, "x", [], { instrument: null }, { instrument: "" }, { instrument: "x".repeat(99) }],
    { instrument: APPLE, as_of: "yesterday" },
    { instrument: APPLE, as_of: "2026-13-45T99:99:99Z" },
    { instrument: APPLE, include: [] },
    { instrument: APPLE, quote: { last: "1e5", timestamp: isoOf(0) } },
    { instrument: APPLE, quote: { last: "NaN", timestamp: isoOf(0) } },
    { instrument: APPLE, parameters: { confidence: .5 } },
    { instrument: { bond: { ...BOND_TERMS.bond, coupon_frequency: 3 } } },
    { instrument: { bond: { ...BOND_TERMS.bond, coupon_frequency: 0 } } },
    JSON.parse('{"instrument":"X","__proto__":{"a":1}}'),
  ];
  for (const body of bodies) {
    const code = await problemCode(world, body);
    assert(["validation_failed", "instrument_not_found"].includes(code), JSON.stringify(body));
  }
});
