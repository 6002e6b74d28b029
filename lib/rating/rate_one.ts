import { accept, refuse, type Result } from "../domain/result.ts";
import type { JsonValue } from "../domain/rating/canonical_json.ts";
import { civilDayOfMs } from "../domain/rating/civil_day.ts";
import { PRICE_AGE_MAX_MS } from "../domain/rating/compliance_prices.ts";
import { assetClass, type Instrument } from "../domain/rating/instrument.ts";
import { priceSeries, seriesUntil } from "../domain/rating/price_series.ts";
import { type QuoteView, quoteView } from "../domain/rating/quote.ts";
import {
  ENGINE_VERSION,
  rateInstrument,
  type RatingParameters,
  type RatingParts,
} from "../domain/rating/rate_instrument.ts";
import { RATING_PARTS, type RatingPart } from "../domain/rating/rating_parts.ts";
import { screen, type ScreeningOutcome } from "../domain/rating/screening.ts";
import { type SeriesStatistics, seriesStatistics } from "../domain/rating/series_statistics.ts";
import type { Clock } from "../ports/clock.ts";
import type { Ids } from "../ports/ids.ts";
import { type Hash, hashJson, hashSeries } from "./input_hash.ts";
import type { ListCache } from "./list_cache.ts";
import { parseBody } from "./parse_body.ts";
import type { RatingProblem } from "./problems.ts";
import type { RatingCache, Snapshot } from "./rating_cache.ts";
import { type InstrumentTerms, type RatingRequest, RatingRequestSchema } from "./schemas.ts";
import { screeningSubject } from "./screened_outcome.ts";
import { toColumns, toInstrument, toParameters, toQuote } from "./to_domain.ts";
import type { UpstreamPrices } from "./upstream_prices.ts";

export interface RatingDeps {
  readonly cache: RatingCache;
  readonly lists: ListCache;
  /** Null when the operator has configured none. */
  readonly upstream: UpstreamPrices | null;
  readonly clock: Clock;
  readonly ids: Pick<Ids, "next">;
  readonly hash: Hash;
}

export interface RatingCall {
  readonly tenantId: string;
  /** Parsed JSON, not yet checked. */
  readonly body: unknown;
  /** Parts that the tenant's plan includes. */
  readonly entitledParts: ReadonlySet<string>;
  /** `allow` answers the parts that are in the plan and marks the others `not_entitled`. */
  readonly partial: "deny" | "allow";
  /**
   * `cached` accepts stored state up to `STALENESS_MAX_MS` old and then reads nothing; `latest`
   * reads current versions first.
   */
  readonly freshness: "cached" | "latest";
}

/** A rating as the API returns it, and what it costs: one unit for each part that is `ok`. */
export interface Rating {
  readonly body: RatingBody;
  readonly units: ReadonlyMap<RatingPart, bigint>;
}

export interface RatingBody extends RatingParts {
  readonly rating_id: string;
  readonly as_of: string;
  readonly engine_version: string;
  readonly input_hash: string;
  readonly indicative: true;
  readonly instrument: Readonly<Record<string, string>>;
  readonly usage: {
    readonly units: Readonly<Partial<Record<RatingPart, number>>>;
    readonly total: number;
  };
}

/** Parts that answer when the call names none; screening is asked for by name. */
export const PARTS_DEFAULT: readonly RatingPart[] = [
  "risk_score",
  "price_feed",
  "compliance",
  "greeks",
  "bond_analytics",
];

/** Rates one instrument. With a cached snapshot and no inline history this reads no store. */
export async function rateOne(
  call: RatingCall,
  deps: RatingDeps,
): Promise<Result<Rating, RatingProblem>> {
  const parsed = parseBody(RatingRequestSchema, call.body);
  if (!parsed.ok) return parsed;
  return await rateRequest({ ...call, request: parsed.value }, deps);
}

/** The same for a request that has been checked already. */
export async function rateRequest(
  call: Omit<RatingCall, "body"> & { readonly request: RatingRequest },
  deps: RatingDeps,
): Promise<Result<Rating, RatingProblem>> {
  const parts = partsToRate(call);
  if (!parts.ok) return parts;
  const gathered = await gather(call, { parts: parts.value.rated, deps });
  if (!gathered.ok) return gathered;
  return answer(gathered.value, { parts: parts.value, deps });
}

interface PartChoice {
  readonly rated: ReadonlySet<RatingPart>;
  readonly withheld: readonly RatingPart[];
}

