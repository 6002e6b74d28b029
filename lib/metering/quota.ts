import type { Units } from "@/lib/domain/plan.ts";
import { invariant } from "@/lib/domain/invariant.ts";
import { accept, type Refusal, refuse, type Result } from "@/lib/domain/result.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import type { Logger } from "@/lib/ports/logger.ts";
import type { QuotaLineId, QuotaStore } from "@/lib/ports/quota.ts";

export interface QuotaDemand extends QuotaLineId {
  readonly units: Units;
  readonly quota: Units;
}

/** Units set aside for one call. Exactly one of `commit` and `void` must follow. */
export interface Reservation {
  /** Goes into the usage entry: the units come out of this instance's lease. */
  readonly leasedBy: string;
  /** Units of the quota that were left after this call, as far as this instance knows. */
  readonly remaining: Units;
  /** The units were counted, or may have been; `used` of them where fewer were needed. */
  commit(used?: Units): void;
  /** The units were certainly not counted. */
  void(): void;
}

export interface QuotaRefusal extends Refusal {
  readonly code: "quota_exceeded";
  readonly remaining: Units;
}

export type QuotaVerdict = Result<Reservation, QuotaRefusal>;

export interface QuotaGateDeps {
  readonly store: QuotaStore;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The instance that leases are tied to; opens its ring when there is none. */
  readonly instanceId: () => string | null;
  readonly open: () => Promise<string>;
}

/** Units leased ahead while the quota is far. */
const WISHED: Units = 1_000n;
/** Leases unused for this long go back, so that other instances can serve them. */
const IDLE_MS = 30_000;
const LINES_MAX = 50_000;

interface Line {
  readonly id: QuotaLineId;
  readonly instanceId: string;
  /** Leased and not reserved. */
  held: Units;
  left: Units;
  usedAtMs: number;
  /** Calls that wait for units of it. */
  waiting: number;
  /** The end of the last acquire in line. */
  queue: Promise<unknown>;
}

/**
 * Hard quotas, exact across instances: an instance serves only units that it has leased, and all
 * leases together never pass the quota. Most calls find their units in memory. Near the quota,
 * units that other instances hold idle are refused for up to `IDLE_MS`, never served twice.
 */
export class QuotaGate {
  readonly #lines = new Map<string, Line>();

  constructor(private readonly deps: QuotaGateDeps) {}

  /** Answers at once when the lease has room. Throws `StorageUnavailable` otherwise, if need be. */
  reserve(demand: QuotaDemand): QuotaVerdict | Promise<QuotaVerdict> {
    invariant(demand.units > 0n, "A reservation is for at least one unit");
    const line = this.#current(demand);
    if (line !== null && line.held >= demand.units) return this.#take(line, demand);
    return this.#reserveSlowly(demand);
  }

  /** Gives unused leases back; called from time to time, also while an earlier call still waits. */
  async returnIdle(): Promise<void> {
    const { store, clock, logger } = this.deps;
    for (const [key, line] of [...this.#lines]) {
      // Another run gave it back while this one waited for the store.
      if (this.#lines.get(key) !== line) continue;
      const idle = clock.nowMs() - line.usedAtMs >= IDLE_MS;
      const ours = line.instanceId === this.deps.instanceId();
      if (ours && (!idle || line.waiting > 0)) continue;
      this.#lines.delete(key);
      const units = line.held;
      if (!ours || units === 0n) continue;
      try {
        await store.release(line.id, { instanceId: line.instanceId, units });
      } catch (error) {
        // They come back when this instance's ring is retired, in any case exactly.
        logger.warn("quota_return_failed", { error: String(error) });
      }
    }
  }

  async #reserveSlowly(demand: QuotaDemand): Promise<QuotaVerdict> {
    const instanceId = this.deps.instanceId() ?? await this.deps.open();
    const line = this.#current(demand) ?? this.#add(demand, instanceId);
    const turn = line.queue.then(() => this.#acquire(line, demand));
    line.queue = turn.catch(() => {});
    line.waiting += 1;
    try {
      return await turn;
    } finally {
      line.waiting -= 1;
    }
  }

  async #acquire(line: Line, demand: QuotaDemand): Promise<QuotaVerdict> {
    // Smaller calls may take what was held while the store is asked for the rest.
    while (line.held < demand.units) {
      const { units, left } = await this.deps.store.acquire(line.id, {
        instanceId: line.instanceId,
        needed: demand.units - line.held,
        wished: WISHED,
        quota: demand.quota,
      });
      line.held += units;
      line.left = left;
      if (units > 0n) continue;
      const detail = `${demand.units} units of ${demand.meter} would pass the quota of ` +
        `${demand.quota} units in this billing period`;
      return refuse({ code: "quota_exceeded", detail, remaining: line.held + left });
    }
    return this.#take(line, demand);
  }

  #take(line: Line, { units }: QuotaDemand): QuotaVerdict {
    line.held -= units;
    line.usedAtMs = this.deps.clock.nowMs();
    let open = true;
    const end = (returned: Units) => {
      invariant(open, "A reservation ends once");
      open = false;
      line.held += returned;
    };
    return accept({
      leasedBy: line.instanceId,
      remaining: line.held + line.left,
      commit: (used = units) => end(units - used),
      void: () => end(units),
    });
  }

  /** The line's lease, if it was given to the ring that is being written now. */
  #current(demand: QuotaDemand): Line | null {
    const line = this.#lines.get(lineKey(demand));
    if (line === undefined || line.instanceId !== this.deps.instanceId()) return null;
    return line;
  }

  #add({ tenantId, meter, periodId }: QuotaDemand, instanceId: string): Line {
    const id = { tenantId, meter, periodId };
    const usedAtMs = this.deps.clock.nowMs();
    const line: Line = {
      id,
      instanceId,
      held: 0n,
      left: 0n,
      usedAtMs,
      waiting: 0,
      queue: Promise.resolve(),
    };
    this.#lines.set(lineKey(id), line);
    if (this.#lines.size > LINES_MAX) {
      this.deps.logger.warn("quota_lines_full", { lines: this.#lines.size });
    }
    return line;
  }
}

function lineKey({ tenantId, meter, periodId }: QuotaLineId): string {
  return JSON.stringify([tenantId, meter, periodId]);
}
