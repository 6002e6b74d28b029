import type { OutboxEntry } from "@/lib/domain/outbox.ts";
import { type FoldGroup, type LineId, SegmentTotals } from "@/lib/domain/segment.ts";
import type { Units } from "@/lib/domain/plan.ts";
import type { BookLine, LedgerEvidence } from "@/lib/ports/usage.ts";
import type { Ring, UsageLog } from "@/lib/ports/usage_log.ts";
import type { KvLike } from "./kv_like.ts";
import { ledgerPrefix, outboxPrefix, parkedPrefix, retiredUnitsKey } from "./keys.ts";
import { NEGATIVE } from "./ledger_sums.ts";
import { minuteSlots } from "./minute_slots.ts";

export interface BooksQuery {
  readonly tenantId?: string;
  readonly periodId?: string;
}

interface Counters {
  readonly line: LineId;
  readonly stages: Map<string, Units>;
  /** Every commit that moves units of a line moves one of its counters, and so this text. */
  version: string;
}

const LIST = { batchSize: 500 };
/** Readings of lines that keep moving before they are shown as such. */
const ROUNDS_MAX = 6;

/**
 * The books, exact while traffic goes on. Where units stand is spread over several lists, which are
 * no snapshot together. But every move of a line's units also moves one of its counters in the same
 * commit: a line whose counters are the same before and after the lists were read was at rest.
 */
export async function readBooks(
  kv: KvLike,
  log: UsageLog,
  query: BooksQuery,
): Promise<readonly BookLine[]> {
  const settled = new Map<string, BookLine>();
  let before = await readCounters(kv, query);
  for (let round = 1; round <= ROUNDS_MAX; round++) {
    const standing = await readStanding(kv, log, query);
    const after = await readCounters(kv, query);
    let moving = 0;
    for (const id of new Set([...after.keys(), ...standing.keys()])) {
      if (settled.get(id)?.moving === false) continue;
      const now = after.get(id);
      const line = now?.line ?? standing.get(id)?.line;
      if (line === undefined) continue;
      const atRest = before.get(id)?.version === now?.version;
      if (!atRest) moving += 1;
      settled.set(id, bookLine(line, { counters: now, standing: standing.get(id), atRest }));
    }
    if (moving === 0) break;
    before = after;
  }
  return [...settled].sort(([a], [b]) => a < b ? -1 : 1).map(([, line]) => line);
}

/** Compares what all segments ever counted with what all folds counted. */
export async function readEvidence(kv: KvLike, log: UsageLog): Promise<LedgerEvidence> {
  let evidence = { segments: 0n, ledger: 0n, difference: 0n, moving: true };
  for (let round = 1; round <= ROUNDS_MAX && evidence.moving; round++) {
    const before = await log.rings();
    const retired = await kv.get<Deno.KvU64>(retiredUnitsKey());
    let ledger = 0n;
    for (const { stages } of (await readCounters(kv, {})).values()) {
      ledger += stages.get("acknowledged") ?? 0n;
    }
    let segments = retired.value?.value ?? 0n;
    for (const ring of before) {
      segments += ring.cursor.value.foldedUnits + await foldedOfBegun(log, ring);
    }
    const moving = fingerprint(before) !== fingerprint(await log.rings()) ||
      retired.versionstamp !== (await kv.get(retiredUnitsKey())).versionstamp;
    evidence = { segments, ledger, difference: segments - ledger, moving };
  }
  return evidence;
}

/** Of a range that is being folded, what is in the counters already. */
async function foldedOfBegun(log: UsageLog, { instanceId, cursor }: Ring): Promise<Units> {
  const { fromSeq, toSeq, done } = cursor.value;
  if (done === 0) return 0n;
  const totals = new SegmentTotals();
  const range = { fromSeq, limit: toSeq - fromSeq };
  for (const segment of await log.segments(instanceId, range)) totals.add(segment);
  return totals.groups().slice(0, done).reduce((sum, group) => sum + lineUnits(group), 0n);
}

function lineUnits(group: FoldGroup): Units {
  if (group.kind !== "line") return 0n;
  return group.minutes.reduce((sum, { units }) => sum + units, 0n);
}

function fingerprint(rings: readonly Ring[]): string {
  return JSON.stringify(rings.map(({ instanceId, cursor }) => [instanceId, cursor.versionstamp]));
}

