import type { Metrics } from "./metrics.ts";

/** How often the upstream's price cache spared a request; rising since the start. */
export interface UpstreamCacheCounts {
  readonly hitsMemory: number;
  readonly hitsStore: number;
  readonly misses: number;
  readonly failures: number;
}

/** Prints the counts of the price source, of an installation that has one. */
export function addUpstreamMetrics(
  metrics: Metrics,
  upstream: { readonly counts: UpstreamCacheCounts } | null,
): void {
  if (upstream === null) return;
  const count = (name: string, help: string, read: (counts: UpstreamCacheCounts) => number) =>
    metrics.readCounter({ name, help }, () => read(upstream.counts));
  count(
    "clawmeter_upstream_cache_memory_hits_total",
    "Quotes answered from this instance's memory",
    ({ hitsMemory }) => hitsMemory,
  );
  count(
    "clawmeter_upstream_cache_store_hits_total",
    "Quotes answered from the cache that all instances share",
    ({ hitsStore }) => hitsStore,
  );
  count(
    "clawmeter_upstream_cache_misses_total",
    "Quotes that the upstream was asked for",
    ({ misses }) => misses,
  );
  count(
    "clawmeter_upstream_failures_total",
    "Of these, without a usable answer",
    ({ failures }) => failures,
  );
}
