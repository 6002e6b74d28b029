import {
  fullBucket,
  type RateLimit,
  takeTokens,
  type TokenBucket,
} from "@/lib/domain/token_bucket.ts";
import type { TenantId } from "@/lib/domain/tenant.ts";
import type { Clock } from "@/lib/ports/clock.ts";

export interface RateVerdict {
  readonly allowed: boolean;
  readonly remaining: number;
  readonly retryAfterMs: number;
}

/** Tenants remembered at once; a forgotten one starts with a full bucket. */
const TENANTS_MAX = 50_000;

/**
 * A token bucket per tenant, in the memory of this instance: N instances serve at most N times the
 * limit. It protects the service; money rests on quotas and budgets.
 */
export class RateLimiter {
  readonly #buckets = new Map<TenantId, TokenBucket>();

  constructor(private readonly clock: Clock) {}

  take(tenantId: TenantId, limit: RateLimit, tokens = 1): RateVerdict {
    const nowMs = this.clock.nowMs();
    const bucket = this.#buckets.get(tenantId) ?? fullBucket(limit, nowMs);
    const verdict = takeTokens(bucket, limit, { nowMs, tokens });
    // Re-inserting keeps the map in order of last use, so that the longest idle tenant goes first;
    // while there is much room nobody goes.
    if (this.#buckets.size > TENANTS_MAX / 2) this.#buckets.delete(tenantId);
    this.#buckets.set(tenantId, verdict.bucket);
    if (this.#buckets.size > TENANTS_MAX) {
      const oldest = this.#buckets.keys().next();
      if (!oldest.done) this.#buckets.delete(oldest.value);
    }
    const { allowed, remaining, retryAfterMs } = verdict;
    return { allowed, remaining, retryAfterMs };
  }
}
