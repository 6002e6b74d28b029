import {
  beginAttempt,
  decideDoubt,
  doubt,
  isRestored,
  moveEntry,
  nextStep,
  type OutboxEntry,
  RESTORED_ABSENT,
  RESTORED_UNCLEAR,
  SUMMARY_SETTLE_MS,
} from "@/lib/domain/outbox.ts";
import { assertNever } from "@/lib/domain/invariant.ts";
import { HOUR_MS, hourOf, MINUTE_MS } from "@/lib/domain/window.ts";
import type { Units } from "@/lib/domain/plan.ts";
import type { TenantId } from "@/lib/domain/tenant.ts";
import type { BillingProvider, SendOutcome } from "@/lib/ports/billing_provider.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import type { Ids } from "@/lib/ports/ids.ts";
import type { Logger } from "@/lib/ports/logger.ts";
import type { OutboxStore } from "@/lib/ports/outbox_store.ts";
import type { Versioned } from "@/lib/ports/tenancy.ts";
import { eachLimited } from "./each_limited.ts";
import { entrySummary } from "./entry_summary.ts";

export interface SenderDeps {
  readonly outbox: OutboxStore;
  readonly provider: Pick<BillingProvider, "sendMeterEvent" | "summaries">;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  /** `false` on timelines that must never reach a live provider. */
  readonly enabled: boolean;
  /** Customers served at once. */
  readonly concurrency?: number;
}

export interface SendReport {
  readonly sent: number;
  readonly held: number;
  readonly unsure: number;
  /** Left for a later flush: backing off, or the time was up. */
  readonly waiting: number;
  /** The provider refuses our credentials; nothing was sent after that. */
  readonly unauthorized: boolean;
}

type Entry = Versioned<OutboxEntry>;

/** Open entries that one flush looks at, and the time it may take. */
const ENTRIES_MAX = 20_000;
const BUDGET_MS = 45_000;
const CONCURRENCY = 16;
const BACKOFF_BASE_MS = 2_000;
const BACKOFF_MAX_MS = 10 * MINUTE_MS;
const UNAUTHORIZED_WAIT_MS = MINUTE_MS;
/** An attempt that did not start within this time of its claim is left to the next sender. */
const CLAIM_USE_MS = 30_000;

/** Brings outbox entries to the provider, each unit once. */
export class Sender {
  constructor(private readonly deps: SenderDeps) {}

  async sendDue(scope: { readonly tenantId?: TenantId } = {}): Promise<SendReport> {
    const run = new Run();
    if (!this.deps.enabled) return run.report();
    const { outbox, clock, concurrency = CONCURRENCY } = this.deps;
    const startMs = clock.nowMs();
    const entries = await outbox.open({ ...scope, limit: ENTRIES_MAX });
    await eachLimited(lanesOf(entries), concurrency, async (lane) => {
      for (const entry of lane) {
        const late = clock.nowMs() - startMs > BUDGET_MS;
        if (run.unauthorized || late) run.waiting += 1;
        else if (await this.#advance(entry, run) === "stop_lane") return;
      }
    });
    return run.report();
  }

  async #advance(entry: Entry, run: Run): Promise<"next" | "stop_lane"> {
    const { outbox, clock } = this.deps;
    const nowMs = clock.nowMs();
    const step = nextStep(entry.value, nowMs);
    switch (step) {
      case "wait":
        if (entry.value.state === "held") return "next";
        run.waiting += 1;
        return entry.value.claim === null ? "next" : "stop_lane";
      case "hold":
        await outbox.move(entry, moveEntry(entry.value, { state: "held" }));
        run.held += 1;
        return "next";
      case "expire":
        await outbox.move(
          entry,
          moveEntry(entry.value, { state: "held", reason: "timestamp_too_old" }),
        );
        run.held += 1;
        return "next";
      case "doubt":
        run.unsure += 1;
        await outbox.move(entry, doubt(entry.value, "older_than_identifier_window"));
        return "next";
      case "decide":
        await this.#decide(entry, run);
        return "next";
      case "attempt":
        return await this.#attempt(entry, run);
      default:
        return assertNever(step);
    }
  }

