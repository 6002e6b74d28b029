import type { Quote } from "@/lib/domain/rating/quote.ts";
import type { RatingStores } from "@/lib/kv/rating_stores.ts";
import type { PriceSeries } from "@/lib/domain/rating/price_series.ts";
import type {
  InstrumentRecord,
  InstrumentStore,
  ListHead,
  ListScope,
  ListStore,
  PriceStore,
  QuoteOutcome,
  Stamped,
  StampedOutcome,
  StoredScreening,
  UpstreamCacheStore,
  WriteCondition,
} from "@/lib/ports/rating.ts";
import type { ListEntry } from "@/lib/domain/rating/screening.ts";

/** The rating stores in memory, for tests; they pass the same contract as those over Deno KV. */
export function createMemoryRatingStores(): RatingStores {
  return {
    instruments: memoryInstruments(),
    prices: memoryPrices(),
    lists: memoryLists(),
    upstreamCache: memoryUpstreamCache(),
  };
}

/** Values under composite keys, each with a rising version. */
class Stamps<T> {
  readonly #values = new Map<string, Stamped<T>>();
  #writes = 0;

  get(...key: string[]): Stamped<T> | null {
    return this.#values.get(JSON.stringify(key)) ?? null;
  }

  put(value: T, key: string[], { ifVersion }: WriteCondition = {}): StampedOutcome {
    const current = this.get(...key)?.version ?? null;
    if (ifVersion !== undefined && ifVersion !== current) {
      return { ok: false, code: "version_mismatch" };
    }
    this.#writes += 1;
    const version = String(this.#writes).padStart(12, "0");
    this.#values.set(JSON.stringify(key), { value: structuredClone(value), version });
    return { ok: true, version };
  }

  /** In order of the last key part. */
  under(...prefix: string[]): { id: string; stamped: Stamped<T> }[] {
    return [...this.#values].flatMap(([text, stamped]) => {
      const key: string[] = JSON.parse(text);
      const isUnder = key.length === prefix.length + 1 &&
        prefix.every((part, i) => part === key[i]);
      return isUnder ? [{ id: key[prefix.length] ?? "", stamped }] : [];
    }).sort((a, b) => a.id < b.id ? -1 : 1);
  }
}

function memoryInstruments(): InstrumentStore {
  const records = new Stamps<InstrumentRecord>();
  const screenings = new Stamps<StoredScreening>();
  return {
    instrument: (tenantId, id) => Promise.resolve(records.get(tenantId, id)),
    putInstrument: (tenantId, record, condition) =>
      Promise.resolve(records.put(record, [tenantId, record.instrumentId], condition)),
    instruments: (tenantId, { cursor, limit }) => {
      const all = records.under(tenantId).filter(({ id }) => cursor === undefined || id > cursor);
      const page = all.slice(0, limit);
      return Promise.resolve({
        items: page.map(({ stamped }) => stamped),
        cursor: page.length < limit ? null : page.at(-1)?.id ?? null,
      });
    },
    screening: (tenantId, id) => Promise.resolve(screenings.get(tenantId, id)?.value ?? null),
    putScreening: (tenantId, id, screening) => {
      screenings.put(screening, [tenantId, id]);
      return Promise.resolve();
    },
  };
}

function memoryPrices(): PriceStore {
  const latest = new Stamps<Quote>();
  const byTime = new Stamps<Quote>();
  const histories = new Stamps<PriceSeries>();
  return {
    quote: (tenantId, id) => Promise.resolve(latest.get(tenantId, id)),
    quoteAt: (tenantId, id, atMs) => {
      const kept = byTime.under(tenantId, id).map(({ stamped }) => stamped)
        .filter(({ value }) => value.timestampMs <= atMs)
        .sort((a, b) => b.value.timestampMs - a.value.timestampMs);
      return Promise.resolve(kept[0] ?? null);
    },
    putQuotes: (tenantId, puts) => {
      // Conditions hold against what was there before the call, as they do in one commit.
      const before = new Map(
        puts.map(({ instrumentId: id }) => [id, latest.get(tenantId, id)?.version ?? null]),
      );
      return Promise.resolve(puts.map((put): QuoteOutcome => {
        const { instrumentId: id, quote, ifVersion } = put;
        if (ifVersion !== undefined && ifVersion !== before.get(id)) {
          return { ok: false, code: "version_mismatch" };
        }
        const latestMs = latest.get(tenantId, id)?.value.timestampMs ?? -Infinity;
        const isLatest = quote.timestampMs >= latestMs;
        if (!isLatest && !put.allowBackfill) return { ok: false, code: "out_of_order", latestMs };
        const kept = byTime.put(quote, [tenantId, id, String(quote.timestampMs)]);
        const written = isLatest ? latest.put(quote, [tenantId, id]) : kept;
        return written.ok ? { ok: true, version: written.version, isLatest } : {
          ok: false,
          code: "conflict",
        };
      }));
    },
    historyVersion: (tenantId, id) => Promise.resolve(histories.get(tenantId, id)?.version ?? null),
    history: (tenantId, id) => Promise.resolve(histories.get(tenantId, id)),
    putHistory: (tenantId, { instrumentId, series }, condition) =>
      Promise.resolve(histories.put(series, [tenantId, instrumentId], condition)),
  };
}

function memoryLists(): ListStore {
  const lists = new Stamps<{ head: ListHead; entries: readonly ListEntry[] }>();
  const owner = (scope: ListScope) =>
    scope.kind === "operator" ? ["operator"] : ["tenant", scope.tenantId];
  return {
    lists: (scope) =>
      Promise.resolve(
        lists.under(...owner(scope)).map(({ stamped: { value, version } }) => ({
          value: value.head,
          version,
        })),
      ),
    entries: (scope, { listId, version }) => {
      const found = lists.get(...owner(scope), listId);
      return Promise.resolve(found?.version === version ? found.value.entries : null);
    },
    putList: (scope, list, condition) =>
      Promise.resolve(lists.put(list, [...owner(scope), list.head.listId], condition)),
  };
}

function memoryUpstreamCache(): UpstreamCacheStore {
  const entries = new Map<string, { text: string; expiresAtMs: number }>();
  return {
    get: (key) => Promise.resolve(entries.get(key) ?? null),
    put: (key, { text, expiresAtMs }) => {
      entries.set(key, { text, expiresAtMs });
      return Promise.resolve();
    },
  };
}
