import { accept, refuse, type Result } from "../domain/result.ts";
import { civilDayOfMs, DAY_MS } from "../domain/rating/civil_day.ts";
import { type PriceSeries, priceSeries, seriesUntil } from "../domain/rating/price_series.ts";
import { type Quote, quoteView } from "../domain/rating/quote.ts";
import type { Clock } from "../ports/clock.ts";
import type { PriceStore, QuoteOutcome, Stamped, WriteCondition } from "../ports/rating.ts";
import { appendSeries } from "./append_series.ts";
import { conditionOf, VERSION_MISMATCH } from "./instruments.ts";
import { parseBody } from "./parse_body.ts";
import type { RatingProblem } from "./problems.ts";
import type { RatingCache } from "./rating_cache.ts";
import { HistorySchema, InstrumentIdSchema, type QuotePutBody, QuotePutSchema } from "./schemas.ts";
import { toColumns, toQuote } from "./to_domain.ts";

export interface PriceDeps {
  readonly prices: PriceStore;
  readonly cache: RatingCache;
  readonly clock: Clock;
}

/** How far a sender's clock may be ahead; a quote from beyond would shut out all later ones. */
const QUOTE_AHEAD_MAX_MS = 5 * 60_000;

/** Who and what a price call is about. */
export interface PriceSubject {
  readonly tenantId: string;
  readonly instrumentId: string;
}

/** A price as the API shows it; a close stands in where no quote was kept. */
export interface PriceBody {
  readonly id: string;
  readonly bid: string | null;
  readonly ask: string | null;
  readonly last: string | null;
  readonly mid: string | null;
  readonly volume: number | null;
  readonly source: string;
  readonly timestamp: string;
}

/** The latest price, or the latest at or before `atMs`. The version is the ETag. */
export async function getPrice(
  { tenantId, instrumentId, atMs }: PriceSubject & { readonly atMs?: number },
  deps: Pick<PriceDeps, "prices">,
): Promise<Result<{ body: PriceBody; version: string }, RatingProblem>> {
  const { prices } = deps;
  const stored = atMs === undefined
    ? await prices.quote(tenantId, instrumentId)
    : await prices.quoteAt(tenantId, instrumentId, atMs);
  const found = stored ?? await lastClose(prices, { tenantId, instrumentId, atMs });
  if (found === null) {
    return refuse({ code: "price_not_found", detail: `No price is stored for ${instrumentId}` });
  }
  return accept({ body: priceBody(instrumentId, found.value), version: found.version });
}

/** Stores one quote. An older one than the latest is refused unless `allow_backfill` is true. */
export async function putQuote(
  request: PriceSubject & { readonly body: unknown } & WriteCondition,
  deps: PriceDeps,
): Promise<Result<{ version: string; isLatest: boolean }, RatingProblem>> {
  const { tenantId, instrumentId } = request;
  const id = parseBody(InstrumentIdSchema, instrumentId);
  if (!id.ok) return id;
  const parsed = parseQuotePut(request.body);
  if (!parsed.ok) return parsed;
  const { quote, allowBackfill } = parsed.value;
  if (isAhead(quote, deps.clock.nowMs())) return refuse(QUOTE_AHEAD);
  const [outcome] = await deps.prices.putQuotes(tenantId, [{
    instrumentId,
    quote,
    allowBackfill,
    ...conditionOf(request),
  }]);
  deps.cache.forget(tenantId, instrumentId);
  return outcome === undefined ? refuse(CONFLICT) : quoteResult(outcome);
}

/** A checked quote body; a crossed or non-positive quote is stored, and flagged when rated. */
function parseQuotePut(
  body: unknown,
): Result<{ quote: Quote; allowBackfill: boolean }, RatingProblem> {
  const parsed = parseBody(QuotePutSchema, body);
  if (!parsed.ok) return parsed;
  return accept(quoteOf(parsed.value));
}

export function quoteOf(body: QuotePutBody): { quote: Quote; allowBackfill: boolean } {
  const { allow_backfill: allowBackfill, ...quote } = body;
  return { quote: toQuote(quote, "tenant_push"), allowBackfill: allowBackfill ?? false };
}

export function isAhead(quote: Quote, nowMs: number): boolean {
  return quote.timestampMs > nowMs + QUOTE_AHEAD_MAX_MS;
}

export const QUOTE_AHEAD: RatingProblem = {
  code: "validation_failed",
  detail: "The quote is from the future. Check the clock and the zone of its timestamp",
  pointer: "/timestamp",
};

export function quoteResult(
  outcome: QuoteOutcome,
): Result<{ version: string; isLatest: boolean }, RatingProblem> {
  if (outcome.ok) return accept({ version: outcome.version, isLatest: outcome.isLatest });
  switch (outcome.code) {
    case "version_mismatch":
      return refuse(VERSION_MISMATCH);
    case "conflict":
      return refuse(CONFLICT);
    case "out_of_order":
      return refuse({
        code: "out_of_order",
        detail: "A quote of " + new Date(outcome.latestMs ?? 0).toISOString() +
          " is already stored. Send a later one, or set allow_backfill",
        pointer: "/timestamp",
      });
  }
}

