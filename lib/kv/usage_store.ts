import type { OutboxEntry, OutboxState } from "@/lib/domain/outbox.ts";
import { isBilledByUnit, type PlanVersion, type Units } from "@/lib/domain/plan.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import type { PeriodTotal, PipelineStatus, UsageReader } from "@/lib/ports/usage.ts";
import type { UsageLog } from "@/lib/ports/usage_log.ts";
import { readBooks, readCounters, readEvidence } from "./books.ts";
import type { KvLike } from "./kv_like.ts";
import { NEGATIVE } from "./ledger_sums.ts";
import { donePageSince } from "./done_entries.ts";
import { createKvPlanStore } from "./plan_store.ts";
import { readSeries } from "./read_series.ts";
import {
  lastFlushKey,
  ledgerPrefix,
  minuteSlotsPrefix,
  outboxDonePrefix,
  outboxPrefix,
  parkedLine,
  parkedPrefix,
  retiredUnitsKey,
  tallyKey,
} from "./keys.ts";

export interface UsageStoreOptions {
  readonly kv: KvLike;
  readonly log: UsageLog;
  readonly clock: Clock;
}

const LIST = { batchSize: 500 };
const OPEN_STATES: readonly OutboxState[] = ["ready", "in_flight", "rejected", "held", "doubtful"];
const PAGE_MAX = 1_000;
/** Entries that a page looks at for those of one state, before it returns what it has. */
const LOOKED_MAX = 1_000;
const BATCH_MAX = 500;

/** Read models over what folds and seals have written. */
export function createUsageStore({ kv, log, clock }: UsageStoreOptions): UsageReader {
  return {
    series: (query) => readSeries(kv, query),
    periodTotals: (query) => periodTotals(kv, query),
    billableTotals: (query) => billableTotals(kv, query),
    books: (query = {}) => readBooks(kv, log, query),
    evidence: () => readEvidence(kv, log),
    pipeline: () => pipeline(kv, log, clock.nowMs()),
    outbox: (query) => outboxPage(kv, query),
  };
}

async function periodTotals(
  kv: KvLike,
  { tenantId, periodId }: { readonly tenantId: string; readonly periodId: string },
): Promise<readonly PeriodTotal[]> {
  const totals: PeriodTotal[] = [];
  const selector = { prefix: ledgerPrefix(tenantId, periodId) };
  for await (const { key, value } of kv.list<Deno.KvU64>(selector, LIST)) {
    const [, , , meter, planRevision, stage] = key;
    if (stage !== "acknowledged") continue;
    totals.push({
      meter: String(meter),
      planRevision: String(planRevision),
      units: value.value,
    });
  }
  return totals;
}

/** Corrections count, what was written off does not; Stripe bills no negative quantity. */
async function billableTotals(
  kv: KvLike,
  query: { readonly tenantId: string; readonly periodId: string },
): Promise<readonly PeriodTotal[]> {
  const counters = await readCounters(kv, query);
  return [...counters.values()].map(({ line: { meter, planRevision }, stages }) => {
    const net = (stage: string) => (stages.get(stage) ?? 0n) - (stages.get(stage + NEGATIVE) ?? 0n);
    const units = net("acknowledged") + net("adjusted") - net("written_off");
    return { meter, planRevision, units: units > 0n ? units : 0n };
  });
}

async function pipeline(kv: KvLike, log: UsageLog, nowMs: number): Promise<PipelineStatus> {
  const outbox = emptyOutbox();
  let oldestMs: number | null = null;
  const noteAge = (atMs: number) => {
    if (oldestMs === null || atMs < oldestMs) oldestMs = atMs;
  };
  let unfoldedSegments = 0;
  let acknowledgedUnits = (await kv.get<Deno.KvU64>(retiredUnitsKey())).value?.value ?? 0n;
  for (const { instanceId, cursor } of await log.rings()) {
    const range = { fromSeq: cursor.value.fromSeq, limit: log.ringSize };
    const segments = await log.segments(instanceId, range);
    unfoldedSegments += segments.length;
    acknowledgedUnits += segments.at(-1)?.cumulativeUnits ?? cursor.value.foldedUnits;
    const first = segments.find(({ entries }) => entries.length > 0);
    if (first !== undefined) noteAge(first.windowStartMs);
  }
  let openWindows = 0;
  for await (const { key } of kv.list({ prefix: minuteSlotsPrefix() }, LIST)) {
    openWindows += 1;
    noteAge(Number(key[1]));
  }
  for await (const { value } of kv.list<OutboxEntry>({ prefix: outboxPrefix() }, LIST)) {
    const total = outbox[value.state];
    total.entries += 1;
    total.units += value.units;
    noteAge(value.timestampMs);
  }
  const parked = await parkedTotals(kv);
  await addTallies(kv, outbox);
  const lastFlush = await kv.get<number>(lastFlushKey());
  return {
    asOfMs: nowMs,
    acknowledgedUnits,
    unfoldedSegments,
    openWindows,
    outbox,
    parked,
    oldestUnsentAgeMs: oldestMs === null ? null : Math.max(0, nowMs - oldestMs),
    lastFlushAtMs: lastFlush.value,
  };
}

