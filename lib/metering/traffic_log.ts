import type { Clock } from "@/lib/ports/clock.ts";
import type { Logger } from "@/lib/ports/logger.ts";
import type { RequestRecord, TrafficCount, TrafficStore } from "@/lib/ports/traffic.ts";

const HOUR_MS = 3_600_000;

/** Records kept per tenant and flush; refused calls are kept before served ones. */
const RECORDS_PER_FLUSH_MAX = 100;
/** Tenants remembered between two flushes; calls of further ones are counted, not listed. */
const TENANTS_MAX = 10_000;

interface RunningCount extends TrafficCount {
  calls: number;
}

/**
 * Remembers recent calls for the portal's Requests page and counts them by status. It costs the
 * metered path one array push: everything is written once per flush, and a crash loses at most one
 * flush interval of it. Usage and money never depend on it.
 */
export class TrafficLog {
  #records = new Map<string, RequestRecord[]>();
  #counts = new Map<string, Map<number, RunningCount>>();

  constructor(
    private readonly deps: { store: TrafficStore; clock: Clock; logger: Logger },
  ) {}

  note(record: RequestRecord): void {
    this.#count(record);
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
    this.#counts = new Map();
    for (const [tenantId, byStatus] of counts) {
      try {
        await this.deps.store.append(
          { tenantId, records: records.get(tenantId) ?? [] },
          [...byStatus.values()],
        );
      } catch (error) {
        this.deps.logger.warn("traffic_flush_failed", { tenantId, error: String(error) });
      }
    }
  }

  #count({ tenantId, atMs, status }: RequestRecord): void {
    const hourStartMs = atMs - atMs % HOUR_MS;
    let byStatus = this.#counts.get(tenantId);
    if (byStatus === undefined) this.#counts.set(tenantId, byStatus = new Map());
    const slot = hourStartMs + status;
    const count = byStatus.get(slot);
    if (count === undefined) byStatus.set(slot, { tenantId, hourStartMs, status, calls: 1 });
    else count.calls++;
  }
}