/** Replaces the whole history. */
export async function putHistory(
  request: PriceSubject & { readonly body: unknown } & WriteCondition,
  deps: PriceDeps,
): Promise<Result<{ version: string; count: number }, RatingProblem>> {
  const { tenantId, instrumentId } = request;
  const id = parseBody(InstrumentIdSchema, instrumentId);
  if (!id.ok) return id;
  const series = parseHistory(request.body);
  if (!series.ok) return series;
  if (endsAhead(series.value, deps.clock.nowMs())) return refuse(CLOSE_AHEAD);
  const outcome = await deps.prices.putHistory(
    tenantId,
    { instrumentId, series: series.value },
    conditionOf(request),
  );
  deps.cache.forget(tenantId, instrumentId);
  if (!outcome.ok) return refuse(VERSION_MISMATCH);
  return accept({ version: outcome.version, count: series.value.days.length });
}

/** Appends later closes; a close for the last day replaces it. Creates the history if need be. */
export async function appendHistory(
  request: PriceSubject & { readonly body: unknown } & WriteCondition,
  deps: PriceDeps,
): Promise<Result<{ version: string; count: number }, RatingProblem>> {
  const { tenantId, instrumentId } = request;
  const id = parseBody(InstrumentIdSchema, instrumentId);
  if (!id.ok) return id;
  const body = parseBody(HistorySchema, request.body);
  if (!body.ok) return body;
  const columns = toColumns(body.value);
  for (let attempt = 0; attempt < APPEND_ATTEMPTS_MAX; attempt += 1) {
    const stored = await deps.prices.history(tenantId, instrumentId);
    if (request.ifVersion !== undefined && request.ifVersion !== (stored?.version ?? null)) {
      return refuse(VERSION_MISMATCH);
    }
    const merged = appendSeries(stored?.value ?? null, columns);
    if (!merged.ok) return merged;
    const series = merged.value;
    if (endsAhead(series, deps.clock.nowMs())) return refuse(CLOSE_AHEAD);
    const condition = { ifVersion: stored?.version ?? null };
    const put = await deps.prices.putHistory(tenantId, { instrumentId, series }, condition);
    deps.cache.forget(tenantId, instrumentId);
    if (put.ok) return accept({ version: put.version, count: series.days.length });
  }
  return refuse(CONFLICT);
}

/** Tries at an append that other writers keep overtaking. */
const APPEND_ATTEMPTS_MAX = 5;

const CONFLICT: RatingProblem = {
  code: "conflict",
  detail: "Other writes to this instrument came first. Try again",
};

function parseHistory(body: unknown): Result<PriceSeries, RatingProblem> {
  const parsed = parseBody(HistorySchema, body);
  return parsed.ok ? inBody(priceSeries(toColumns(parsed.value))) : parsed;
}

/** A close may be of tomorrow at most: somewhere that day has begun. */
function endsAhead({ days }: PriceSeries, nowMs: number): boolean {
  return (days[days.length - 1] ?? 0) > civilDayOfMs(nowMs) + 1;
}

const CLOSE_AHEAD: RatingProblem = {
  code: "validation_failed",
  detail: "The last close is from the future. Check its date",
  pointer: "/closes",
};

/** The engine points at `/history/...`; here the body is the history itself. */
function inBody<T>(result: Result<T, RatingProblem>): Result<T, RatingProblem> {
  if (result.ok || result.error.pointer === undefined) return result;
  return refuse({ ...result.error, pointer: result.error.pointer.replace(/^\/history/, "") });
}

async function lastClose(
  prices: PriceStore,
  { tenantId, instrumentId, atMs }: PriceSubject & { readonly atMs: number | undefined },
): Promise<Stamped<Quote> | null> {
  const stored = await prices.history(tenantId, instrumentId);
  if (stored === null) return null;
  const { value, version } = stored;
  const series = atMs === undefined ? value : seriesUntil(value, civilDayOfMs(atMs));
  const day = series.days[series.days.length - 1];
  const close = series.closes[series.closes.length - 1];
  if (day === undefined || close === undefined) return null;
  return {
    version,
    value: {
      bid: null,
      ask: null,
      last: String(close),
      volume: null,
      timestampMs: day * DAY_MS,
      source: "history_close",
    },
  };
}

function priceBody(instrumentId: string, quote: Quote): PriceBody {
  return {
    id: instrumentId,
    bid: quote.bid,
    ask: quote.ask,
    last: quote.last,
    mid: quoteView(quote).mid,
    volume: quote.volume,
    source: quote.source,
    timestamp: new Date(quote.timestampMs).toISOString(),
  };
}
