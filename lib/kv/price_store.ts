import { invariant } from "@/lib/domain/invariant.ts";
import type { Quote } from "@/lib/domain/rating/quote.ts";
import type {
  PriceStore,
  QuoteOutcome,
  QuotePut,
  Stamped,
  StampedOutcome,
} from "@/lib/ports/rating.ts";
import { historyKey, historyPartKey, quoteAtKey, quoteKey } from "./keys.ts";
import type { KvLike } from "./kv_like.ts";
import { commitMarked } from "./marked_commit.ts";
import { isVersion, VERSION_MISMATCH } from "./version_condition.ts";
import { decodeSeries, encodeSeries, HISTORY_PARTS_MAX, type HistoryHead } from "./series_codec.ts";

/** How long quotes stay readable by time; the latest one stays until a later one comes. */
const QUOTE_KEEP_MS = 30 * 86_400_000;

/** Instruments in one commit: the self-hosted KV server takes ten checks, one of them the mark's. */
const COMMIT_INSTRUMENTS_MAX = 9;

/** Tries at a commit that other writers keep overtaking. */
const COMMIT_ATTEMPTS_MAX = 8;

/** Quotes and histories in Deno KV. A version is the entry's versionstamp. */
export function createKvPriceStore(kv: KvLike): PriceStore {
  return {
    quote: (tenantId, instrumentId) => readQuote(kv, quoteKey(tenantId, instrumentId)),

    quoteAt: async (tenantId, instrumentId, atMs) => {
      const selector = {
        start: quoteAtKey(tenantId, instrumentId, -Infinity),
        end: quoteAtKey(tenantId, instrumentId, atMs + 1),
      };
      for await (const entry of kv.list<Quote>(selector, { reverse: true, limit: 1 })) {
        return { value: entry.value, version: entry.versionstamp };
      }
      const latest = await readQuote(kv, quoteKey(tenantId, instrumentId));
      return latest !== null && latest.value.timestampMs <= atMs ? latest : null;
    },

    putQuotes: async (tenantId, puts) => {
      const outcomes: QuoteOutcome[] = [];
      for (const group of groupsOf(puts)) {
        outcomes.push(...await putGroup(kv, tenantId, group));
      }
      return outcomes;
    },

    historyVersion: async (tenantId, instrumentId) => {
      const entry = await kv.get<HistoryHead>(historyKey(tenantId, instrumentId));
      return entry.versionstamp;
    },

    history: async (tenantId, instrumentId) => {
      // One snapshot: head and parts are of one write.
      const [head, ...parts] = await kv.getMany<[HistoryHead, ...Uint8Array[]]>([
        historyKey(tenantId, instrumentId),
        ...partKeys(tenantId, instrumentId),
      ]);
      if (head.versionstamp === null) return null;
      const bytes = parts.slice(0, head.value.parts).map((part) => {
        invariant(part.value !== null, "A part of a price history is missing");
        return part.value;
      });
      return { value: decodeSeries(head.value, bytes), version: head.versionstamp };
    },

    putHistory: async (
      tenantId,
      { instrumentId, series },
      condition = {},
    ): Promise<StampedOutcome> => {
      const key = historyKey(tenantId, instrumentId);
      const { head, parts } = encodeSeries(series);
      const write = kv.atomic().set(key, head);
      const { ifVersion } = condition;
      if (ifVersion !== undefined && !isVersion(ifVersion)) return VERSION_MISMATCH;
      if (ifVersion !== undefined) write.check({ key, versionstamp: ifVersion });
      for (const [index, partKey] of partKeys(tenantId, instrumentId).entries()) {
        const part = parts[index];
        if (part === undefined) write.delete(partKey);
        else write.set(partKey, part);
      }
      const commit = await commitMarked(kv, write);
      return commit.ok ? { ok: true, version: commit.versionstamp } : VERSION_MISMATCH;
    },
  };
}

async function readQuote(kv: KvLike, key: Deno.KvKey): Promise<Stamped<Quote> | null> {
  const entry = await kv.get<Quote>(key);
  return entry.versionstamp === null ? null : { value: entry.value, version: entry.versionstamp };
}

function partKeys(tenantId: string, instrumentId: string): Deno.KvKey[] {
  return Array.from(
    { length: HISTORY_PARTS_MAX },
    (_, part) => historyPartKey(tenantId, instrumentId, part),
  );
}

/** Neighbouring puts for as many instruments as one commit takes; the order of puts is kept. */
function* groupsOf(puts: readonly QuotePut[]): Generator<readonly QuotePut[]> {
  let group: QuotePut[] = [];
  let ids = new Set<string>();
  for (const put of puts) {
    if (!ids.has(put.instrumentId) && ids.size === COMMIT_INSTRUMENTS_MAX) {
      yield group;
      group = [];
      ids = new Set();
    }
    ids.add(put.instrumentId);
    group.push(put);
  }
  if (group.length > 0) yield group;
}

async function putGroup(
  kv: KvLike,
  tenantId: string,
  puts: readonly QuotePut[],
): Promise<readonly QuoteOutcome[]> {
  const ids = [...new Set(puts.map((put) => put.instrumentId))];
  for (let attempt = 0; attempt < COMMIT_ATTEMPTS_MAX; attempt += 1) {
    const entries = await kv.getMany<Quote[]>(ids.map((id) => quoteKey(tenantId, id)));
    const plan = planPuts(puts, new Map(entries.map((entry, i) => [ids[i] ?? "", entry])));
    const write = kv.atomic();
    for (const entry of entries) write.check(entry);
    for (const put of plan.kept) {
      const { instrumentId, quote } = put;
      write.set(quoteAtKey(tenantId, instrumentId, quote.timestampMs), quote, {
        expireIn: QUOTE_KEEP_MS,
      });
    }
    for (const [id, quote] of plan.latest) write.set(quoteKey(tenantId, id), quote);
    if (plan.kept.length === 0) return plan.outcomes("");
    const commit = await commitMarked(kv, write);
    if (commit.ok) return plan.outcomes(commit.versionstamp);
  }
  return puts.map(() => ({ ok: false, code: "conflict" }));
}

interface PutPlan {
  readonly kept: readonly QuotePut[];
  readonly latest: ReadonlyMap<string, Quote>;
  readonly outcomes: (version: string) => readonly QuoteOutcome[];
}

/** Decides each put by what is stored and by the puts before it. */
function planPuts(
  puts: readonly QuotePut[],
  stored: ReadonlyMap<string, Deno.KvEntryMaybe<Quote>>,
): PutPlan {
  const kept: QuotePut[] = [];
  const latest = new Map<string, Quote>();
  const decisions = puts.map((put) => {
    const entry = stored.get(put.instrumentId);
    const { quote, ifVersion } = put;
    if (ifVersion !== undefined && ifVersion !== (entry?.versionstamp ?? null)) {
      return { ok: false, code: "version_mismatch" } as const;
    }
    const current = latest.get(put.instrumentId) ?? entry?.value ?? null;
    const isLatest = current === null || quote.timestampMs >= current.timestampMs;
    if (!isLatest && !put.allowBackfill) {
      return { ok: false, code: "out_of_order", latestMs: current.timestampMs } as const;
    }
    kept.push(put);
    if (isLatest) latest.set(put.instrumentId, quote);
    return { ok: true, isLatest } as const;
  });
  return {
    kept,
    latest,
    outcomes: (version) =>
      decisions.map((decision): QuoteOutcome => decision.ok ? { ...decision, version } : decision),
  };
}
