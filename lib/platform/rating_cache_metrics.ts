import type { Metrics } from "./metrics.ts";

/** How ratings of stored instruments found what they rest on; rising since the start. */
export interface RatingCacheCounts {
  readonly hits: number;
  readonly misses: number;
  readonly computed: number;
}

export function addRatingCacheMetrics(
  metrics: Metrics,
  cache: { readonly counts: RatingCacheCounts },
): void {
  const count = (name: string, help: string, read: (counts: RatingCacheCounts) => number) =>
    metrics.readCounter({ name, help }, () => read(cache.counts));
  count(
    "clawmeter_rating_cache_hits_total",
    "Stored instruments that a rating found in memory",
    ({ hits }) => hits,
  );
  count(
    "clawmeter_rating_cache_misses_total",
    "Stored instruments that a rating had to wait for",
    ({ misses }) => misses,
  );
  count(
    "clawmeter_rating_statistics_computed_total",
    "Price histories whose statistics were made",
    ({ computed }) => computed,
  );
}
