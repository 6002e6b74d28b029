import type { PlanVersion } from "@/lib/domain/plan.ts";
import { periodAt } from "@/lib/domain/period.ts";
import { SegmentTotals, sumUnits, takeGroups } from "@/lib/domain/segment.ts";
import { DAY_MS, MINUTE_MS } from "@/lib/domain/window.ts";
import { createUsageLog } from "@/lib/kv/usage_log.ts";
import { createOutboxStore } from "@/lib/kv/outbox_store.ts";
import type { KvLike } from "@/lib/kv/kv_like.ts";
import { confirm } from "@/lib/metering/confirm.ts";
import { Sealer } from "@/lib/metering/seal.ts";
import { Sender } from "@/lib/metering/send.ts";
import type { BillingProvider } from "@/lib/ports/billing_provider.ts";
import type { BillingTargets } from "@/lib/ports/billing_targets.ts";
import type { Ids } from "@/lib/ports/ids.ts";
import type { RingCursor } from "@/lib/ports/usage_log.ts";
import type { Versioned } from "@/lib/ports/tenancy.ts";
import type { FixedClock } from "@/tests/support/fixed_effects.ts";
import type { HourUse } from "./shape.ts";

export interface UsageDeps {
  readonly kv: KvLike;
  readonly clock: FixedClock;
  readonly ids: Ids;
  readonly targets: BillingTargets;
  readonly provider: Pick<BillingProvider, "sendMeterEvent" | "summaries">;
  readonly databaseEpoch: string;
}

/** Past this minute of an hour its calls come; one window of calls stands for the hour. */
const MINUTE_OF_HOUR = 12;
const MUTATIONS_MAX = 300;
const QUIET = { debug() {}, info() {}, warn() {}, error() {} };

/**
 * One tenant's usage through the real fold, seal, send and confirmation, a day at a time, out of a
 * ring of its own that is gone at the end, as that of an instance which was replaced.
 */
export class UsageSeeder {
  readonly #log;
  readonly outbox;
  readonly sealer: Sealer;
  readonly #sender: Sender;
  #cursor: Versioned<RingCursor> | null = null;
  readonly #instanceId: string;

  constructor(private readonly deps: UsageDeps) {
    const { kv, clock, databaseEpoch } = deps;
    this.#log = createUsageLog({ kv });
    this.outbox = createOutboxStore({ kv, databaseEpoch });
    const parts = { ...deps, clock, outbox: this.outbox };
    this.sealer = new Sealer({ ...parts, settleMs: 0 });
    this.#sender = new Sender({ ...parts, logger: QUIET, enabled: true });
    this.#instanceId = deps.ids.next("ins");
  }

  /** Counts a day's calls and brings them to Stripe at its end, or leaves them where they stand. */
  async day(
    { tenantId, plan, dayMs, uses, keyIds, leave = null }: {
      readonly tenantId: string;
      readonly plan: PlanVersion;
      readonly dayMs: number;
      readonly uses: readonly HourUse[];
      readonly keyIds: readonly string[];
      /** Where its last units stay: still in windows, or sealed and not sent. */
      readonly leave?: "windows" | "outbox" | null;
    },
  ): Promise<void> {
    const { clock } = this.deps;
    clock.atMs = Math.max(clock.atMs, dayMs + DAY_MS - MINUTE_MS);
    if (uses.length > 0) await this.#fold({ tenantId, plan, uses, keyIds });
    if (leave === "windows") return;
    await this.sealer.sealDue({ tenantId });
    if (leave === "outbox") return;
    await this.#sender.sendDue({ tenantId });
    await confirm({ startMs: dayMs - DAY_MS, endMs: dayMs + DAY_MS }, {
      outbox: this.outbox,
      provider: this.deps.provider,
      clock,
    });
  }

  /** Folds to the end and gives the ring up: its units become those of rings that are gone. */
  async close(): Promise<void> {
    if (this.#cursor === null) return;
    await this.#log.fence(this.#instanceId);
    const finished = await this.#log.finish(this.#instanceId, this.#cursor);
    if (finished === null) throw new Error("Nobody else folds this ring");
    await this.#log.retire(this.#instanceId, finished);
  }

  async #fold(
    { tenantId, plan, uses, keyIds }: {
      readonly tenantId: string;
      readonly plan: PlanVersion;
      readonly uses: readonly HourUse[];
      readonly keyIds: readonly string[];
    },
  ): Promise<void> {
    const { planRevision, interval } = plan;
    this.#cursor ??= await this.#log.openRing(this.#instanceId, this.deps.clock.nowMs());
    const { fromSeq, foldedUnits } = this.#cursor.value;
    const totals = new SegmentTotals();
    let seq = fromSeq;
    let cumulativeUnits = foldedUnits;
    for (const [startMs, own] of Map.groupBy(uses, (use) => use.startMs)) {
      const entries = own.map(({ meter, key, units }) => ({
        tenantId,
        meter,
        planRevision,
        periodId: periodAt(startMs, interval).periodId,
        keyId: keyIds[key % keyIds.length] ?? "key_unknown",
        units,
      }));
      cumulativeUnits += sumUnits(entries);
      const windowStartMs = startMs + MINUTE_OF_HOUR * MINUTE_MS;
      totals.add({ seq: seq++, windowStartMs, entries, cumulativeUnits });
    }
    const groups = totals.groups();
    for (let done = 0; done < groups.length;) {
      const taken = takeGroups(groups, { start: done, limit: MUTATIONS_MAX });
      done += taken.length;
      const next = done === groups.length
        ? { fromSeq: seq, toSeq: seq, done: 0, foldedUnits: cumulativeUnits }
        : { fromSeq, toSeq: seq, done, foldedUnits };
      const step = { cursor: this.#cursor, groups: taken, next };
      const cursor = await this.#log.applyFold(this.#instanceId, step);
      if (cursor === null) throw new Error("Nobody else folds this ring");
      this.#cursor = cursor;
    }
  }
}