/** What one rating is made from, with the digests of its inputs. */
interface Gathered {
  readonly terms: Identification;
  readonly instrument: Instrument;
  readonly view: QuoteView | null;
  readonly underlying: QuoteView | null;
  readonly statistics: SeriesStatistics | null;
  readonly beta: number | null;
  readonly screening: ScreeningOutcome | null;
  readonly parameters: RatingParameters;
  readonly asOfMs: number;
  readonly digests: Readonly<Record<string, JsonValue>>;
}

type Identification = Pick<
  Instrument,
  "isin" | "cusip" | "sedol" | "figi" | "cfiCode" | "currency" | "mic"
>;

function partsToRate(
  { request, entitledParts, partial }: {
    readonly request: RatingRequest;
    readonly entitledParts: ReadonlySet<string>;
    readonly partial: "deny" | "allow";
  },
): Result<PartChoice, RatingProblem> {
  const asked = request.include ?? PARTS_DEFAULT.filter((part) => entitledParts.has(part));
  const withheld = asked.filter((part) => !entitledParts.has(part));
  const rated = new Set(asked.filter((part) => entitledParts.has(part)));
  const isRefused = rated.size === 0 || (withheld.length > 0 && partial === "deny");
  if (!isRefused) return accept({ rated, withheld });
  const missing = withheld.length > 0 ? withheld : [...PARTS_DEFAULT];
  return refuse({
    code: "not_entitled",
    detail: `The plan does not include ${missing.join(", ")}. Leave these parts out of include, ` +
      "or change the plan",
    pointer: "/include",
    missingEntitlements: missing,
  });
}

async function gather(
  call: Omit<RatingCall, "body"> & { readonly request: RatingRequest },
  { parts, deps }: { parts: ReadonlySet<RatingPart>; deps: RatingDeps },
): Promise<Result<Gathered, RatingProblem>> {
  const { request, tenantId } = call;
  const asOfMs = request.as_of === undefined ? deps.clock.nowMs() : Date.parse(request.as_of);
  const parameters = toParameters(request.parameters);
  const subject = await subjectOf(call, { parts, deps });
  if (!subject.ok) return subject;
  const { instrument, snapshot } = subject.value;
  const history = historyOf(request, { snapshot, asOfMs, hash: deps.hash });
  if (!history.ok) return history;
  const view = await viewOf(request, { subject: subject.value, parts, asOfMs, deps });
  if (!view.ok) return view;
  const benchmarkId = request.parameters?.benchmark_id ?? instrument.benchmarkId;
  const underlyingId = parts.has("greeks") && parameters.greeks.underlyingPrice === null
    ? instrument.option?.underlyingId ?? null
    : null;
  const find = (id: string) => snapshotOf(tenantId, id, { freshness: call.freshness, deps });
  const benchmark = benchmarkId === null ? null : await find(benchmarkId);
  const underlying = underlyingId === null ? null : await find(underlyingId);
  const { statistics, digest } = history.value;
  return accept({
    terms: instrument,
    instrument,
    view: view.value,
    underlying: underlying?.view ?? null,
    statistics,
    beta: betaOf(deps.cache, { statistics, benchmark, asOfMs }),
    screening: subject.value.screening,
    parameters,
    asOfMs,
    digests: {
      subject: subject.value.digest,
      history: digest,
      benchmark: benchmark?.series?.digest ?? null,
      quote: view.value === null ? null : { ...view.value.quote },
      underlying: underlying?.view === null || underlying === null
        ? null
        : { ...underlying.view.quote },
      parameters: request.parameters ?? null,
    },
  });
}

/** The instrument under rating: stored, or described in the request. */
interface Subject {
  readonly instrument: Instrument;
  readonly snapshot: Snapshot | null;
  readonly screening: ScreeningOutcome | null;
  readonly digest: string;
  readonly instrumentId: string | null;
}

