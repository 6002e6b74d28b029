import { accept, refuse, type Result } from "../domain/result.ts";
import { soon } from "../domain/soon.ts";
import { civilDayOfMs } from "../domain/rating/civil_day.ts";
import { PRICE_AGE_MAX_MS } from "../domain/rating/compliance_prices.ts";
import { assetClass, type Instrument } from "../domain/rating/instrument.ts";
import { priceSeries, seriesUntil } from "../domain/rating/price_series.ts";
import { type QuoteView, quoteView } from "../domain/rating/quote.ts";
import type { RatingParameters } from "../domain/rating/rate_instrument.ts";
import type { RatingPart } from "../domain/rating/rating_parts.ts";
import { screen, type ScreeningOutcome } from "../domain/rating/screening.ts";
import { type SeriesStatistics, seriesStatistics } from "../domain/rating/series_statistics.ts";
import { type Hash, type HashedInputs, hashJson, hashSeries } from "./input_hash.ts";
import type { RatingProblem } from "./problems.ts";
import type { CheckedCall, RatingDeps } from "./rate_one.ts";
import type { RatingCache, Snapshot } from "./rating_cache.ts";
import type { InstrumentTerms, RatingRequest } from "./schemas.ts";
import { screeningSubject } from "./screened_outcome.ts";
import { toColumns, toInstrument, toParameters, toQuote } from "./to_domain.ts";

/** What one rating is made from, with the digests of its inputs. */
export interface RatingInputs {
  readonly instrument: Instrument;
  readonly view: QuoteView | null;
  readonly underlying: QuoteView | null;
  readonly statistics: SeriesStatistics | null;
  readonly beta: number | null;
  readonly screening: ScreeningOutcome | null;
  readonly parameters: RatingParameters;
  readonly asOfMs: number;
  readonly digests: InputDigests;
}

/** Digests of the larger inputs, and the parameters whole. */
type InputDigests = Pick<HashedInputs, "subject" | "history" | "benchmark" | "parameters">;

/**
 * Finds everything that the asked parts need: in the request first, then in memory, then stored. At
 * once where nothing is read.
 */
export function gatherInputs(
  call: CheckedCall,
  { parts, deps }: { parts: ReadonlySet<RatingPart>; deps: RatingDeps },
): Gathered | Promise<Gathered> {
  const { request, tenantId } = call;
  const asOfMs = request.as_of === undefined ? deps.clock.nowMs() : Date.parse(request.as_of);
  const parameters = toParameters(request.parameters);
  return soon(subjectOf(call, { parts, deps }), (subject): Gathered | Promise<Gathered> => {
    if (!subject.ok) return subject;
    const { instrument, snapshot } = subject.value;
    const history = historyOf(request, { snapshot, asOfMs, hash: deps.hash });
    if (!history.ok) return history;
    return soon(viewOf(request, { subject: subject.value, parts, asOfMs, deps }), (view) => {
      if (!view.ok) return view;
      const benchmarkId = request.parameters?.benchmark_id ?? instrument.benchmarkId;
      const underlyingId = parts.has("greeks") && parameters.greeks.underlyingPrice === null
        ? instrument.option?.underlyingId ?? null
        : null;
      const find = (id: string | null) =>
        id === null ? null : snapshotOf(tenantId, id, { freshness: call.freshness, deps });
      const { statistics, digest } = history.value;
      return soon(
        find(benchmarkId),
        (benchmark) =>
          soon(find(underlyingId), (underlying) =>
            accept({
              instrument,
              view: view.value,
              underlying: underlying?.view ?? null,
              statistics,
              beta: betaOf(deps.cache, { statistics, benchmark }),
              screening: subject.value.screening,
              parameters,
              asOfMs,
              digests: {
                subject: subject.value.digest,
                history: digest,
                benchmark: benchmark?.series?.digest ?? null,
                parameters: request.parameters ?? null,
              },
            })),
      );
    });
  });
}

type Gathered = Result<RatingInputs, RatingProblem>;

/** The instrument under rating: stored, or described in the request. */
interface Subject {
  readonly instrument: Instrument;
  readonly snapshot: Snapshot | null;
  readonly screening: ScreeningOutcome | null;
  readonly digest: string;
  readonly instrumentId: string | null;
}

function subjectOf(
  call: CheckedCall,
  { parts, deps }: { parts: ReadonlySet<RatingPart>; deps: RatingDeps },
): Result<Subject, RatingProblem> | Promise<Result<Subject, RatingProblem>> {
  const { request, tenantId, freshness } = call;
  if (typeof request.instrument !== "string") {
    const needsScreening = parts.has("screening") || parts.has("compliance");
    return inlineSubject(request.instrument, { tenantId, needsScreening, deps });
  }
  const instrumentId = request.instrument;
  const found = snapshotOf(tenantId, instrumentId, { freshness, deps });
  return soon(found, (snapshot) => storedSubject(instrumentId, snapshot));
}