  async #attempt(entry: Entry, run: Run): Promise<"next" | "stop_lane"> {
    const { outbox, clock, ids } = this.deps;
    const nowMs = clock.nowMs();
    const begun = beginAttempt(entry.value, { nowMs, claim: ids.next("try") });
    const claimed = await outbox.move(entry, begun, { lane: "take", nowMs });
    if (claimed === null) return "stop_lane";
    if (clock.nowMs() - nowMs > CLAIM_USE_MS) return "stop_lane";
    return await this.#settle(claimed, await this.#post(begun), run);
  }

  /** What went wrong without an outcome may have arrived all the same. */
  async #post(entry: OutboxEntry): Promise<SendOutcome> {
    const { identifier, eventName, stripeCustomerId, units, timestampMs, attempts } = entry;
    try {
      return await this.deps.provider.sendMeterEvent({
        identifier,
        eventName,
        stripeCustomerId,
        units,
        timestampMs,
        attempt: attempts,
      });
    } catch (error) {
      this.deps.logger.error("provider_failed", { identifier, error: String(error) });
      return { kind: "unknown", detail: String(error) };
    }
  }

  async #settle(claimed: Entry, outcome: SendOutcome, run: Run): Promise<"next" | "stop_lane"> {
    const entry = claimed.value;
    const leave = (to: OutboxEntry) => this.deps.outbox.move(claimed, to, { lane: "leave" });
    switch (outcome.kind) {
      case "already_exists":
        // Before the first attempt of this series nothing of ours was there, or it was proven absent:
        // then the identifier may be used up by what Stripe refused after it had accepted it.
        if (entry.firstAttemptAtMs === entry.lastAttemptAtMs) {
          this.deps.logger.error("identifier_collision", { identifier: entry.identifier });
          run.unsure += 1;
          await leave(doubt(entry, "identifier_collision"));
          return "next";
        }
        await leave(moveEntry(entry, { state: "sent", claim: null }));
        run.sent += 1;
        return "next";
      case "delivered":
        await leave(moveEntry(entry, { state: "sent", claim: null }));
        run.sent += 1;
        return "next";
      case "refused":
        await leave(
          moveEntry(entry, { state: "held", reason: outcome.code, claim: null }),
        );
        run.held += 1;
        return "next";
      case "throttled":
        await leave(this.#later(entry, Math.max(outcome.retryAfterMs, this.#backoff(entry))));
        run.waiting += 1;
        return "stop_lane";
      case "unknown":
        await leave(this.#later(entry, this.#backoff(entry)));
        run.unsure += 1;
        return "stop_lane";
      case "unauthorized":
        run.unauthorized = true;
        run.waiting += 1;
        this.deps.logger.error("provider_unauthorized", { detail: outcome.detail });
        await leave(this.#later(entry, UNAUTHORIZED_WAIT_MS));
        return "stop_lane";
    }
  }

  /** In flight still: whatever the provider said, `firstAttemptAtMs` keeps the 23 hours. */
  #later(entry: OutboxEntry, delayMs: number): OutboxEntry {
    const nextAttemptAtMs = this.deps.clock.nowMs() + delayMs;
    return moveEntry(entry, { state: "in_flight", nextAttemptAtMs, claim: null });
  }

  #backoff({ attempts }: OutboxEntry): number {
    const [random = 0] = this.deps.ids.bytes(1);
    const ceiling = Math.min(BACKOFF_MAX_MS, BACKOFF_BASE_MS * 2 ** Math.min(attempts, 20));
    return Math.ceil(ceiling * (random + 1) / 256);
  }

  /** The provider's own summary of the minute that this entry alone owns. */
  async #decide(entry: Entry, run: Run): Promise<void> {
    const { outbox, clock } = this.deps;
    const { reason } = entry.value;
    const units = await this.#summary(entry.value);
    const nextAttemptAtMs = clock.nowMs();
    if (units === null) {
      run.unsure += 1;
      const later = nextAttemptAtMs + BACKOFF_MAX_MS;
      await outbox.move(
        entry,
        moveEntry(entry.value, { state: "doubtful", nextAttemptAtMs: later }),
      );
      return;
    }
    const verdict = decideDoubt(entry.value, units);
    if (verdict === "absent" && isRestored(entry.value)) {
      await this.#decideRestored(entry, run);
    } else if (verdict === "arrived") {
      await outbox.move(entry, moveEntry(entry.value, { state: "sent", reason: null }));
      run.sent += 1;
    } else if (verdict === "odd" || reason === "identifier_collision") {
      const to = verdict === "odd"
        ? { state: "held", reason: "summary_differs" } as const
        : { state: "held", reason: "identifier_collision", burnt: true } as const;
      await outbox.move(entry, moveEntry(entry.value, to));
      run.held += 1;
    } else {
      const to = { state: "ready", reason: null, firstAttemptAtMs: null, nextAttemptAtMs } as const;
      await outbox.move(entry, moveEntry(entry.value, to));
      run.waiting += 1;
    }
  }

  /**
   * The copy may have put the entry into another minute than the database put it in after the copy
   * was made. Its absence is believed only if Stripe has nothing in the whole period that the ledger
   * does not know; otherwise, once its neighbours have been decided, a person looks.
   */
  async #decideRestored(entry: Entry, run: Run): Promise<void> {
    const { outbox, clock } = this.deps;
    const { value } = entry;
    const nowMs = clock.nowMs();
    const startMs = Date.parse(value.periodId);
    const endMs = hourOf(nowMs) + HOUR_MS;
    const known = await outbox.deliveredUnits(value);
    const units = await this.#summary(value, { startMs, endMs });
    if (units !== null && units <= known) {
      const ready = { state: "ready", reason: null, firstAttemptAtMs: null } as const;
      await outbox.move(entry, moveEntry(value, { ...ready, nextAttemptAtMs: nowMs }));
      run.waiting += 1;
    } else if (units === null || value.reason !== RESTORED_ABSENT) {
      const nextAttemptAtMs = nowMs + SUMMARY_SETTLE_MS;
      const doubt = { state: "doubtful", reason: RESTORED_ABSENT, nextAttemptAtMs } as const;
      await outbox.move(
        entry,
        moveEntry(value, units === null ? { ...doubt, reason: value.reason } : doubt),
      );
      run.unsure += 1;
    } else {
      await outbox.move(entry, moveEntry(value, { state: "held", reason: RESTORED_UNCLEAR }));
      run.held += 1;
    }
  }

  async #summary(
    entry: OutboxEntry,
    range?: { readonly startMs: number; readonly endMs: number },
  ): Promise<Units | null> {
    try {
      return await entrySummary(this.deps.provider, entry, range);
    } catch (error) {
      const { identifier } = entry;
      this.deps.logger.warn("summary_failed", { identifier, error: String(error) });
      return null;
    }
  }
}

class Run {
  sent = 0;
  held = 0;
  unsure = 0;
  waiting = 0;
  unauthorized = false;

  report(): SendReport {
    const { sent, held, unsure, waiting, unauthorized } = this;
    return { sent, held, unsure, waiting, unauthorized };
  }
}

/** One lane per customer and meter, oldest minute first: the provider serves each one at a time. */
function lanesOf(entries: readonly Entry[]): Entry[][] {
  const lanes = new Map<string, Entry[]>();
  for (const entry of entries) {
    const key = JSON.stringify([entry.value.stripeCustomerId, entry.value.eventName]);
    const lane = lanes.get(key);
    if (lane === undefined) lanes.set(key, [entry]);
    else lane.push(entry);
  }
  for (const lane of lanes.values()) {
    lane.sort((a, b) => a.value.timestampMs - b.value.timestampMs);
  }
  return [...lanes.values()];
}
