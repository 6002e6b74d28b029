import { accept, refuse, type Result } from "../domain/result.ts";
import { type ListEntry, LISTS_MAX } from "../domain/rating/screening.ts";
import type { Clock } from "../ports/clock.ts";
import type { InstrumentStore, ListScope, ListStore, WriteCondition } from "../ports/rating.ts";
import { conditionOf, VERSION_MISMATCH } from "./instruments.ts";
import type { ListCache } from "./list_cache.ts";
import { parseBody } from "./parse_body.ts";
import type { RatingProblem } from "./problems.ts";
import type { RatingCache } from "./rating_cache.ts";
import { InstrumentIdSchema, InstrumentTermsSchema, ListSchema } from "./schemas.ts";
import { screenedOutcome } from "./screened_outcome.ts";
import { toInstrument } from "./to_domain.ts";

export interface ListDeps {
  readonly lists: ListStore;
  readonly listCache: ListCache;
  readonly instruments: InstrumentStore;
  readonly cache: RatingCache;
  readonly clock: Clock;
}

export interface ListReceipt {
  readonly version: string;
  readonly count: number;
  /** Instruments screened against the new list; null for an operator list, see `rescreen`. */
  readonly screened: number | null;
}

/** Replaces a list, and for a tenant's list screens that tenant's instruments against it. */
export async function putList(
  request:
    & { scope: ListScope; listId: string; body: unknown; loadId?: string }
    & WriteCondition,
  deps: ListDeps,
): Promise<Result<ListReceipt, RatingProblem>> {
  const { scope, listId, loadId } = request;
  const id = parseBody(InstrumentIdSchema, listId);
  if (!id.ok) return id;
  const parsed = parseBody(ListSchema, request.body);
  if (!parsed.ok) return parsed;
  if (await isFull(deps.lists, { scope, listId })) return refuse(TOO_MANY_LISTS);
  const { kind, as_of: asOf } = parsed.value;
  const entries = parsed.value.entries.map(toEntry);
  if (scope.kind === "tenant" && countNames(entries) > TENANT_LIST_NAMES_MAX) {
    return refuse(TOO_MANY_NAMES);
  }
  const loadedAtMs = deps.clock.nowMs();
  const head = {
    listId,
    kind,
    asOf,
    loadedAtMs,
    count: entries.length,
    ...loadId === undefined ? {} : { loadId },
  };
  const outcome = await deps.lists.putList(scope, { head, entries }, conditionOf(request));
  deps.listCache.forget(scope);
  if (!outcome.ok) return refuse(VERSION_MISMATCH);
  const screened = scope.kind === "tenant" ? await rescreen(scope.tenantId, deps) : null;
  return accept({ version: outcome.version, count: entries.length, screened });
}

/**
 * Screens a tenant's instruments against the lists of now, and keeps what it finds. Safe to repeat;
 * a call that comes before it screens for itself. The operator runs it over all tenants after an
 * operator list changes.
 */
export async function rescreen(
  tenantId: string,
  deps: Pick<ListDeps, "instruments" | "listCache" | "cache">,
): Promise<number> {
  const indexes = await deps.listCache.indexes(tenantId);
  let cursor: string | null = "";
  let count = 0;
  while (cursor !== null && count < RESCREEN_MAX) {
    const query = cursor === "" ? { limit: PAGE_SIZE } : { cursor, limit: PAGE_SIZE };
    const page = await deps.instruments.instruments(tenantId, query);
    for (const { value, version } of page.items) {
      const { instrumentId } = value;
      await screenedOutcome(deps.instruments, {
        tenantId,
        instrumentId,
        instrument: toInstrument(InstrumentTermsSchema.parse(value.terms)),
        instrumentVersion: version,
        indexes,
      });
      deps.cache.forget(tenantId, instrumentId);
      count += 1;
    }
    cursor = page.cursor;
  }
  return count;
}

const TOO_MANY_LISTS: RatingProblem = {
  code: "too_many_lists",
  detail: `At most ${LISTS_MAX} lists can be kept. Replace one, or join lists of one kind`,
};

/** Each instrument may be compared with every name, on a machine that all tenants share. */
const TENANT_LIST_NAMES_MAX = 20_000;

const TOO_MANY_NAMES: RatingProblem = {
  code: "batch_too_large",
  detail: `A list holds at most ${TENANT_LIST_NAMES_MAX} names, aliases included`,
  pointer: "/entries",
};

function countNames(entries: readonly ListEntry[]): number {
  return entries.reduce((sum, { name, aliases }) => sum + aliases.length + (name ? 1 : 0), 0);
}

async function isFull(
  lists: ListStore,
  { scope, listId }: { scope: ListScope; listId: string },
): Promise<boolean> {
  const heads = await lists.lists(scope);
  return heads.length >= LISTS_MAX && heads.every(({ value }) => value.listId !== listId);
}

/** Instruments screened by one call; the rest are screened when they are next rated. */
const RESCREEN_MAX = 1_000;
const PAGE_SIZE = 100;

function toEntry(entry: {
  id: string;
  name?: string | undefined;
  aliases?: string[] | undefined;
  isin?: string | undefined;
  lei?: string | undefined;
  country?: string | undefined;
}): ListEntry {
  return {
    id: entry.id,
    name: entry.name ?? null,
    aliases: entry.aliases ?? [],
    isin: entry.isin ?? null,
    lei: entry.lei ?? null,
    country: entry.country ?? null,
  };
}
