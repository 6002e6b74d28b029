import { createKvRatingStores } from "@/lib/kv/rating_stores.ts";
import { addRatingCacheMetrics } from "@/lib/platform/rating_cache_metrics.ts";
import { ratingUpstream } from "@/lib/platform/rating_upstream.ts";
import { sha256Hex } from "@/lib/platform/sha256.ts";
import { addUpstreamMetrics } from "@/lib/platform/upstream_metrics.ts";
import { ListCache } from "@/lib/rating/list_cache.ts";
import { RatingCache } from "@/lib/rating/rating_cache.ts";
import {
  UPSTREAM_BYTES_MAX,
  UPSTREAM_TIMEOUT_MS,
  UPSTREAM_TTL_MS,
  UpstreamPrices,
} from "@/lib/rating/upstream_prices.ts";
import type { Basics } from "./stores.ts";

export function composeRating({ env, clock, ids, kv, metrics }: Basics) {
  const { instruments, prices, lists, upstreamCache } = createKvRatingStores(kv);
  const listCache = new ListCache(lists, clock);
  const hash = sha256Hex;
  const cache = new RatingCache({ instruments, prices, lists: listCache, clock, hash });
  const upstream = env.ratingUpstreamUrl === null ? null : new UpstreamPrices({
    url: env.ratingUpstreamUrl,
    hosts: new Set([new URL(env.ratingUpstreamUrl).host]),
    name: new URL(env.ratingUpstreamUrl).hostname,
    timeoutMs: UPSTREAM_TIMEOUT_MS,
    bytesMax: UPSTREAM_BYTES_MAX,
    ttlMs: UPSTREAM_TTL_MS,
  }, { upstream: ratingUpstream, cache: upstreamCache, clock, hash });
  addUpstreamMetrics(metrics, upstream);
  addRatingCacheMetrics(metrics, cache);
  return {
    rating: { cache, lists: listCache, upstream, clock, ids, hash },
    market: { instruments, prices, lists: listCache, cache, clock },
    lists: { lists, listCache, instruments, cache, clock },
  };
}
