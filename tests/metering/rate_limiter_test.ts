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

Deno.test("a busy tenant stays limited however many others come by", () => {
  const limiter = new RateLimiter(new FixedClock());
  for (let call = 0; call < 3; call++) limiter.take("busy", LIMIT);
  for (let other = 0; other < 60_000; other++) {
    limiter.take(`t${other}`, LIMIT);
    if (other % 1_000 === 0) assertEquals(limiter.take("busy", LIMIT).allowed, false);
  }
  assertEquals(limiter.take("t0", LIMIT).remaining, 2, "the longest idle one was forgotten");
});
