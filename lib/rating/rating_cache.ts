import { beta } from "../domain/rating/beta.ts";
import type { Instrument } from "../domain/rating/instrument.ts";
import { type QuoteView, quoteView } from "../domain/rating/quote.ts";
import type { ScreeningOutcome } from "../domain/rating/screening.ts";
import { type SeriesStatistics, seriesStatistics } from "../domain/rating/series_statistics.ts";
import type { Clock } from "../ports/clock.ts";
import type { InstrumentRecord, InstrumentStore, PriceStore, Stamped } from "../ports/rating.ts";
import { type Hash, hashJson, hashSeries } from "./input_hash.ts";
import type { ListCache } from "./list_cache.ts";
import { InstrumentTermsSchema } from "./schemas.ts";
import { screenedOutcome } from "./screened_outcome.ts";
import { toInstrument } from "./to_domain.ts";

/** How old a cached snapshot may be when the caller accepts one. */
export const STALENESS_MAX_MS = 1_000;

/**
 * From this age on a snapshot that is asked for is read again beside the call, so that no call for
 * an instrument in steady use has to wait for its successor.
 */
export const REFRESH_AFTER_MS = 700;

/** Closes kept in memory over all instruments, at about 40 bytes each. */
const CACHED_POINTS_MAX = 2_000_000;

/** Instruments kept in memory. */
export const CACHED_INSTRUMENTS_MAX = 20_000;

/** One stored instrument with everything that a rating needs, parsed and computed. */
export interface Snapshot {
  readonly instrumentId: string;
  readonly instrument: Instrument;
  readonly instrumentVersion: string;
  readonly view: QuoteView | null;
  readonly series: StatisticsOfSeries | null;
  readonly screening: ScreeningOutcome;
  /** Digest of terms, quote and screening. */
  readonly digest: string;
  readonly loadedAtMs: number;
}

/** Statistics with the version and digest of the series that they describe. */
export interface StatisticsOfSeries {
  readonly version: string;
  readonly digest: string;
  readonly statistics: SeriesStatistics;
}

export interface RatingCacheDeps {
  readonly instruments: InstrumentStore;
  readonly prices: PriceStore;
  readonly lists: ListCache;
  readonly clock: Clock;
  readonly hash: Hash;
}

/** What calls for stored instruments met; rising since the start. */
export interface RatingCacheCounts {
  /** Answered from memory. */
  readonly hits: number;
  /** Waited for a read of current versions. */
  readonly misses: number;
  /** Of all reads, those that found a new price series and computed its statistics. */
  readonly computed: number;
}

/**
 * Snapshots by tenant and instrument. `peek` answers at once from memory when the snapshot is at
 * most `STALENESS_MAX_MS` old; `load` reads current versions and reuses whatever has not moved.
 */
export class RatingCache {
  readonly #deps: RatingCacheDeps;
  readonly #tenants = new Map<string, Map<string, Snapshot>>();
  readonly #loading = new Map<string, Map<string, Promise<Snapshot | null>>>();
  readonly #betas = new WeakMap<SeriesStatistics, WeakMap<SeriesStatistics, number | null>>();
  #points = 0;
  #instruments = 0;
  readonly #counts = { hits: 0, misses: 0, computed: 0 };

  constructor(deps: RatingCacheDeps) {
    this.#deps = deps;
  }

  /** The snapshot in memory, or null when there is none that is young enough. Counts which it was. */
  peek(tenantId: string, instrumentId: string, nowMs: number): Snapshot | null {
    const found = this.#tenants.get(tenantId)?.get(instrumentId);
    const ageMs = found === undefined ? Infinity : nowMs - found.loadedAtMs;
    if (found === undefined || ageMs > STALENESS_MAX_MS) {
      this.#counts.misses += 1;
      return null;
    }
    this.#counts.hits += 1;
    // Whoever finds no snapshot in the end reads for itself and sees the failure.
    if (ageMs > REFRESH_AFTER_MS) this.load(tenantId, instrumentId).catch(() => {});
    return found;
  }

  get counts(): RatingCacheCounts {
    return this.#counts;
  }

