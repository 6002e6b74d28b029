import { invariant } from "@/lib/domain/invariant.ts";
import { type OutboxEntry, SUMMARY_SETTLE_MS } from "@/lib/domain/outbox.ts";
import type { LineId } from "@/lib/domain/segment.ts";
import { MINUTE_MS } from "@/lib/domain/window.ts";
import type { SealOutcome, SealPayload, SealSource } from "@/lib/ports/outbox_store.ts";
import { commitOnce } from "./commit_once.ts";
import { entryIdOf } from "./entry_id.ts";
import type { KvAtomicLike, KvLike } from "./kv_like.ts";
import {
  correctionSealedKey,
  minuteOwnerKey,
  minuteSlotKey,
  outboxIndexKey,
  outboxKey,
  parkedKey,
  periodCloseKey,
  tenantKey,
} from "./keys.ts";
import { sumLedger } from "./ledger_sums.ts";

export interface StoredEntry extends OutboxEntry {
  readonly v: 1;
}

/** Where an entry is stored follows from these and its state. */
export interface IndexRow {
  readonly line: LineId;
  readonly timestampMs: number;
}

const OWNER_KEEP_MS = 40 * 86_400_000;
export const DONE_KEEP_MS = 400 * 86_400_000;

/** Makes an entry out of its source, in one commit that takes the units from there. */
export async function seal(
  kv: KvLike,
  { source, payload, databaseEpoch }: {
    readonly source: SealSource;
    readonly payload: SealPayload;
    readonly databaseEpoch: string;
  },
): Promise<SealOutcome> {
  const { eventName, stripeCustomerId, units, timestampMs, nowMs, doubt } = payload;
  invariant(timestampMs % MINUTE_MS === 0, "An entry owns a whole minute");
  const entryId = entryIdOf([databaseEpoch, ...identityOf(source), units]);
  const line = lineOf(source);
  const entry: OutboxEntry = {
    ...line,
    entryId,
    identifier: entryId,
    eventName,
    stripeCustomerId,
    units,
    timestampMs,
    sealedAtMs: nowMs,
    state: doubt === undefined ? "ready" : "doubtful",
    reason: doubt ?? null,
    attempts: 0,
    firstAttemptAtMs: null,
    lastAttemptAtMs: null,
    nextAttemptAtMs: doubt === undefined ? nowMs : nowMs + SUMMARY_SETTLE_MS,
    burnt: false,
    claim: null,
    decision: source.kind === "reissue" ? source.entry.value.decision : null,
  };
  const owner = minuteOwnerKey(stripeCustomerId, eventName, timestampMs);
  const inherits = source.kind === "reissue" && source.entry.value.timestampMs === timestampMs;
  const key = outboxKey(line, entryId);
  let taken = false;
  const commit = await commitOnce(
    () => {
      const atomic = kv.atomic();
      takeFromSource(atomic, source, units);
      if (!inherits) atomic.check({ key: owner, versionstamp: null });
      return atomic
        .check({ key, versionstamp: null })
        .set(owner, entryId, { expireIn: OWNER_KEEP_MS })
        .set(outboxIndexKey(entryId), { line, timestampMs } satisfies IndexRow, {
          expireIn: DONE_KEEP_MS,
        })
        .set(key, { v: 1, ...entry });
    },
    async () => {
      const [index, owned, from] = await kv.getMany<[IndexRow, string, unknown]>([
        outboxIndexKey(entryId),
        owner,
        sourceKey(source),
      ]);
      if (index.value !== null) return { kind: "mine", versionstamp: index.versionstamp };
      taken = !inherits && owned.value !== null;
      const changed = taken || from.versionstamp !== sourceVersion(source);
      return { kind: changed ? "changed" : "unchanged" };
    },
  );
  if (commit.ok) return { kind: "sealed", entry };
  return { kind: taken ? "minute_taken" : "conflict" };
}

function lineOf(source: SealSource): LineId {
  switch (source.kind) {
    case "minute":
      return source.slot.line;
    case "parked":
      return source.parked.line;
    case "correction":
      return source.line;
    case "reissue": {
      const { tenantId, meter, planRevision, periodId } = source.entry.value;
      return { tenantId, meter, planRevision, periodId };
    }
  }
}

function identityOf(source: SealSource): (string | number)[] {
  const { tenantId, meter, planRevision, periodId } = lineOf(source);
  const line = [tenantId, meter, planRevision, periodId];
  switch (source.kind) {
    case "minute":
      return ["minute", ...line, source.slot.minuteMs, source.slot.versionstamp];
    case "parked":
      return ["parked", ...line, source.parked.versionstamp];
    case "correction":
      return ["correction", ...line, source.correctionId];
    case "reissue":
      return ["reissue", ...line, source.entry.value.entryId];
  }
}

function sourceKey(source: SealSource): Deno.KvKey {
  switch (source.kind) {
    case "minute":
      return minuteSlotKey(source.slot.minuteMs, source.slot.line);
    case "parked":
      return parkedKey(source.parked.line);
    case "correction":
      return correctionSealedKey(source.line.tenantId, source.correctionId);
    case "reissue":
      return outboxKey(lineOf(source), source.entry.value.entryId);
  }
}

function sourceVersion(source: SealSource): string | null {
  switch (source.kind) {
    case "minute":
      return source.slot.versionstamp;
    case "parked":
      return source.parked.versionstamp;
    case "correction":
      return null;
    case "reissue":
      return source.entry.versionstamp;
  }
}

/** Units leave their source in the same commit that seals them; sums come first. */
function takeFromSource(atomic: KvAtomicLike, source: SealSource, units: bigint): void {
  const key = sourceKey(source);
  const line = lineOf(source);
  atomic.check({ key, versionstamp: sourceVersion(source) });
  switch (source.kind) {
    case "minute":
      sumLedger(atomic, line, { stage: "sealed", units });
      atomic.delete(key);
      return;
    case "parked":
      sumLedger(atomic, line, { stage: "released", units });
      atomic.delete(key);
      return;
    case "correction":
      atomic
        .check({ key: tenantKey(line.tenantId), versionstamp: source.tenantVersion })
        .check({
          key: periodCloseKey(line.tenantId, line.periodId),
          versionstamp: source.closeVersion,
        });
      sumLedger(atomic, line, { stage: "adjusted", units });
      atomic.set(key, true);
      return;
    case "reissue":
      sumLedger(atomic, line, { stage: "reissued", units });
      atomic.delete(key);
      return;
  }
}
