import type { PriceSeries } from "../domain/rating/price_series.ts";
import type { Quote } from "../domain/rating/quote.ts";
import type { ListEntry, ListKind, ScreeningOutcome } from "../domain/rating/screening.ts";
import type { JsonValue } from "../domain/rating/canonical_json.ts";
import type { Page } from "./tenancy.ts";

/** A stored value with the opaque version it has now; the version is its ETag. */
export interface Stamped<T> {
  readonly value: T;
  readonly version: string;
}

/** `ifVersion`: absent writes over anything, null only creates, text must be the current version. */
export interface WriteCondition {
  readonly ifVersion?: string | null;
}

export type StampedOutcome =
  | { readonly ok: true; readonly version: string }
  | { readonly ok: false; readonly code: "version_mismatch" };

/** Terms as the API takes them (snake_case), so that what was put is what is read back. */
export interface InstrumentRecord {
  readonly instrumentId: string;
  readonly terms: JsonValue;
  readonly updatedAtMs: number;
}

export interface InstrumentStore {
  instrument(tenantId: string, instrumentId: string): Promise<Stamped<InstrumentRecord> | null>;
  putInstrument(
    tenantId: string,
    record: InstrumentRecord,
    condition?: WriteCondition,
  ): Promise<StampedOutcome>;
  /** In order of instrument id. */
  instruments(
    tenantId: string,
    query: { cursor?: string; limit: number },
  ): Promise<Page<Stamped<InstrumentRecord>>>;
  /** What screening last found; it names the list versions that it rests on. */
  screening(tenantId: string, instrumentId: string): Promise<StoredScreening | null>;
  putScreening(tenantId: string, instrumentId: string, screening: StoredScreening): Promise<void>;
}

export interface StoredScreening {
  /** Version of the instrument that was screened. */
  readonly instrumentVersion: string;
  readonly outcome: ScreeningOutcome;
}

export interface QuotePut {
  readonly instrumentId: string;
  readonly quote: Quote;
  /** Keep a quote that is older than the latest; it never becomes the latest. */
  readonly allowBackfill: boolean;
  readonly ifVersion?: string | null;
}

export type QuoteOutcome =
  | { readonly ok: true; readonly version: string; readonly isLatest: boolean }
  | {
    readonly ok: false;
    readonly code: "out_of_order" | "version_mismatch" | "conflict";
    /** Of the stored latest quote. */
    readonly latestMs?: number;
  };

export interface PriceStore {
  /** The latest quote. */
  quote(tenantId: string, instrumentId: string): Promise<Stamped<Quote> | null>;
  /** The latest quote at or before a time, among those still kept. */
  quoteAt(tenantId: string, instrumentId: string, atMs: number): Promise<Stamped<Quote> | null>;
  /** One outcome per put, in order. Puts for one instrument apply in order. */
  putQuotes(tenantId: string, puts: readonly QuotePut[]): Promise<readonly QuoteOutcome[]>;
  /** The version of the history alone: the cheap way to see whether it moved. */
  historyVersion(tenantId: string, instrumentId: string): Promise<string | null>;
  history(tenantId: string, instrumentId: string): Promise<Stamped<PriceSeries> | null>;
  putHistory(
    tenantId: string,
    history: { instrumentId: string; series: PriceSeries },
    condition?: WriteCondition,
  ): Promise<StampedOutcome>;
}

/** Whose list it is: a tenant's own, or the operator's, which every tenant is screened against. */
export type ListScope =
  | { readonly kind: "tenant"; readonly tenantId: string }
  | { readonly kind: "operator" };

export interface ListHead {
  readonly listId: string;
  readonly kind: ListKind;
  readonly asOf: string;
  readonly loadedAtMs: number;
  readonly count: number;
  /** The load that put it in force, of an operator's list. */
  readonly loadId?: string;
}

export interface ListStore {
  /** Heads of all lists of the scope, in order of list id. */
  lists(scope: ListScope): Promise<readonly Stamped<ListHead>[]>;
  /** Null when the list is gone or has moved past this version. */
  entries(
    scope: ListScope,
    list: { listId: string; version: string },
  ): Promise<readonly ListEntry[] | null>;
  putList(
    scope: ListScope,
    list: { head: ListHead; entries: readonly ListEntry[] },
    condition?: WriteCondition,
  ): Promise<StampedOutcome>;
}

/** One loading of an operator list: who, what, and how far screening against it has come. */
export interface ListLoad {
  readonly loadId: string;
  readonly listId: string;
  readonly kind: ListKind;
  readonly asOf: string;
  readonly startedBy: string;
  readonly startedAtMs: number;
  /** Entries that were loaded. */
  readonly count: number;
  /** Entries of the list that it replaced; `null` for a new list. */
  readonly replacedCount: number | null;
  readonly state:
    /** The list is being written; the one before is in force until it is. */
    | "storing"
    /** In force; tenants' stored instruments are being screened. */
    | "screening"
    | "done"
    /** The list was refused or could not be written: the one before is in force. */
    | "failed";
  /** Of the list that it put in force; `null` before, and of loads of before this was kept. */
  readonly version?: string | null;
  readonly detail: string | null;
  readonly tenantsTotal: number;
  readonly tenantsDone: number;
  readonly instruments: number;
  /** Where screening goes on. */
  readonly cursor: string | null;
  readonly updatedAtMs: number;
}

/** Loads are found for this long. */
export const LIST_LOADS_KEPT_MS = 400 * 86_400_000;

export interface ListLoadStore {
  load(loadId: string): Promise<Stamped<ListLoad> | null>;
  /** Newest first. */
  loads(limit: number): Promise<readonly ListLoad[]>;
  /** `null` only creates; else the version must be the stored one. */
  putLoad(load: ListLoad, version: string | null): Promise<StampedOutcome>;
}

/** Text kept for a stated time; shared by every instance. */
export interface UpstreamCacheStore {
  get(key: string): Promise<{ readonly text: string; readonly expiresAtMs: number } | null>;
  put(
    key: string,
    entry: { readonly text: string; readonly expiresAtMs: number; readonly ttlMs: number },
  ): Promise<void>;
}

export type UpstreamAnswer =
  | { readonly ok: true; readonly text: string }
  | {
    readonly ok: false;
    readonly code: "timeout" | "too_large" | "bad_status" | "unreachable";
  };

/** Sends one question to the operator's upstream. Never follows redirects. */
export interface RatingUpstream {
  ask(
    url: string,
    question: { body: string; timeoutMs: number; bytesMax: number },
  ): Promise<UpstreamAnswer>;
}
