import { formatCivilDay } from "@/lib/domain/rating/civil_day.ts";
import { RATING_PARTS } from "@/lib/domain/rating/rating_parts.ts";
import type { RatingStores } from "@/lib/kv/rating_stores.ts";
import { sha256Hex } from "@/lib/platform/sha256.ts";
import { putInstrument } from "@/lib/rating/instruments.ts";
import { ListCache } from "@/lib/rating/list_cache.ts";
import { putHistory, putQuote } from "@/lib/rating/prices.ts";
import { rateOne, type Rating, type RatingCall, type RatingDeps } from "@/lib/rating/rate_one.ts";
import { RatingCache } from "@/lib/rating/rating_cache.ts";
import { CountingIds, FixedClock } from "./fixed_effects.ts";
import { createMemoryRatingStores } from "./memory_rating_stores.ts";
import { minstdCloses } from "./minstd.ts";
import { AS_OF_MS } from "./rating_samples.ts";

export const APPLE = "US0378331005";

export const APPLE_TERMS = {
  isin: APPLE,
  cusip: "037833100",
  cfi_code: "ESVUFR",
  currency: "USD",
  mic: "XNAS",
  issuer: { name: "Apple Inc", country: "US" },
};

/** Everything behind the rating API over in-memory stores, with every store read counted. */
export class RatingWorld {
  reads = 0;
  readonly clock = new FixedClock(AS_OF_MS);
  readonly stores: RatingStores;
  readonly lists: ListCache;
  readonly cache: RatingCache;
  readonly deps: RatingDeps;

  constructor(stores: RatingStores = createMemoryRatingStores()) {
    const count = () => this.reads += 1;
    this.stores = {
      instruments: counted(stores.instruments, count),
      prices: counted(stores.prices, count),
      lists: counted(stores.lists, count),
      upstreamCache: counted(stores.upstreamCache, count),
    };
    this.lists = new ListCache(this.stores.lists, this.clock);
    const { instruments, prices } = this.stores;
    const { clock, lists } = this;
    this.cache = new RatingCache({ instruments, prices, lists, clock, hash: sha256Hex });
    this.deps = {
      cache: this.cache,
      lists,
      upstream: null,
      clock,
      ids: new CountingIds(),
      hash: sha256Hex,
    };
  }

  instrumentDeps() {
    const { instruments } = this.stores;
    return { instruments, lists: this.lists, cache: this.cache, clock: this.clock };
  }

  priceDeps() {
    return { prices: this.stores.prices, cache: this.cache, clock: this.clock };
  }

  listDeps() {
    const { lists, instruments } = this.stores;
    return { lists, listCache: this.lists, instruments, cache: this.cache, clock: this.clock };
  }

  async instrument(instrumentId: string, body: unknown, tenantId = "t1") {
    return await putInstrument({ tenantId, instrumentId, body }, this.instrumentDeps());
  }

  async quote(instrumentId: string, body: unknown, tenantId = "t1") {
    return await putQuote({ tenantId, instrumentId, body }, this.priceDeps());
  }

  async history(instrumentId: string, body: unknown, tenantId = "t1") {
    return await putHistory({ tenantId, instrumentId, body }, this.priceDeps());
  }

  /** Apple with five years of closes and a quote of this second. */
  async withApple(): Promise<this> {
    await this.instrument(APPLE, APPLE_TERMS);
    await this.history(APPLE, historyBody(1_281));
    await this.quote(APPLE, quoteBody());
    return this;
  }

  rate(body: unknown, more: Partial<RatingCall> = {}, deps: Partial<RatingDeps> = {}) {
    return rateOne({
      tenantId: "t1",
      body,
      entitledParts: new Set(RATING_PARTS),
      partial: "deny",
      freshness: "cached",
      ...more,
    }, { ...this.deps, ...deps });
  }

  async rated(body: unknown, more: Partial<RatingCall> = {}): Promise<Rating> {
    const result = await this.rate(body, more);
    if (!result.ok) throw new Error(`${result.error.code}: ${result.error.detail}`);
    return result.value;
  }
}

export function quoteBody(more: Record<string, unknown> = {}) {
  return { bid: "62.54", ask: "62.58", last: "62.56", timestamp: isoOf(AS_OF_MS - 820), ...more };
}

/** The reference series on weekdays up to the Friday before `AS_OF_MS`. */
export function historyBody(count: number, seed = 1) {
  const { days, closes } = minstdCloses(count, { seed, firstDay: 18_985 });
  return {
    closes: Array.from(closes, (close, i) => ({
      date: formatCivilDay(days[i] ?? 0),
      close,
      volume: 1_000 + i,
    })),
  };
}

export function isoOf(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

/** The store with a count of every read. */
function counted<T extends object>(store: T, count: () => void): T {
  return new Proxy(store, {
    get(target, name, receiver) {
      if (!String(name).startsWith("put")) count();
      return Reflect.get(target, name, receiver);
    },
  });
}
