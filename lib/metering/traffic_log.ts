import type { MeterName, Units } from "@/lib/domain/plan.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import type { Logger } from "@/lib/ports/logger.ts";
import type { CallCount, MeterUnits, RequestRecord, TrafficStore } from "@/lib/ports/traffic.ts";

const HOUR_MS = 3_600_000;

/** Records kept per tenant and flush; refused calls are kept before served ones. */
const RECORDS_PER_FLUSH_MAX = 100;
/** Tenants remembered between two flushes; calls of further ones are counted, not listed. */
const TENANTS_MAX = 10_000;

interface RunningCount extends CallCount {
  calls: number;
  readonly units: Map<MeterName, Units>;
}

/**
 * Remembers recent calls for the portal's Requests page and counts them by hour, key, route and
 * status. It costs the metered path one array push and one sum: everything is written once per flush, and a crash loses at most one
 * flush interval of it. Usage and money never depend on it.
 */
export class TrafficLog {
  #records = new Map<string, RequestRecord[]>();
  #counts = new Map<string, Map<string, RunningCount>>();
  /** Last use by key id, by tenant. */
  #uses = new Map<string, Map<string, number>>();

  constructor(
    private readonly deps: { store: TrafficStore; clock: Clock; logger: Logger },
  ) {}

  note(record: RequestRecord, units: MeterUnits): void {
    this.#count(record, units);
    const kept = this.#records.get(record.tenantId);
    if (kept === undefined) {
      if (this.#records.size < TENANTS_MAX) this.#records.set(record.tenantId, [record]);
    } else if (kept.length < RECORDS_PER_FLUSH_MAX) {
      kept.push(record);
    } else if (record.status >= 400) {
      const served = kept.findIndex((other) => other.status < 400);
      if (served !== -1) kept.splice(served, 1, record);
    }
  }

  /** Writes what was noted since the last flush. Failures are logged and the part is dropped. */
  async flush(): Promise<void> {
    const records = this.#records;
    const counts = this.#counts;
    this.#records = new Map();
    const uses = this.#uses;
    this.#counts = new Map();
    this.#uses = new Map();
    const traffic = [...counts].map(([tenantId, byCall]) => ({
      chunk: {
        tenantId,
        records: records.get(tenantId) ?? [],
        uses: uses.get(tenantId) ?? new Map(),
      },
      counts: [...byCall.values()],
    }));
    await this.deps.store.appendAll(traffic, (error, tenantIds) => {
      this.deps.logger.warn("traffic_flush_failed", { tenantIds, error: String(error) });
    });
  }

  #count({ tenantId, atMs, keyId, route, status }: RequestRecord, units: MeterUnits): void {
    const startMs = atMs - atMs % HOUR_MS;
    let uses = this.#uses.get(tenantId);
    if (uses === undefined) this.#uses.set(tenantId, uses = new Map());
    uses.set(keyId, Math.max(atMs, uses.get(keyId) ?? 0));
    let byCall = this.#counts.get(tenantId);
    if (byCall === undefined) this.#counts.set(tenantId, byCall = new Map());
    // Statuses and hours are digits and routes are ours, so only the key id may hold anything.
    const call = `${startMs} ${status} ${route} ${keyId}`;
    let count = byCall.get(call);
    if (count === undefined) {
      count = { tenantId, startMs, keyId, route, status, calls: 0, units: new Map() };
      byCall.set(call, count);
    }
    count.calls++;
    for (const [meter, used] of units) {
      count.units.set(meter, (count.units.get(meter) ?? 0n) + used);
    }
  }
}
