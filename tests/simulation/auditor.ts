import type { OutboxEntry } from "@/lib/domain/outbox.ts";
import { isDone } from "@/lib/domain/outbox.ts";
import type { ApiKey, Tenant } from "@/lib/domain/tenant.ts";
import { apiKeyKey, ringCursorKey, tenantKey } from "@/lib/kv/keys.ts";
import type { KvChange, MemoryStore, StoredEntry } from "../support/memory_store.ts";

/** A segment as it stands in the store. */
interface StoredSegment {
  readonly seq: number;
  readonly entries: readonly (readonly [string, string, string, string, string, bigint, 0 | 1])[];
}

/** How a counter of the books weighs in the sum that every commit must leave at zero. */
const LEDGER_WEIGHT: Readonly<Record<string, bigint>> = {
  acknowledged: 1n,
  adjusted: 1n,
  sent: -1n,
  rejected: 1n,
  written_off: -1n,
};
const FROZEN = [
  "identifier",
  "eventName",
  "stripeCustomerId",
  "units",
  "timestampMs",
  "planRevision",
  "periodId",
] as const;

/**
 * Watches every commit at the moment it takes effect and knows nothing of who made it or what they
 * believe. Whatever it notes is a defect.
 */
export class Auditor {
  readonly violations: string[] = [];
  /** Units ever served out of quota leases, by (tenant, meter, period). */
  readonly served = new Map<string, bigint>();
  /** Units that were counted when a quota's pool was made: they take no part in its leases. */
  readonly countedBefore = new Map<string, bigint>();
  /** Replies and events that were ever written; the store forgets them in time. */
  readonly marked = new Set<string>();
  constructor(
    readonly store: MemoryStore,
    readonly options: {
      /** Hard limits by (tenant, meter, period). */
      readonly quotaOf: (tenantId: string, meter: string) => bigint | null;
      /** Takes every commit into the trace of the history. */
      readonly trace: (word: number) => void;
    },
  ) {
    store.observer = (changes) => this.#observe(changes);
  }