/** What is parked for good follows from the plan version alone, and those are few. */
async function parkedTotals(kv: KvLike): Promise<PipelineStatus["parked"]> {
  const plans = createKvPlanStore(kv);
  const known = new Map<string, PlanVersion | null>();
  const waiting = { lines: 0, units: 0n };
  const unbilled = { lines: 0, units: 0n };
  for await (const { key, value } of kv.list<Deno.KvU64>({ prefix: parkedPrefix() }, LIST)) {
    const { meter, planRevision } = parkedLine(key);
    let plan = known.get(planRevision);
    if (plan === undefined) {
      plan = (await plans.plan(planRevision))?.value ?? null;
      known.set(planRevision, plan);
    }
    const total = plan === null || isBilledByUnit(plan, meter) ? waiting : unbilled;
    total.lines += 1;
    total.units += value.value;
  }
  return { waiting, unbilled };
}

type OutboxTotals = Record<OutboxState, { entries: number; units: Units }>;

function emptyOutbox(): OutboxTotals {
  const none = () => ({ entries: 0, units: 0n });
  return {
    ready: none(),
    in_flight: none(),
    sent: none(),
    confirmed: none(),
    rejected: none(),
    held: none(),
    doubtful: none(),
    written_off: none(),
  };
}

/** States that keep for ever are counted as they are reached, never listed. */
async function addTallies(kv: KvLike, outbox: OutboxTotals): Promise<void> {
  const count = async (what: "entries" | "units") => {
    const [sent, rejected, confirmed, unconfirmed, writtenOff] = await kv.getMany<Deno.KvU64[]>([
      tallyKey("sent", what),
      tallyKey("rejected", what),
      tallyKey("confirmed", what),
      tallyKey("unconfirmed", what),
      tallyKey("written_off", what),
    ]);
    const read = (entry: Deno.KvEntryMaybe<Deno.KvU64> | undefined) => entry?.value?.value ?? 0n;
    const confirmedNow = read(confirmed) - read(unconfirmed);
    return {
      sent: read(sent) - read(rejected) - confirmedNow,
      confirmed: confirmedNow,
      writtenOff: read(writtenOff),
    };
  };
  const entries = await count("entries");
  const units = await count("units");
  outbox.sent = { entries: Number(entries.sent), units: units.sent };
  outbox.confirmed = { entries: Number(entries.confirmed), units: units.confirmed };
  outbox.written_off = { entries: Number(entries.writtenOff), units: units.writtenOff };
}

async function outboxPage(
  kv: KvLike,
  query: Parameters<UsageReader["outbox"]>[0],
): ReturnType<UsageReader["outbox"]> {
  const { state, tenantId, sinceMs, limit } = query;
  const states = typeof state === "string" ? [state] : state;
  const done = states?.every((one) => !OPEN_STATES.includes(one)) ?? false;
  if (done && states !== undefined && sinceMs !== undefined) {
    return await donePageSince(kv, { ...query, states, sinceMs });
  }
  const prefix = done ? outboxDonePrefix(tenantId) : outboxPrefix(tenantId);
  const wanted = Math.min(limit, PAGE_MAX);
  const entries: OutboxEntry[] = [];
  let from = query.cursor;
  let looked = 0;
  // As much as a page holds is read first, for most lists are of one state; more and more after it.
  for (let batch = Math.min(wanted, BATCH_MAX);; batch = Math.min(4 * batch, BATCH_MAX)) {
    const take = Math.min(batch, LOOKED_MAX - looked);
    const options = { limit: take, batchSize: take, ...from === undefined ? {} : { cursor: from } };
    const iterator = kv.list<OutboxEntry>({ prefix }, options);
    let read = 0;
    for await (const { value } of iterator) {
      read += 1;
      if (states === undefined || states.includes(value.state)) entries.push(value);
      if (entries.length === wanted) return { entries, cursor: iterator.cursor };
    }
    looked += read;
    if (read < take) return { entries, cursor: null };
    from = iterator.cursor;
    if (looked === LOOKED_MAX) return { entries, cursor: from };
  }
}
