/** One limit as draft-ietf-httpapi-ratelimit-headers-10 tells it. */
export interface LimitState {
  /** Names it in both headers, e.g. `burst` or `quota`. */
  readonly policy: string;
  /** `q`: units per window. */
  readonly quota: number;
  /** `w`: the window in seconds, where it has one length. */
  readonly windowSeconds?: number;
  /** `r`: what is left now. */
  readonly remaining: number;
  /** `t`: seconds until more is available. */
  readonly resetSeconds?: number;
}

/** `RateLimit-Policy` and `RateLimit`; empty without limits. */
export function rateLimitHeaders(limits: readonly LimitState[]): readonly [string, string][] {
  if (limits.length === 0) return [];
  let policies = "";
  let states = "";
  for (const { policy, quota, windowSeconds, remaining, resetSeconds } of limits) {
    const comma = policies === "" ? "" : ", ";
    policies += `${comma}"${policy}";q=${whole(quota)}`;
    if (windowSeconds !== undefined) policies += `;w=${whole(windowSeconds)}`;
    states += `${comma}"${policy}";r=${whole(remaining)}`;
    if (resetSeconds !== undefined) states += `;t=${Math.ceil(Math.max(0, resetSeconds))}`;
  }
  return [["ratelimit-policy", policies], ["ratelimit", states]];
}

/** The headers of a reply with one more limit at the end of both lists, and `Retry-After`. */
export function withUsedUpLimit(
  headers: readonly (readonly [string, string])[],
  limit: LimitState & { readonly resetSeconds: number },
): readonly (readonly [string, string])[] {
  const added = new Map(rateLimitHeaders([limit]));
  const joined = headers.map(([name, value]) => {
    const more = added.get(name);
    added.delete(name);
    return [name, more === undefined ? value : `${value}, ${more}`] as const;
  });
  const seconds = Math.max(1, Math.ceil(limit.resetSeconds));
  return [...joined, ...added, ["retry-after", String(seconds)]];
}

/** Structured-field integers have at most 15 digits. */
function whole(value: number): number {
  return Math.min(999_999_999_999_999, Math.max(0, Math.floor(value)));
}
