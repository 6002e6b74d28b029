import { assertEquals, assertThrows } from "@std/assert";
import { periodAt } from "@/lib/domain/period.ts";
import { prorate, prorateChange } from "@/lib/domain/proration.ts";
import { usd } from "@/tests/support/samples.ts";

const APRIL = periodAt(Date.UTC(2026, 3, 1), "month");
const HALF = Date.UTC(2026, 3, 16);

Deno.test("10 to 20 dollars half-way bills 5 more (docs.stripe.com/billing/subscriptions/prorations)", () => {
  const change = prorateChange({ from: usd("10"), to: usd("20") }, { period: APRIL, atMs: HALF });
  assertEquals(change, { creditMinor: -500n, debitMinor: 1000n, netMinor: 500n });
});

Deno.test("prorate() counts whole seconds", () => {
  const share = (fromMs: number, toMs: number) => ({ fromMs, toMs, period: APRIL });
  const fee = usd("25920"); // one cent a second over 30 days
  assertEquals(prorate(fee, share(APRIL.startMs, APRIL.startMs + 1_000)), usd("0.01"));
  assertEquals(prorate(fee, share(APRIL.startMs, APRIL.startMs + 1_999)), usd("0.01"));
  assertEquals(prorate(fee, share(APRIL.startMs, APRIL.endMs)), fee);
  assertEquals(prorate(fee, share(HALF, HALF)), 0n);
});

Deno.test("the two halves of a period add up to the fee", () => {
  const fee = usd("99.99");
  for (const atMs of [APRIL.startMs + 1_000, HALF + 12_345_000, APRIL.endMs - 1_000]) {
    const before = prorate(fee, { fromMs: APRIL.startMs, toMs: atMs, period: APRIL });
    const after = prorate(fee, { fromMs: atMs, toMs: APRIL.endMs, period: APRIL });
    const gap = before + after - fee;
    assertEquals(gap >= -1n && gap <= 1n, true);
  }
});

Deno.test("prorate() takes no span outside the period", () => {
  const outside = { fromMs: APRIL.startMs - 1, toMs: APRIL.endMs, period: APRIL };
  assertThrows(() => prorate(1n, outside));
});
