import { type BillingPeriod, periodAt } from "@/lib/domain/period.ts";
import type { LineId } from "@/lib/domain/segment.ts";
import {
  doubt,
  moveEntry,
  type OutboxDecision,
  type OutboxEntry,
  RESTORED,
  TIMESTAMP_MAX_AGE_MS,
} from "@/lib/domain/outbox.ts";
import { MINUTE_MS, minuteOf } from "@/lib/domain/window.ts";
import type { Units } from "@/lib/domain/plan.ts";
import type { TenantId } from "@/lib/domain/tenant.ts";
import type { BillingTarget, BillingTargets, PriceStanding } from "@/lib/ports/billing_targets.ts";
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

const AT_ANY_TIME: PriceStanding = { kind: "in_force", sinceMs: 0 };

/** Makes outbox entries out of closed minutes. */
export class Sealer {
  constructor(private readonly deps: SealerDeps) {}

  /**
   * Seals every closed minute; a tenant-scoped call waits for no settling, nor for the end of a
   * minute of a plan version that the tenant has left. What Stripe can't price yet is parked. Returns
   * how many.
   */
  async sealDue(scope: { readonly tenantId?: TenantId } = {}): Promise<number> {
    const { outbox, clock, settleMs } = this.deps;
    const nowMs = clock.nowMs();
    const scoped = scope.tenantId !== undefined;
    const closedMs = minuteOf(scoped ? nowMs : nowMs - settleMs);
    const beforeMs = scoped ? Number.MAX_SAFE_INTEGER : closedMs;
    const slots = await outbox.closedSlots({ ...scope, beforeMs, limit: SLOTS_MAX });
    const targetOf = this.#targetsOfOneRun();
    let sealed = 0;
    await eachLimited(slots, CONCURRENCY, async (slot) => {
      const { line, units, minuteMs } = slot;
      const target = await targetOf(line);
      const left = target.kind === "billable" && target.prices.kind === "leaving";
      if (minuteMs >= closedMs && !left) return;
      // A minute that is over lies before the change at Stripe, also by a clock that is a bit ahead.
      const desiredMs = Math.min(minuteMs, minuteOf(nowMs) - MINUTE_MS);
      const done = target.kind === "unbillable" || awaitsPrices(target, line, nowMs)
        ? await outbox.park(slot)
        : await this.seal({ kind: "minute", slot }, { target, line, units, desiredMs }) !== null;
      if (done) sealed += 1;
    });
    return sealed;
  }

  /** Seals what was parked for lack of a customer or of Stripe's price, and can be billed now. */
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
        if (target.kind === "unbillable" || awaitsPrices(target, line, clock.nowMs())) return;
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
    let range = usableMinutes(line, { target, nowMs });
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
      const wanted = { eventName, stripeCustomerId, desiredMs: timestampMs };
      let free = await outbox.freeMinute({ ...range, ...wanted });
      if (free === null && range.endMs <= nowMs) {
        // The version had too few minutes before its period ended; the close makes up for the rest.
        range = usableMinutes(line, { target: { ...target, prices: AT_ANY_TIME }, nowMs });
        free = await outbox.freeMinute({ ...range, ...wanted });
      }
      if (free === null) return null;
      timestampMs = free;
    }
    return null;
  }

  /**
   * An entry of units that Stripe has already: booked as sent, and never sent. Between its two commits
   * it is in the same doubt as after a restore, so that dying there sends nothing; repeating it ends
   * it, also once that doubt has led to a hold.
   */
  async sealArrived(
    source: SealSource,
    terms: Omit<Parameters<Sealer["seal"]>[1], "doubt">,
    decision: OutboxDecision,
  ): Promise<OutboxEntry | null> {
    const { outbox } = this.deps;
    const sealed = await this.seal(source, { ...terms, doubt: RESTORED });
    let found = sealed === null ? null : await outbox.find(sealed.entryId);
    if (found?.value.state === "held" && found.value.attempts === 0) {
      found = await outbox.move(found, doubt(found.value, RESTORED));
    }
    if (found === null || found.value.state !== "doubtful") return found?.value ?? null;
    const sent = moveEntry(found.value, { state: "sent", reason: null, decision });
    return (await outbox.move(found, sent))?.value ?? null;
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
 * Until Stripe has its version, usage of a period that is under way waits, or it would be billed at
 * the price before. Of a period that is over, Stripe bills all at the prices that it had at its end.
 */
function awaitsPrices(target: Billable, line: LineId, nowMs: number): boolean {
  if (target.prices.kind !== "awaited") return false;
  return nowMs < periodOf(line, target).endMs;
}

/**
 * Minutes that Stripe attributes to the line's own billing period and plan version, and still
 * accepts. When the whole period is too old for Stripe, its last minutes; the sender then holds the
 * entry. A version that Stripe did not have before the period's end has no minutes of its own.
 */
function usableMinutes(
  line: LineId,
  { target, nowMs }: { readonly target: Billable; readonly nowMs: number },
): { readonly startMs: number; readonly endMs: number } {
  const period = periodOf(line, target);
  const { prices } = target;
  const sinceMs = prices.kind === "in_force" && prices.sinceMs < period.endMs ? prices.sinceMs : 0;
  // By Stripe's clock the change may be in a minute that has not begun by ours.
  const reachedMs = Math.max(minuteOf(nowMs), sinceMs) + MINUTE_MS;
  const endMs = Math.max(period.startMs + MINUTE_MS, Math.min(period.endMs, reachedMs));
  const oldestMs = Math.max(sinceMs, minuteOf(nowMs - TIMESTAMP_MAX_AGE_MS) + MINUTE_MS);
  const startMs = Math.max(period.startMs, Math.min(oldestMs, endMs - MINUTE_MS));
  return { startMs, endMs };
}

function periodOf({ periodId }: LineId, { interval }: Billable): BillingPeriod {
  return periodAt(Date.parse(`${periodId}T00:00:00Z`), interval);
}