  /** Current state from the stores; null when no instrument is stored under the id. */
  load(tenantId: string, instrumentId: string): Promise<Snapshot | null> {
    const loading = submap(this.#loading, tenantId);
    const underWay = loading.get(instrumentId);
    if (underWay !== undefined) return underWay;
    const fresh = this.#read(tenantId, instrumentId).then((snapshot) => {
      // After a write by this instance the read may hold the old state: then it is not kept.
      if (this.#loading.get(tenantId)?.get(instrumentId) === fresh) {
        this.#keep(tenantId, { instrumentId, snapshot });
      }
      return snapshot;
    }).finally(() => {
      if (loading.get(instrumentId) === fresh) loading.delete(instrumentId);
      if (loading.size === 0 && this.#loading.get(tenantId) === loading) {
        this.#loading.delete(tenantId);
      }
    });
    loading.set(instrumentId, fresh);
    return fresh;
  }

  /** Drops what is known, after a write by this instance. */
  forget(tenantId: string, instrumentId: string): void {
    this.#loading.get(tenantId)?.delete(instrumentId);
    this.#drop(tenantId, instrumentId);
  }

  /** Beta between two sets of statistics, computed once for the pair. */
  betaOf(statistics: SeriesStatistics, benchmark: SeriesStatistics): number | null {
    let known = this.#betas.get(statistics);
    if (known === undefined) this.#betas.set(statistics, known = new WeakMap());
    const found = known.get(benchmark);
    if (found !== undefined) return found;
    const { value } = beta(statistics.series, benchmark.series);
    known.set(benchmark, value);
    return value;
  }

  async #read(tenantId: string, instrumentId: string): Promise<Snapshot | null> {
    const { instruments, prices, lists, clock, hash } = this.#deps;
    const loadedAtMs = clock.nowMs();
    const previous = this.#tenants.get(tenantId)?.get(instrumentId);
    const [record, quote, historyVersion, indexes] = await Promise.all([
      instruments.instrument(tenantId, instrumentId),
      prices.quote(tenantId, instrumentId),
      prices.historyVersion(tenantId, instrumentId),
      lists.indexes(tenantId),
    ]);
    if (record === null) return null;
    const series = await this.#series(tenantId, instrumentId, historyVersion);
    const instrument = instrumentOf(record, previous);
    const screening = await screenedOutcome(instruments, {
      tenantId,
      instrumentId,
      instrument,
      instrumentVersion: record.version,
      indexes,
    });
    return {
      instrumentId,
      instrument,
      instrumentVersion: record.version,
      view: quote === null ? null : quoteView(quote.value),
      series,
      screening,
      digest: hashJson(hash, {
        terms: record.value.terms,
        quote: quote === null ? null : { ...quote.value },
        screening: {
          lists: screening.lists.map((list) => ({ ...list })),
          hits: screening.hits.map((hit) => ({ ...hit })),
        },
      }),
      loadedAtMs,
    };
  }

  /** Statistics of the stored history; those in memory when its version has not moved. */
  async #series(
    tenantId: string,
    instrumentId: string,
    version: string | null,
  ): Promise<StatisticsOfSeries | null> {
    if (version === null) return null;
    const known = this.#tenants.get(tenantId)?.get(instrumentId)?.series ?? null;
    if (known !== null && known.version === version) return known;
    const stored = await this.#deps.prices.history(tenantId, instrumentId);
    if (stored === null) return null;
    const statistics = seriesStatistics(stored.value);
    if (statistics === null) return null;
    this.#counts.computed += 1;
    const digest = hashSeries(this.#deps.hash, stored.value);
    return { version: stored.version, digest, statistics };
  }

  #keep(
    tenantId: string,
    { instrumentId, snapshot }: { instrumentId: string; snapshot: Snapshot | null },
  ): void {
    this.#drop(tenantId, instrumentId);
    if (snapshot === null) return;
    submap(this.#tenants, tenantId).set(instrumentId, snapshot);
    this.#points += pointsOf(snapshot);
    this.#instruments += 1;
    this.#evict();
  }

  #drop(tenantId: string, instrumentId: string): void {
    const snapshots = this.#tenants.get(tenantId);
    const found = snapshots?.get(instrumentId);
    if (snapshots === undefined || found === undefined) return;
    snapshots.delete(instrumentId);
    if (snapshots.size === 0) this.#tenants.delete(tenantId);
    this.#points -= pointsOf(found);
    this.#instruments -= 1;
  }

  /** Drops the tenant that was first to arrive, snapshot by snapshot, until the caps hold. */
  #evict(): void {
    while (this.#points > CACHED_POINTS_MAX || this.#instruments > CACHED_INSTRUMENTS_MAX) {
      const tenantId = this.#tenants.keys().next().value;
      if (tenantId === undefined) return;
      const instrumentId = this.#tenants.get(tenantId)?.keys().next().value;
      if (instrumentId === undefined) return;
      this.#drop(tenantId, instrumentId);
    }
  }
}

function submap<T>(tenants: Map<string, Map<string, T>>, tenantId: string): Map<string, T> {
  let found = tenants.get(tenantId);
  if (found === undefined) tenants.set(tenantId, found = new Map());
  return found;
}

function pointsOf(snapshot: Snapshot): number {
  return snapshot.series?.statistics.series.days.length ?? 0;
}

function instrumentOf(record: Stamped<InstrumentRecord>, previous?: Snapshot): Instrument {
  if (previous !== undefined && previous.instrumentVersion === record.version) {
    return previous.instrument;
  }
  return toInstrument(InstrumentTermsSchema.parse(record.value.terms));
}
