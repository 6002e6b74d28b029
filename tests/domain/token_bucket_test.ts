import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { fullBucket, type RateLimit, takeTokens } from "@/lib/domain/token_bucket.ts";

const LIMIT: RateLimit = { requestsPerSecond: 10, burst: 5 };

Deno.test("a burst passes at once and the next call says exactly when it would pass", () => {
  let bucket = fullBucket(LIMIT, 1_000);
  for (let call = 0; call < 5; call++) {
    const verdict = takeTokens(bucket, LIMIT, { nowMs: 1_000, tokens: 1 });
    assertEquals([verdict.allowed, verdict.remaining], [true, 4 - call]);
    bucket = verdict.bucket;
  }
  const refused = takeTokens(bucket, LIMIT, { nowMs: 1_000, tokens: 1 });
  assertEquals([refused.allowed, refused.retryAfterMs], [false, 100]);
  const early = takeTokens(refused.bucket, LIMIT, { nowMs: 1_099, tokens: 1 });
  assertEquals([early.allowed, early.retryAfterMs], [false, 1]);
  assert(takeTokens(early.bucket, LIMIT, { nowMs: 1_100, tokens: 1 }).allowed);
});

Deno.test("no sequence of calls passes more than burst plus rate times time", () => {
  fc.assert(
    fc.property(
      fc.record({
        requestsPerSecond: fc.integer({ min: 1, max: 1_000 }),
        burst: fc.integer({ min: 1, max: 100 }),
      }),
      fc.array(fc.record({ waitMs: fc.nat(2_000), tokens: fc.integer({ min: 1, max: 20 }) })),
      (limit, calls) => {
        let nowMs = 0;
        let bucket = fullBucket(limit, nowMs);
        let passed = 0;
        for (const { waitMs, tokens } of calls) {
          nowMs += waitMs;
          const verdict = takeTokens(bucket, limit, { nowMs, tokens });
          bucket = verdict.bucket;
          if (verdict.allowed) passed += tokens;
          assert(passed <= limit.burst + limit.requestsPerSecond * nowMs / 1_000);
          assert(verdict.remaining >= 0 && verdict.remaining <= limit.burst);
        }
      },
    ),
    { seed: 11 },
  );
});

Deno.test("a clock that steps back gives nothing away and takes nothing", () => {
  const drained = takeTokens(fullBucket(LIMIT, 5_000), LIMIT, { nowMs: 5_000, tokens: 5 }).bucket;
  const back = takeTokens(drained, LIMIT, { nowMs: 1_000, tokens: 1 });
  assertEquals(back.allowed, false);
  assert(takeTokens(back.bucket, LIMIT, { nowMs: 5_100, tokens: 1 }).allowed);
  assertEquals(takeTokens(back.bucket, LIMIT, { nowMs: 5_099, tokens: 1 }).allowed, false);
});

Deno.test("a limit raised while calls run refills up to the new burst only", () => {
  const bucket = fullBucket(LIMIT, 0);
  const raised = { requestsPerSecond: 1_000, burst: 50 };
  assertEquals(takeTokens(bucket, raised, { nowMs: 0, tokens: 5 }).remaining, 0);
  assertEquals(takeTokens(bucket, raised, { nowMs: 1_000, tokens: 1 }).remaining, 49);
});

Deno.test("limits out of range are programmer errors", () => {
  const take = (limit: RateLimit) => () =>
    takeTokens(fullBucket(limit, 0), limit, { nowMs: 0, tokens: 1 });
  assertThrows(take({ requestsPerSecond: 0, burst: 1 }));
  assertThrows(take({ requestsPerSecond: 1, burst: 0 }));
  assertThrows(take({ requestsPerSecond: 1, burst: 1.5 }));
  assertThrows(take({ requestsPerSecond: 2_000_000, burst: 1 }));
});