function storedSubject(
  instrumentId: string,
  snapshot: Snapshot | null,
): Result<Subject, RatingProblem> {
  if (snapshot === null) {
    return refuse({
      code: "instrument_not_found",
      detail: `No instrument is stored under ${instrumentId}. Put it to /v1/instruments/` +
        `${instrumentId}, or send its terms as \`instrument\``,
      pointer: "/instrument",
    });
  }
  const { instrument, screening, digest } = snapshot;
  return accept({ instrument, snapshot, screening, digest, instrumentId });
}

async function inlineSubject(
  terms: InstrumentTerms,
  { tenantId, needsScreening, deps }: {
    tenantId: string;
    needsScreening: boolean;
    deps: RatingDeps;
  },
): Promise<Result<Subject, RatingProblem>> {
  const instrument = toInstrument(terms);
  const indexes = needsScreening ? await deps.lists.indexes(tenantId) : [];
  return accept({
    instrument,
    snapshot: null,
    screening: needsScreening ? screen(screeningSubject(instrument), indexes) : null,
    digest: hashJson(deps.hash, { terms, lists: indexes.map(({ list }) => ({ ...list })) }),
    instrumentId: terms.isin ?? terms.figi ?? null,
  });
}

/** At once while the snapshot is in memory. */
function snapshotOf(
  tenantId: string,
  instrumentId: string,
  { freshness, deps }: { freshness: "cached" | "latest"; deps: RatingDeps },
): Snapshot | Promise<Snapshot | null> {
  const cached = freshness === "cached"
    ? deps.cache.peek(tenantId, instrumentId, deps.clock.nowMs())
    : null;
  return cached ?? deps.cache.load(tenantId, instrumentId);
}

interface HistoryChoice {
  readonly statistics: SeriesStatistics | null;
  readonly digest: string | null;
}

/** The inline history if there is one, else the stored one; neither looks past `as_of`. */
function historyOf(
  request: RatingRequest,
  { snapshot, asOfMs, hash }: { snapshot: Snapshot | null; asOfMs: number; hash: Hash },
): Result<HistoryChoice, RatingProblem> {
  const lastDay = civilDayOfMs(asOfMs);
  if (request.history !== undefined) {
    const series = priceSeries(toColumns(request.history));
    if (!series.ok) return series;
    const known = seriesUntil(series.value, lastDay);
    return accept({ statistics: seriesStatistics(known), digest: hashSeries(hash, series.value) });
  }
  const stored = snapshot?.series ?? null;
  if (stored === null) return accept({ statistics: null, digest: null });
  const known = seriesUntil(stored.statistics.series, lastDay);
  const statistics = known === stored.statistics.series
    ? stored.statistics
    : seriesStatistics(known);
  return accept({ statistics, digest: stored.digest });
}

/** Parts that look at a price. */
const PRICED_PARTS: readonly RatingPart[] = [
  "price_feed",
  "compliance",
  "greeks",
  "bond_analytics",
];

/** The quote of the request, else a fresh stored one, else the upstream's, else the stale one. */
function viewOf(
  request: RatingRequest,
  { subject, parts, asOfMs, deps }: {
    subject: Subject;
    parts: ReadonlySet<RatingPart>;
    asOfMs: number;
    deps: RatingDeps;
  },
): Result<QuoteView | null, RatingProblem> | Promise<Result<QuoteView | null, RatingProblem>> {
  if (request.quote !== undefined) return accept(quoteView(toQuote(request.quote, "request")));
  const stored = subject.snapshot?.view ?? null;
  const { upstream } = deps;
  const { instrumentId, instrument } = subject;
  if (upstream === null || instrumentId === null) return accept(stored);
  if (!PRICED_PARTS.some((part) => parts.has(part))) return accept(stored);
  const ageMax = PRICE_AGE_MAX_MS[assetClass(instrument)];
  const isFresh = stored !== null && asOfMs - stored.quote.timestampMs <= ageMax;
  // The upstream knows the present only: a rating as of the past has no use for its answer.
  const isPast = deps.clock.nowMs() - asOfMs > ageMax;
  if (isFresh || isPast) return accept(stored);
  const asked = upstream.quote({
    instrumentId,
    currency: instrument.currency,
    mic: instrument.mic,
  });
  return asked.then((quote) => {
    if (quote.ok) return accept(quoteView(quote.value));
    return stored === null ? quote : accept(stored);
  });
}

function betaOf(
  cache: RatingCache,
  { statistics, benchmark }: { statistics: SeriesStatistics | null; benchmark: Snapshot | null },
): number | null {
  const other = benchmark?.series?.statistics ?? null;
  // Pairs need a day in both series, and the rated one ends at as_of already.
  return statistics === null || other === null ? null : cache.betaOf(statistics, other);
}
