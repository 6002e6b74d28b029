import type { Units } from "@/lib/domain/plan.ts";
import type { MeteringControl } from "@/lib/ports/metering_control.ts";
import type {
  BookLine,
  Granularity,
  OutboxEntry,
  OutboxState,
  PeriodTotal,
  UsagePoint,
  UsageQuery,
} from "@/lib/ports/usage.ts";
import type { BillingDeps } from "@/lib/billing/deps.ts";
import { periodAt } from "@/lib/domain/period.ts";
import type { BillingProvider } from "@/lib/ports/billing_provider.ts";
import type { Clock } from "@/lib/ports/clock.ts";

const SPANS: Readonly<Record<Granularity, number>> = {
  window: 5_000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
};

interface Use {
  readonly tenantId: string;
  readonly meter: string;
  readonly planRevision: string;
  readonly atMs: number;
  readonly units: Units;
}

type BillingUsage = BillingDeps["usage"];

/**
 * The books of metering in memory. `use` acknowledges units, `flush` sends what is not sent as one
 * entry per minute and line; entries can be held back, refused or lost by tests.
 */
export class FakeUsage implements BillingUsage, MeteringControl {
  readonly uses: Use[] = [];
  readonly entries = new Map<string, OutboxEntry>();
  readonly flushes: string[] = [];
  /** Sends nothing while false. */
  online = true;
  #sealed = 0;

  /** How customers are named at the provider. */
  customerOf: (tenantId: string) => string = (tenantId) => `cus_${tenantId}`;

  constructor(
    readonly clock: Clock,
    readonly provider: Pick<BillingProvider, "sendMeterEvent"> & {
      /** Where the fake keeps events, so that a refusal can take one out. */
      readonly events?: Map<string, unknown>;
    },
  ) {}

  use(use: Use): void {
    this.uses.push(use);
  }

  async flush({ tenantId, periodId }: { tenantId: string; periodId: string }): Promise<void> {
    this.flushes.push(`${tenantId} ${periodId}`);
    if (!this.online) return;
    for (const use of this.uses.slice(this.#sealed)) {
      const identifier = `use-${this.entries.size}`;
      const entry: OutboxEntry = {
        entryId: identifier,
        identifier,
        tenantId: use.tenantId,
        meter: use.meter,
        planRevision: use.planRevision,
        periodId: periodAt(use.atMs, "month").periodId,
        eventName: use.meter,
        stripeCustomerId: this.customerOf(use.tenantId),
        units: use.units,
        timestampMs: use.atMs - use.atMs % SPANS.minute,
        sealedAtMs: use.atMs,
        firstAttemptAtMs: this.clock.nowMs(),
        attempts: 1,
        nextAttemptAtMs: 0,
        state: "sent",
        reason: null,
        lastAttemptAtMs: null,
        claim: null,
        decision: null,
        burnt: false,
      };
      this.entries.set(identifier, entry);
      await this.provider.sendMeterEvent({ ...entry, attempt: 1 });
    }
    this.#sealed = this.uses.length;
  }

  reject({ identifier, code }: { identifier: string; code: string }) {
    const entry = this.entries.get(identifier);
    if (entry === undefined) return Promise.resolve("unknown" as const);
    this.setState(identifier, "held", code);
    this.provider.events?.delete(identifier);
    return Promise.resolve("rejected" as const);
  }

  setState(identifier: string, state: OutboxState, reason: string | null = null): void {
    const entry = this.entries.get(identifier);
    if (entry === undefined) throw new Error(`No entry ${identifier}`);
    this.entries.set(identifier, { ...entry, state, reason });
  }

  series(query: UsageQuery): Promise<readonly UsagePoint[]> {
    const span = SPANS[query.granularity];
    const points = new Map<string, UsagePoint>();
    for (const { tenantId, meter, atMs, units } of this.uses) {
      if (tenantId !== query.tenantId || atMs < query.fromMs || atMs >= query.toMs) continue;
      if (query.meter !== undefined && query.meter !== meter) continue;
      const startMs = atMs - atMs % span;
      const key = `${meter} ${startMs}`;
      const known = points.get(key)?.units ?? 0n;
      points.set(key, { startMs, meter, units: known + units });
    }
    return Promise.resolve([...points.values()].sort((a, b) => a.startMs - b.startMs));
  }

  async periodTotals(scope: { tenantId: string; periodId: string }) {
    const lines = await this.books(scope);
    return lines.map(({ meter, planRevision, acknowledged }): PeriodTotal => ({
      meter,
      planRevision,
      units: acknowledged,
    }));
  }

  async billableTotals(scope: { tenantId: string; periodId: string }) {
    const lines = await this.books(scope);
    return lines.map((
      { meter, planRevision, acknowledged, adjusted, writtenOff },
    ): PeriodTotal => ({
      meter,
      planRevision,
      units: acknowledged + adjusted - writtenOff,
    }));
  }

  books(query: { tenantId?: string; periodId?: string } = {}): Promise<readonly BookLine[]> {
    const lines = new Map<string, BookLine>();
    for (const { tenantId, meter, planRevision, atMs, units } of this.uses) {
      const { periodId } = periodAt(atMs, "month");
      if (query.tenantId !== undefined && query.tenantId !== tenantId) continue;
      if (query.periodId !== undefined && query.periodId !== periodId) continue;
      const key = [tenantId, meter, planRevision, periodId].join(" ");
      const acknowledged = (lines.get(key)?.acknowledged ?? 0n) + units;
      const own = [...this.entries.values()].filter((entry) =>
        entry.tenantId === tenantId && entry.meter === meter && entry.periodId === periodId &&
        entry.planRevision === planRevision
      );
      const total = (states: readonly OutboxState[]) =>
        own.filter(({ state }) => states.includes(state))
          .reduce((sum, entry) => sum + entry.units, 0n);
      const sent = total(["sent", "confirmed"]);
      const outbox = total(["ready", "in_flight", "held", "doubtful"]);
      const windows = acknowledged - sent - outbox;
      lines.set(key, {
        tenantId,
        meter,
        planRevision,
        periodId,
        acknowledged,
        adjusted: 0n,
        corrected: false,
        log: 0n,
        windows,
        outbox,
        sent,
        rejected: 0n,
        writtenOff: 0n,
        confirmed: total(["confirmed"]),
        difference: 0n,
        moving: false,
      });
    }
    return Promise.resolve([...lines.values()]);
  }

  /** Without a state: those that still need something done, as the stored outbox has it. */
  outbox(query: { state?: OutboxState; tenantId?: string; limit: number }) {
    const done: readonly OutboxState[] = ["sent", "confirmed", "written_off"];
    const entries = [...this.entries.values()].filter(({ state, tenantId }) =>
      (query.tenantId === undefined || tenantId === query.tenantId) &&
      (query.state === undefined ? !done.includes(state) : state === query.state)
    );
    return Promise.resolve({ entries, cursor: null });
  }
}