/** The rising counters of each line, as one reading of them found them. */
export async function readCounters(
  kv: KvLike,
  query: BooksQuery,
): Promise<Map<string, Counters>> {
  const found = new Map<string, Counters>();
  const selector = { prefix: ledgerPrefix(query.tenantId, query.periodId) };
  for await (const { key, value, versionstamp } of kv.list<Deno.KvU64>(selector, LIST)) {
    const [, tenantId, periodId, meter, planRevision, stage] = key.map(String);
    if (
      tenantId === undefined || periodId === undefined || meter === undefined ||
      planRevision === undefined || stage === undefined
    ) continue;
    const line = { tenantId, periodId, meter, planRevision };
    if (!wanted(line, query)) continue;
    const id = lineText(line);
    let counters = found.get(id);
    if (counters === undefined) {
      found.set(id, counters = { line, stages: new Map(), version: "" });
    }
    counters.stages.set(stage, value.value);
    counters.version += versionstamp;
  }
  return found;
}

interface Standing {
  readonly line: LineId;
  log: Units;
  windows: Units;
  outbox: Units;
}

/** Where units are right now: unfolded, folded and not sealed, sealed and not through. */
async function readStanding(
  kv: KvLike,
  log: UsageLog,
  query: BooksQuery,
): Promise<Map<string, Standing>> {
  const found = new Map<string, Standing>();
  const at = (line: LineId): Standing => {
    const id = lineText(line);
    let standing = found.get(id);
    if (standing === undefined) {
      const { tenantId, periodId, meter, planRevision } = line;
      standing = {
        line: { tenantId, periodId, meter, planRevision },
        log: 0n,
        windows: 0n,
        outbox: 0n,
      };
      found.set(id, standing);
    }
    return standing;
  };
  for (const ring of await log.rings()) {
    for (const [line, units] of await unfolded(log, ring)) {
      if (wanted(line, query)) at(line).log += units;
    }
  }
  for await (const { line, units } of minuteSlots(kv, { tenantId: query.tenantId })) {
    if (wanted(line, query)) at(line).windows += units;
  }
  const outbox = { prefix: outboxPrefix(query.tenantId) };
  for await (const { value } of kv.list<OutboxEntry>(outbox, LIST)) {
    if (wanted(value, query)) at(value).outbox += value.units;
  }
  const parked = { prefix: parkedPrefix(query.tenantId) };
  for await (const { key, value } of kv.list<Deno.KvU64>(parked, LIST)) {
    const [, tenantId, periodId, meter, planRevision] = key.map(String);
    if (
      tenantId === undefined || periodId === undefined || meter === undefined ||
      planRevision === undefined
    ) continue;
    const line = { tenantId, periodId, meter, planRevision };
    if (wanted(line, query)) at(line).outbox += value.value;
  }
  return found;
}

/** Of a range that is being folded, lines before the cursor are in the counters already. */
async function unfolded(log: UsageLog, { instanceId, cursor }: Ring): Promise<[LineId, Units][]> {
  const { fromSeq, toSeq, done } = cursor.value;
  const segments = await log.segments(instanceId, { fromSeq, limit: log.ringSize });
  const begun = new SegmentTotals();
  const untouched = new SegmentTotals();
  for (const segment of segments) (segment.seq < toSeq ? begun : untouched).add(segment);
  return [...begun.groups().slice(done), ...untouched.groups()].flatMap((group) =>
    group.kind === "line" ? [[group.line, lineUnits(group)]] : []
  );
}

function bookLine(
  { tenantId, meter, planRevision, periodId }: LineId,
  { counters, standing, atRest }: {
    readonly counters: Counters | undefined;
    readonly standing: Standing | undefined;
    readonly atRest: boolean;
  },
): BookLine {
  const stage = (name: string) =>
    (counters?.stages.get(name) ?? 0n) - (counters?.stages.get(name + NEGATIVE) ?? 0n);
  const { log = 0n, windows = 0n, outbox = 0n } = standing ?? {};
  const acknowledged = stage("acknowledged") + log;
  const adjusted = stage("adjusted");
  const sent = stage("sent");
  const rejected = stage("rejected");
  const writtenOff = stage("written_off");
  return {
    tenantId,
    meter,
    planRevision,
    periodId,
    acknowledged,
    adjusted,
    corrected: (counters?.stages.get("adjusted" + NEGATIVE) ?? 0n) > 0n,
    log,
    windows,
    outbox,
    sent,
    rejected,
    confirmed: stage("confirmed"),
    writtenOff,
    difference: acknowledged + adjusted -
      (log + windows + outbox + sent - rejected + writtenOff),
    moving: !atRest,
  };
}

function wanted(line: LineId, { tenantId, periodId }: BooksQuery): boolean {
  return (tenantId === undefined || line.tenantId === tenantId) &&
    (periodId === undefined || line.periodId === periodId);
}

function lineText({ tenantId, periodId, meter, planRevision }: LineId): string {
  return JSON.stringify([tenantId, periodId, meter, planRevision]);
}
