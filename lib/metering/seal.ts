import { periodAt } from "@/lib/domain/period.ts";
import type { LineId } from "@/lib/domain/segment.ts";
import { type OutboxEntry, TIMESTAMP_MAX_AGE_MS } from "@/lib/domain/outbox.ts";
import { MINUTE_MS, minuteOf } from "@/lib/domain/window.ts";
import type { Units } from "@/lib/domain/plan.ts";
import type { TenantId } from "@/lib/domain/tenant.ts";
import type { BillingTarget, BillingTargets } from "@/lib/ports/billing_targets.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import type { OutboxStore, SealSource } from "@/lib/ports/outbox_store.ts";
import { eachLimited } from "./each_limited.ts";

export interface SealerDeps {
  readonly outbox: OutboxStore;
  readonly targets: BillingTargets;
  readonly clock: Clock;
  /** How long after its end a minute is left open for folds that are under way. */
  readonly settleMs: number;
}

/** Slots and parked lines that one flush looks at. */
const SLOTS_MAX = 10_000;
const PARKED_MAX = 2_000;
const CONCURRENCY = 8;
/** Races for one free minute before it is left to the next flush. */
const MINUTE_TRIES = 5;

type Billable = BillingTarget & { readonly kind: "billable" };

/** Makes outbox entries out of closed minutes. */
export class Sealer {
  constructor(private readonly deps: SealerDeps) {}

  /** Seals every closed minute; a tenant-scoped call waits for no settling. Returns how many. */
  async sealDue(scope: { readonly tenantId?: TenantId } = {}): Promise<number> {
    const { outbox, clock, settleMs } = this.deps;
    const nowMs = clock.nowMs();
    const settled = scope.tenantId === undefined ? settleMs : 0;
    const beforeMs = minuteOf(nowMs - settled);
    const slots = await outbox.closedSlots({ ...scope, beforeMs, limit: SLOTS_MAX });
    const targetOf = this.#targetsOfOneRun();
    let sealed = 0;
    await eachLimited(slots, CONCURRENCY, async (slot) => {
      const target = await targetOf(slot.line);
      const done = target.kind === "unbillable"
        ? await outbox.park(slot)
        : await this.seal({ kind: "minute", slot }, {
          target,
          line: slot.line,
          units: slot.units,
          desiredMs: slot.minuteMs,
        }) !== null;
      if (done) sealed += 1;
    });
    return sealed;
  }

  /** Seals what was parked for lack of a customer or price and can be billed now. */
  async releaseParked(scope: { readonly tenantId?: TenantId } = {}): Promise<number> {
    const { outbox, clock } = this.deps;
    const targetOf = this.#targetsOfOneRun();
    let released = 0;
    await eachLimited(
      await outbox.parked({ ...scope, limit: PARKED_MAX }),
      CONCURRENCY,
      async (parked) => {
        const { line, units } = parked;
        const target = await targetOf(line);
        if (target.kind === "unbillable") return;
        const desiredMs = minuteOf(clock.nowMs()) - MINUTE_MS;
        const source: SealSource = { kind: "parked", parked };
        const entry = await this.seal(source, { target, line, units, desiredMs });
        if (entry !== null) released += 1;
      },
    );
    return released;
  }

  /**
   * One entry in a free minute of the line's own period, the desired one if it is free. `null`: the
   * source is gone or no minute is free now; what is left is found by the next flush.
   */
  async seal(
    source: SealSource,
    { target, line, units, desiredMs, doubt }: {
      readonly target: Billable;
      readonly line: LineId;
      readonly units: Units;
      readonly desiredMs: number;
      /** Why Stripe may have the units already. */
      readonly doubt?: string;
    },
  ): Promise<OutboxEntry | null> {
    const { outbox, clock } = this.deps;
    const nowMs = clock.nowMs();
    const { eventName, stripeCustomerId } = target;
    const range = usableMinutes(line, { interval: target.interval, nowMs });
    let timestampMs = Math.min(Math.max(desiredMs, range.startMs), range.endMs - MINUTE_MS);
    for (let attempt = 0; attempt < MINUTE_TRIES; attempt++) {
      const payload = {
        eventName,
        stripeCustomerId,
        units,
        timestampMs,
        nowMs,
        ...doubt === undefined ? {} : { doubt },
      };
      const outcome = await outbox.seal(source, payload);
      if (outcome.kind !== "minute_taken") {
        return outcome.kind === "sealed" ? outcome.entry : null;
      }
      const free = await outbox.freeMinute({
        ...range,
        eventName,
        stripeCustomerId,
        desiredMs: timestampMs,
      });
      if (free === null) return null;
      timestampMs = free;
    }
    return null;
  }

  /** Resolves each target once per run. */
  #targetsOfOneRun(): (line: LineId) => Promise<BillingTarget> {
    const known = new Map<string, Promise<BillingTarget>>();
    return (line) => {
      const key = JSON.stringify([line.tenantId, line.meter, line.planRevision]);
      let target = known.get(key);
      if (target === undefined) known.set(key, target = this.deps.targets.target(line));
      return target;
    };
  }
}

/**
 * Minutes that Stripe attributes to the line's own billing period and still accepts. When the whole
 * period is too old for Stripe, its last minutes; the sender then holds the entry.
 */
function usableMinutes(
  { periodId }: LineId,
  { interval, nowMs }: { readonly interval: "month" | "year"; readonly nowMs: number },
): { readonly startMs: number; readonly endMs: number } {
  const period = periodAt(Date.parse(`${periodId}T00:00:00Z`), interval);
  const endMs = Math.max(
    period.startMs + MINUTE_MS,
    Math.min(period.endMs, minuteOf(nowMs) + MINUTE_MS),
  );
  const oldestMs = minuteOf(nowMs - TIMESTAMP_MAX_AGE_MS) + MINUTE_MS;
  const startMs = Math.max(period.startMs, Math.min(oldestMs, endMs - MINUTE_MS));
  return { startMs, endMs };
}
