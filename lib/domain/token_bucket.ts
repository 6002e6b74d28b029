import { invariant } from "./invariant.ts";

/** Calls per second on the long run, and how many may come at once. */
export interface RateLimit {
  readonly requestsPerSecond: number;
  readonly burst: number;
}

/** Level in millionths of a token: whole numbers, so that no rounding adds up over millions of calls. */
export interface TokenBucket {
  readonly micros: number;
  readonly atMs: number;
}

export interface TokenVerdict {
  readonly allowed: boolean;
  readonly bucket: TokenBucket;
  /** Whole tokens left. */
  readonly remaining: number;
  /** Milliseconds until the same request would pass; 0 when it passed. */
  readonly retryAfterMs: number;
}

const MICROS = 1_000_000;
/** Keeps every product below 2^53. */
const LIMIT_MAX = 1_000_000;

export function fullBucket({ burst }: RateLimit, nowMs: number): TokenBucket {
  return { micros: burst * MICROS, atMs: nowMs };
}

/** Takes `tokens` if they are there, all or none. A clock that steps back refills nothing. */
export function takeTokens(
  bucket: TokenBucket,
  limit: RateLimit,
  { nowMs, tokens }: { readonly nowMs: number; readonly tokens: number },
): TokenVerdict {
  const { burst } = limit;
  const microsPerMs = Math.round(limit.requestsPerSecond * MICROS / 1_000);
  invariant(
    microsPerMs > 0 && burst >= 1 && burst <= LIMIT_MAX && Number.isSafeInteger(burst) &&
      limit.requestsPerSecond <= LIMIT_MAX,
    "A rate limit is positive and at most a million",
  );
  invariant(Number.isSafeInteger(tokens) && tokens >= 1, "Tokens are whole and positive");
  const full = burst * MICROS;
  const elapsedMs = Math.max(0, nowMs - bucket.atMs);
  const untilFullMs = Math.ceil(Math.max(0, full - bucket.micros) / microsPerMs);
  const level = elapsedMs >= untilFullMs ? full : bucket.micros + elapsedMs * microsPerMs;
  const atMs = Math.max(nowMs, bucket.atMs);
  const wanted = tokens * MICROS;
  if (level >= wanted) {
    const micros = level - wanted;
    return {
      allowed: true,
      bucket: { micros, atMs },
      remaining: Math.floor(micros / MICROS),
      retryAfterMs: 0,
    };
  }
  return {
    allowed: false,
    bucket: { micros: level, atMs },
    remaining: Math.floor(level / MICROS),
    retryAfterMs: Math.ceil((wanted - level) / microsPerMs),
  };
}
