import type { MeterName, Units } from "@/lib/domain/plan.ts";
import type { TenantId } from "@/lib/domain/tenant.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import type { UsageReader } from "@/lib/ports/usage.ts";

/** Units of each meter in one billing period, as far as this instance knows. */
export type MeterUnits = ReadonlyMap<MeterName, Units>;

export interface PeriodUsageOptions {
  readonly usage: Pick<UsageReader, "periodTotals">;
  readonly clock: Clock;
  /** After this, what other instances folded is read again. */
  readonly maxAgeMs: number;
  readonly maxLines?: number;
}

interface Line {
  readonly units: Map<MeterName, Units>;
  readAtMs: number;
  reading: Promise<void> | null;
}

const MAX_LINES = 20_000;

/**
 * How far each tenant has come in its billing period: where the next unit stands on the price
 * ladder, and how much of a soft quota or budget is left. Own units count at once; those of other
 * instances after their next fold and `maxAgeMs`, so the figure lags by at most what they served in
 * that time. Hard quotas do not rest on it.
 */
export class PeriodUsage {
  readonly #lines = new Map<string, Line>();

  constructor(private readonly options: PeriodUsageOptions) {}

  /** What is known without waiting; `null` before the first `load` of this period. */
  peek(tenantId: TenantId, periodId: string): MeterUnits | null {
    const line = this.#lines.get(lineKey(tenantId, periodId));
    if (line === undefined) return null;
    if (this.options.clock.nowMs() - line.readAtMs >= this.options.maxAgeMs) {
      // A stale figure is still the best one: it is refreshed beside the call, not in front of it.
      this.#read(line, tenantId, periodId).catch(() => {});
    }
    return line.units;
  }

  async load(tenantId: TenantId, periodId: string): Promise<MeterUnits> {
    const known = this.peek(tenantId, periodId);
    if (known !== null) return known;
    const line: Line = { units: new Map(), readAtMs: 0, reading: null };
    await this.#read(line, tenantId, periodId);
    return this.#keep(tenantId, periodId, line);
  }

  /** Counts units that this instance has just committed. */
  add(tenantId: TenantId, periodId: string, added: Iterable<readonly [MeterName, Units]>): void {
    const line = this.#lines.get(lineKey(tenantId, periodId));
    if (line === undefined) return;
    for (const [meter, units] of added) {
      line.units.set(meter, (line.units.get(meter) ?? 0n) + units);
    }
  }

  #keep(tenantId: TenantId, periodId: string, line: Line): MeterUnits {
    const key = lineKey(tenantId, periodId);
    const raced = this.#lines.get(key);
    if (raced !== undefined) return raced.units;
    if (this.#lines.size >= (this.options.maxLines ?? MAX_LINES)) {
      const oldest = this.#lines.keys().next();
      if (!oldest.done) this.#lines.delete(oldest.value);
    }
    this.#lines.set(key, line);
    return line.units;
  }

  #read(line: Line, tenantId: TenantId, periodId: string): Promise<void> {
    line.reading ??= this.#readNow(line, tenantId, periodId).finally(() => {
      line.reading = null;
    });
    return line.reading;
  }

  async #readNow(line: Line, tenantId: TenantId, periodId: string): Promise<void> {
    const totals = await this.options.usage.periodTotals({ tenantId, periodId });
    const folded = new Map<MeterName, Units>();
    for (const { meter, units } of totals) {
      folded.set(meter, (folded.get(meter) ?? 0n) + units);
    }
    // Own units may not be folded yet, so the larger figure is the truer one.
    for (const [meter, units] of folded) {
      if (units > (line.units.get(meter) ?? 0n)) line.units.set(meter, units);
    }
    line.readAtMs = this.options.clock.nowMs();
  }
}

function lineKey(tenantId: TenantId, periodId: string): string {
  return `${tenantId.length}:${tenantId}${periodId}`;
}
