import { assertEquals } from "@std/assert";
import { RateLimiter } from "@/lib/metering/rate_limiter.ts";
import { FixedClock } from "@/tests/support/fixed_effects.ts";

const LIMIT = { requestsPerSecond: 2, burst: 3 };

Deno.test("each tenant has its own burst and its own refill", () => {
  const clock = new FixedClock();
  const limiter = new RateLimiter(clock);
  const passed = (tenantId: string) => limiter.take(tenantId, LIMIT).allowed;
  assertEquals([passed("a"), passed("a"), passed("a"), passed("a")], [true, true, true, false]);
  assertEquals(passed("b"), true);
  assertEquals(limiter.take("a", LIMIT).retryAfterMs, 500);
  clock.advance(500);
  assertEquals([passed("a"), passed("a")], [true, false]);
});

Deno.test("a call worth many tokens passes whole or not at all", () => {
  const limiter = new RateLimiter(new FixedClock());
  assertEquals(limiter.take("a", LIMIT, 4).allowed, false);
  assertEquals(limiter.take("a", LIMIT, 3), { allowed: true, remaining: 0, retryAfterMs: 0 });
});
