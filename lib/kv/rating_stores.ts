import type {
  InstrumentStore,
  ListStore,
  PriceStore,
  UpstreamCacheStore,
} from "@/lib/ports/rating.ts";
import { createKvInstrumentStore } from "./instrument_store.ts";
import { joinReads } from "./joined_reads.ts";
import type { KvLike } from "./kv_like.ts";
import { createKvListStore } from "./list_store.ts";
import { createKvPriceStore } from "./price_store.ts";
import { createKvUpstreamCacheStore } from "./upstream_cache_store.ts";

/** Every store of the rating API over one database. */
export interface RatingStores {
  readonly instruments: InstrumentStore;
  readonly prices: PriceStore;
  readonly lists: ListStore;
  readonly upstreamCache: UpstreamCacheStore;
}

export function createKvRatingStores(kv: KvLike): RatingStores {
  // A rating reads terms, quote and history's version of its instrument, all at once.
  const joined = joinReads(kv);
  return {
    instruments: createKvInstrumentStore(joined),
    prices: createKvPriceStore(joined),
    lists: createKvListStore(kv),
    upstreamCache: createKvUpstreamCacheStore(kv),
  };
}