  #observe(changes: readonly KvChange[]): void {
    const { trace } = this.options;
    const balance = new Map<string, bigint>();
    for (const change of changes) {
      const { key, before, after } = change;
      trace(key.length);
      trace((before === null ? 0 : 1) + (after === null ? 0 : 2 + after.encoded.length));
      switch (key[0]) {
        case "minute":
          add(balance, lineOf(key, 2), unitsOf(before) - unitsOf(after));
          break;
        case "ledger":
          this.#ledger(change, balance);
          break;
        case "parked":
          add(balance, lineOfBooks(key), unitsOf(before) - unitsOf(after));
          break;
        case "outbox":
          this.#outbox(change, balance);
          break;
        case "log":
          this.#segment(change);
          break;
        case "quota":
          this.#pool(change, changes);
          break;
        case "reply":
        case "usage_event":
          this.#mark(change);
          break;
      }
    }
    for (const [line, rest] of balance) {
      if (rest !== 0n) {
        const keys = changes.map(({ key }) => key.join("/")).join(", ");
        this.#note(`a commit made or lost ${rest} units of ${line}: ${keys}`);
      }
    }
  }

  #ledger({ key, before, after }: KvChange, balance: Map<string, bigint>): void {
    const delta = unitsOf(after) - unitsOf(before);
    const [stage = "", negative] = String(key[5]).split("_negative");
    const weight = LEDGER_WEIGHT[stage] ?? 0n;
    add(balance, lineOfBooks(key), delta * (negative === undefined ? weight : -weight));
    if (delta < 0n) this.#note(`ledger ${key.join("/")} fell by ${-delta}`);
  }

  #outbox({ key, before, after }: KvChange, balance: Map<string, bigint>): void {
    const [old, now] = [entryOf(before), entryOf(after)];
    add(balance, lineOfBooks(key), liveUnits(old) - liveUnits(now));
    if (old === null || now === null) return;
    for (const field of FROZEN) {
      if (old[field] !== now[field]) this.#note(`entry ${old.entryId} changed its ${field}`);
    }
  }

  #segment({ key, before, after }: KvChange): void {
    if (after === null) return;
    const [old, now] = [segmentOf(before), segmentOf(after)];
    if (now === null) return;
    if (old !== null && old.seq >= now.seq) {
      this.#note(`segment ${now.seq} came back over segment ${old.seq} in ${key.join("/")}`);
    }
    const cursor = this.store.get(ringCursorKey(String(key[1])))?.value;
    const foldedTo = isCursor(cursor) ? cursor.fromSeq : 0;
    if (old !== null && old.seq >= foldedTo) {
      this.#note(`segment ${old.seq} was overwritten before its fold in ${key.join("/")}`);
    }
    for (const entry of now.entries) this.#served(entry);
  }

  #served(
    [tenantId, meter, planRevision, periodId, keyId, units, leased]:
      StoredSegment["entries"][number],
  ) {
    const apiKey = this.store.get(apiKeyKey(tenantId, keyId))?.value as ApiKey | undefined;
    if (apiKey === undefined || apiKey.revokedAtMs !== null) {
      this.#note(`${units} units of ${tenantId} were counted under key ${keyId}, which is revoked`);
    }
    const tenant = this.store.get(tenantKey(tenantId))?.value as Tenant | undefined;
    if (tenant?.planRevision !== planRevision) {
      this.#note(
        `${units} units of ${tenantId} were counted under ${planRevision}, no longer its plan`,
      );
    }
    if (tenant?.status === "closed") this.#note(`${units} units of ${tenantId}, which is closed`);
    if (leased === 0) return;
    const line = `${tenantId} ${meter} ${periodId}`;
    const total = (this.served.get(line) ?? 0n) + units;
    this.served.set(line, total);
    const quota = this.options.quotaOf(tenantId, meter);
    if (quota !== null && total + (this.countedBefore.get(line) ?? 0n) > quota) {
      this.#note(`${line} passed its quota: ${total} > ${quota}`);
    }
  }

  /** A new pool starts with what is counted already; the rest of it is the first lease. */
  #pool({ key, before, after }: KvChange, changes: readonly KvChange[]): void {
    if (before !== null || after === null) return;
    const lease = changes.find((other) => other.key[0] === "quota_lease")?.after ?? null;
    const grantedOf = (entry: StoredEntry | null) =>
      entry === null ? 0n : (entry.value as { readonly granted: bigint }).granted;
    this.countedBefore.set(key.slice(1).join(" "), grantedOf(after) - grantedOf(lease));
  }

  #mark({ key, before, after }: KvChange): void {
    if (after !== null) this.marked.add(after.encoded);
    if (before !== null) this.#note(`${key.join("/")} was written twice`);
  }

  #note(violation: string): void {
    if (this.violations.length < 20) this.violations.push(violation);
  }
}

export function unitsOf(entry: StoredEntry | null): bigint {
  return entry?.value instanceof Deno.KvU64 ? entry.value.value : 0n;
}

function entryOf(entry: StoredEntry | null): OutboxEntry | null {
  return entry === null ? null : entry.value as OutboxEntry;
}

function segmentOf(entry: StoredEntry | null): StoredSegment | null {
  return entry === null ? null : entry.value as StoredSegment;
}

function liveUnits(entry: OutboxEntry | null): bigint {
  return entry === null || isDone(entry.state) ? 0n : entry.units;
}

function isCursor(value: unknown): value is { readonly fromSeq: number } {
  return typeof value === "object" && value !== null && "fromSeq" in value;
}

/** `[tenant, meter, planRevision, period]` from `at` on. */
function lineOf(key: Deno.KvKey, at: number): string {
  return [key[at], key[at + 1], key[at + 2], key[at + 3]].join(" ");
}

/** The same line from a key of `[kind, tenant, period, meter, planRevision, …]`. */
function lineOfBooks(key: Deno.KvKey): string {
  return [key[1], key[3], key[4], key[2]].join(" ");
}

function add(balance: Map<string, bigint>, line: string, units: bigint): void {
  if (units !== 0n) balance.set(line, (balance.get(line) ?? 0n) + units);
}
