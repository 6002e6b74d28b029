import { assertEquals } from "@std/assert";
import {
  isOnTickGrid,
  luldBand,
  tickSize,
  triggersShortSaleTest,
} from "@/lib/domain/rating/market_rules.ts";
import { newYorkMinute } from "@/lib/domain/rating/new_york_clock.ts";
import { within } from "@/tests/support/printed.ts";

Deno.test("tick sizes are those of RTS 11, (EU) 2017/588", () => {
  assertEquals(tickSize(23.455, 10_000), .005);
  assertEquals(isOnTickGrid("23.455", 10_000), true);
  assertEquals(isOnTickGrid("23.452", 10_000), false);
  assertEquals([0, 10, 80, 600, 2_000, 9_000].map((adnt) => tickSize(.05, adnt)), [
    ...[.0005, .0002, .0001, .0001, .0001, .0001],
  ]);
  assertEquals([0, 9_000].map((adnt) => tickSize(60_000, adnt)), [500, 10]);
  assertEquals(isOnTickGrid("0.30000000001", 0), false);
});

Deno.test("limit up, limit down bands follow Amendment 18 (83 FR 66464)", () => {
  const band = (referencePrice: number, tier: 1 | 2, minute: number) =>
    luldBand({ referencePrice, previousClose: referencePrice, tier, minute });
  const near = (found: ReturnType<typeof band>, low: number, high: number) => {
    within(found?.low ?? NaN, low, 1e-12);
    within(found?.high ?? NaN, high, 1e-12);
  };
  near(band(10, 1, 600), 9.5, 10.5);
  near(band(10, 2, 600), 9, 11);
  near(band(2, 1, 600), 1.6, 2.4);
  near(band(.5, 1, 600), .35, .65);
  // No doubling at the open; doubling from 15:35 for tier 1, and for tier 2 up to three dollars.
  near(band(10, 1, 570), 9.5, 10.5);
  near(band(10, 1, 935), 9, 11);
  near(band(10, 2, 935), 9, 11);
  near(band(2, 2, 935), 1.2, 2.8);
  assertEquals([band(10, 1, 569), band(10, 1, 960)], [null, null]);
});

Deno.test("a fall of ten percent triggers the short sale test, a cent less does not (SEC Rule 201)", () => {
  assertEquals(triggersShortSaleTest({ price: 90, previousClose: 100 }), true);
  assertEquals(triggersShortSaleTest({ price: 90.01, previousClose: 100 }), false);
});

Deno.test("New York time changes on the second Sunday of March and the first of November", () => {
  const at = (text: string) => newYorkMinute(Date.parse(text));
  assertEquals(at("2026-11-23T14:30:00Z"), 570);
  assertEquals(at("2026-07-01T13:30:00Z"), 570);
  assertEquals(at("2026-03-08T06:59:00Z"), 119);
  assertEquals(at("2026-03-08T07:00:00Z"), 180);
  assertEquals(at("2026-11-01T05:59:00Z"), 119);
  assertEquals(at("2026-11-01T06:00:00Z"), 60);
});
