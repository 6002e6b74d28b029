import { moveEntry, type OutboxEntry } from "@/lib/domain/outbox.ts";
import { MINUTE_MS } from "@/lib/domain/window.ts";
import type { TenantId } from "@/lib/domain/tenant.ts";
import type { BillingProvider } from "@/lib/ports/billing_provider.ts";
import type { BillingTargets } from "@/lib/ports/billing_targets.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import type { Ids } from "@/lib/ports/ids.ts";
import type { Logger } from "@/lib/ports/logger.ts";
import type { MeterEventRefusal, MeteringControl } from "@/lib/ports/metering_control.ts";
import type { OutboxStore } from "@/lib/ports/outbox_store.ts";
import type { QuotaStore } from "@/lib/ports/quota.ts";
import type { Scheduler } from "@/lib/ports/scheduler.ts";
import type { UsageLog } from "@/lib/ports/usage_log.ts";
import { StorageUnavailable } from "@/lib/ports/storage.ts";
import { Folder } from "./fold.ts";
import { type Durability, Recorder } from "./recorder.ts";
import { Sealer } from "./seal.ts";
import { Sender, type SendReport } from "./send.ts";

export interface MeteringDeps {
  readonly log: UsageLog;
  readonly outbox: OutboxStore;
  readonly quotas: Pick<QuotaStore, "reclaim">;
  readonly targets: BillingTargets;
  readonly provider: Pick<BillingProvider, "sendMeterEvent" | "summaries">;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  readonly windowMs: number;
  readonly durability: Durability;
  /** `false`: never send, e.g. with a live key on a preview timeline. */
  readonly sending: boolean;
}

export interface FlushReport extends SendReport {
  readonly retiredRings: number;
  /** Of gone instances, that could not be taken over for a reason that won't pass by itself. */
  readonly stuckRings: number;
  readonly sealed: number;
  readonly released: number;
}

/** Rounds of a scoped flush, so that what a sealed entry uncovers is sent too. */
const SCOPED_ROUNDS = 3;
const REJECT_TRIES = 5;
/** Stripe's clock and ours may differ by this much. */
const REFUSAL_SKEW_MS = 5 * MINUTE_MS;

/** All of metering on one instance: records, folds each window, and does all work that is due. */
export class MeteringEngine implements MeteringControl {
  readonly recorder: Recorder;
  readonly folder: Folder;
  readonly sealer: Sealer;
  readonly sender: Sender;
  #flushing: Promise<FlushReport> | null = null;
  #cancelTick: (() => void) | null = null;
  #stopped = false;

  constructor(private readonly deps: MeteringDeps) {
    const { windowMs, outbox, clock, sending, quotas } = deps;
    this.recorder = new Recorder(deps);
    this.folder = new Folder({
      ...deps,
      recorder: this.recorder,
      onRetired: (instanceId) => quotas.reclaim(instanceId),
    });
    this.sealer = new Sealer({ ...deps, settleMs: 3 * windowMs });
    this.sender = new Sender({ ...deps, outbox, clock, enabled: sending });
  }

  /** Folds every window from now on. */
  start(): void {
    this.#schedule();
  }

  /** One window's work: a sign of life, then the units of this instance into the totals. */
  async tick(): Promise<void> {
    await this.recorder.renewLease();
    await this.folder.foldOwn();
  }

  /**
   * Does all work that is due, whoever left it: folds, takes over dead instances, seals closed
   * minutes, sends, settles doubts. Safe to run anywhere at any time; concurrent calls share a run.
   */
  flushDue(): Promise<FlushReport> {
    this.#flushing ??= this.#flushAll().finally(() => {
      this.#flushing = null;
    });
    return this.#flushing;
  }

  async flush({ tenantId }: { readonly tenantId: TenantId }): Promise<void> {
    await this.folder.foldOwn();
    const { unfolded: [trouble] } = await this.folder.foldStale();
    for (let round = 0; round < SCOPED_ROUNDS; round++) {
      const sealed = await this.sealer.sealDue({ tenantId });
      const released = await this.sealer.releaseParked({ tenantId });
      const { sent } = await this.sender.sendDue({ tenantId });
      if (sealed + released + sent === 0) break;
    }
    if (trouble !== undefined) throw trouble;
  }

  async reject(refusal: MeterEventRefusal): Promise<"rejected" | "unknown"> {
    const { identifier, code, detail } = refusal;
    const { outbox, logger } = this.deps;
    for (let attempt = 1; attempt <= REJECT_TRIES; attempt++) {
      const found = await outbox.find(identifier);
      if (found === null) return "unknown";
      const entry = found.value;
      if (entry.burnt) return "rejected";
      if (!isMeant(refusal, entry)) return "unknown";
      const state = entry.state === "sent" || entry.state === "confirmed" ? "rejected" : "held";
      const refused = moveEntry(entry, { state, reason: code, burnt: true, claim: null });
      const moved = await outbox.move(found, refused);
      if (moved === null) continue;
      logger.warn("meter_event_rejected", { identifier, code, detail });
      if (state === "rejected") await outbox.move(moved, moveEntry(refused, { state: "held" }));
      return "rejected";
    }
    throw new StorageUnavailable("The entry changes too often to be rejected");
  }

  /** Stops taking requests, then folds and gives up this instance's ring. */
  async drain(): Promise<void> {
    this.#stopped = true;
    this.#cancelTick?.();
    await this.recorder.close();
    await this.folder.retireOwn();
  }

  async #flushAll(): Promise<FlushReport> {
    const { outbox, clock } = this.deps;
    await this.tick();
    const { retired, unfolded, unretired } = await this.folder.foldStale();
    const sealed = await this.sealer.sealDue();
    const released = await this.sealer.releaseParked();
    const report = await this.sender.sendDue();
    await outbox.noteFlush(clock.nowMs());
    const stuckRings = unfolded.length + unretired.length;
    return { retiredRings: retired, stuckRings, sealed, released, ...report };
  }

  #schedule(): void {
    if (this.#stopped) return;
    const { scheduler, windowMs, clock, logger } = this.deps;
    const untilNext = windowMs - clock.nowMs() % windowMs;
    this.#cancelTick = scheduler.after(untilNext, () => {
      this.tick()
        .catch((error) => logger.error("fold_failed", { error: String(error) }))
        .finally(() => this.#schedule());
    });
  }
}

/**
 * A refusal can come before we know that the event arrived, even while the entry is held for what a
 * later attempt was told, and after its identifier was proven absent and used again: what was refused
 * before the present attempts began says nothing of them.
 */
function isMeant({ refusedBeforeMs }: MeterEventRefusal, entry: OutboxEntry): boolean {
  const { state, attempts, firstAttemptAtMs } = entry;
  if (attempts === 0 || state === "rejected" || state === "written_off") return false;
  return refusedBeforeMs === undefined || firstAttemptAtMs === null ||
    refusedBeforeMs + REFUSAL_SKEW_MS >= firstAttemptAtMs;
}
