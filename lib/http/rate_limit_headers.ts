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
  const policies = limits.map(({ policy, quota, windowSeconds }) =>
    `"${policy}";q=${whole(quota)}${
      windowSeconds === undefined ? "" : `;w=${whole(windowSeconds)}`
    }`
  );
  const states = limits.map(({ policy, remaining, resetSeconds }) =>
    `"${policy}";r=${whole(remaining)}${
      resetSeconds === undefined ? "" : `;t=${Math.ceil(Math.max(0, resetSeconds))}`
    }`
  );
  return [["ratelimit-policy", policies.join(", ")], ["ratelimit", states.join(", ")]];
}

/** Structured-field integers have at most 15 digits. */
function whole(value: number): number {
  return Math.min(999_999_999_999_999, Math.max(0, Math.floor(value)));
}