async function subjectOf(
  call: Omit<RatingCall, "body"> & { readonly request: RatingRequest },
  { parts, deps }: { parts: ReadonlySet<RatingPart>; deps: RatingDeps },
): Promise<Result<Subject, RatingProblem>> {
  const { request, tenantId, freshness } = call;
  if (typeof request.instrument !== "string") {
    const needsScreening = parts.has("screening") || parts.has("compliance");
    return accept(await inlineSubject(request.instrument, { tenantId, needsScreening, deps }));
  }
  const instrumentId = request.instrument;
  const snapshot = await snapshotOf(tenantId, instrumentId, { freshness, deps });
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
): Promise<Subject> {
  const instrument = toInstrument(terms);
  const indexes = needsScreening ? await deps.lists.indexes(tenantId) : [];
  return {
    instrument,
    snapshot: null,
    screening: needsScreening ? screen(screeningSubject(instrument), indexes) : null,
    digest: hashJson(deps.hash, { terms, lists: indexes.map(({ list }) => ({ ...list })) }),
    instrumentId: terms.isin ?? terms.figi ?? null,
  };
}

async function snapshotOf(
  tenantId: string,
  instrumentId: string,
  { freshness, deps }: { freshness: "cached" | "latest"; deps: RatingDeps },
): Promise<Snapshot | null> {
  const cached = freshness === "cached"
    ? deps.cache.peek(tenantId, instrumentId, deps.clock.nowMs())
    : null;
  return cached ?? await deps.cache.load(tenantId, instrumentId);
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
async function viewOf(
  request: RatingRequest,
  { subject, parts, asOfMs, deps }: {
    subject: Subject;
    parts: ReadonlySet<RatingPart>;
    asOfMs: number;
    deps: RatingDeps;
  },
): Promise<Result<QuoteView | null, RatingProblem>> {
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
  const asked = await upstream.quote({
    instrumentId,
    currency: instrument.currency,
    mic: instrument.mic,
  });
  if (asked.ok) return accept(quoteView(asked.value));
  return stored === null ? asked : accept(stored);
}

function betaOf(
  cache: RatingCache,
  { statistics, benchmark, asOfMs }: {
    statistics: SeriesStatistics | null;
    benchmark: Snapshot | null;
    asOfMs: number;
  },
): number | null {
  const other = benchmark?.series?.statistics ?? null;
  if (statistics === null || other === null) return null;
  // Pairs need a day in both series, and the rated series ends at as_of already.
  return civilDayOfMs(asOfMs) >= statistics.to ? cache.betaOf(statistics, other) : null;
}

function answer(
  gathered: Gathered,
  { parts, deps }: { parts: PartChoice; deps: RatingDeps },
): Result<Rating, RatingProblem> {
  const { asOfMs } = gathered;
  const rated = rateInstrument({ ...gathered, include: parts.rated });
  const refusal = wholeRefusal(rated);
  if (refusal !== null) return refuse(refusal);
  const units = new Map<RatingPart, bigint>();
  const counts: Partial<Record<RatingPart, number>> = {};
  for (const part of RATING_PARTS) {
    if (rated[part]?.status !== "ok") continue;
    units.set(part, 1n);
    counts[part] = 1;
  }
  const asOf = new Date(asOfMs).toISOString();
  return accept({
    body: {
      rating_id: deps.ids.next("rt"),
      as_of: asOf,
      engine_version: ENGINE_VERSION,
      input_hash: `sha256:${
        hashJson(deps.hash, {
          engine_version: ENGINE_VERSION,
          as_of: asOf,
          include: [...parts.rated].sort(),
          ...gathered.digests,
        })
      }`,
      indicative: true,
      instrument: identification(gathered.terms),
      ...rated,
      ...Object.fromEntries(parts.withheld.map((part) => [part, WITHHELD])),
      usage: { units: counts, total: units.size },
    },
    units,
  });
}

const WITHHELD = { status: "not_entitled" } as const;

/** A refusal for the whole call: no part gave anything, and at least one could have. */
function wholeRefusal(rated: RatingParts): RatingProblem | null {
  let first: RatingProblem | null = null;
  for (const part of RATING_PARTS) {
    const result = rated[part];
    if (result === undefined) continue;
    if (result.status === "ok") return null;
    const isFailure = result.status === "insufficient_data" || result.status === "not_evaluated";
    if (first === null && isFailure && "reason" in result && result.reason !== undefined) {
      first = result.reason;
    }
  }
  return first;
}

function identification(terms: Identification): Record<string, string> {
  const shown: Record<string, string> = {};
  const entries: readonly [string, string | null][] = [
    ["isin", terms.isin],
    ["cusip", terms.cusip],
    ["sedol", terms.sedol],
    ["figi", terms.figi],
    ["cfi_code", terms.cfiCode],
    ["currency", terms.currency],
    ["mic", terms.mic],
  ];
  for (const [name, value] of entries) if (value !== null) shown[name] = value;
  return shown;
}
