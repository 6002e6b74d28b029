import { type FoldGroup, type Segment, SegmentTotals, takeGroups } from "@/lib/domain/segment.ts";
import { MINUTE_MS } from "@/lib/domain/window.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import type { Logger } from "@/lib/ports/logger.ts";
import { type Scheduler, sleep } from "@/lib/ports/scheduler.ts";
import { StorageUnavailable } from "@/lib/ports/storage.ts";
import type { Versioned } from "@/lib/ports/tenancy.ts";
import type { Ring, RingCursor, UsageLog } from "@/lib/ports/usage_log.ts";
import type { Recorder } from "./recorder.ts";
import type { FoldRange } from "./ring_writer.ts";

export interface FolderDeps {
  readonly log: UsageLog;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly scheduler: Scheduler;
  readonly recorder: Recorder;
  /** Called once a dead instance's units are all in the totals. Repeatable. */
  readonly onRetired: (instanceId: string) => Promise<void>;
}

/** What came of the rings of instances that are gone. */
export interface StaleRings {
  /** Rings removed. */
  readonly retired: number;
  /** What stood in the way of a ring's units, and so may be missing in the totals. */
  readonly unfolded: readonly unknown[];
  /** What stood in the way of a ring whose units are all in the totals. */
  readonly unretired: readonly unknown[];
}

/** Mutations of one commit. */
const WEIGHT_MAX = 300;
/** Segments and time that one range of a ring read from the store may span. */
const RANGE_SEGMENTS = 512;
const RANGE_MS = 10 * MINUTE_MS;
/** Clocks of instances may differ by this much before a live one is taken for dead. */
const SKEW_MS = 10_000;

/** Moves units from the log into minute slots and totals. */
export class Folder {
  #own: Promise<void> | null = null;

  constructor(private readonly deps: FolderDeps) {
    deps.recorder.makeRoom = () => this.foldOwn();
  }

  /** Folds this instance's ring from memory; concurrent calls share one run. */
  foldOwn(): Promise<void> {
    this.#own ??= this.#foldOwn().finally(() => {
      this.#own = null;
    });
    return this.#own;
  }

  renewLease(): Promise<void> {
    return this.deps.recorder.renewLease();
  }

  /**
   * Folds and removes the rings of instances that are gone. One that defies it holds up nobody else's.
   * Throws `StorageUnavailable`.
   */
  async foldStale(): Promise<StaleRings> {
    const { log, clock, recorder, logger } = this.deps;
    let retired = 0;
    const [unfolded, unretired]: [unknown[], unknown[]] = [[], []];
    for (const ring of await log.rings()) {
      const { instanceId } = ring;
      if (instanceId === recorder.ring?.instanceId) continue;
      if (ring.open && clock.nowMs() < ring.leaseUntilMs + SKEW_MS) continue;
      let failures = unfolded;
      try {
        const finished = await this.#finish(ring);
        if (finished === null) continue;
        failures = unretired;
        if (await this.#retire(instanceId, finished)) retired += 1;
      } catch (error) {
        if (error instanceof StorageUnavailable) throw error;
        logger.error("ring_take_over_failed", { instanceId, error: String(error) });
        failures.push(error);
      }
    }
    return { retired, unfolded, unretired };
  }

  /** Folds and removes the own ring; the recorder must be closed before. */
  async retireOwn(): Promise<void> {
    const { recorder, log } = this.deps;
    await this.foldOwn();
    const { ring } = recorder;
    if (ring === null) return;
    await log.fence(ring.instanceId);
    const { instanceId, cursor } = ring;
    await this.takeOver({ instanceId, cursor, open: false, leaseUntilMs: 0 });
  }

  /** `false`: somebody else moved its cursor meanwhile; the next run sees where it stands. */
  async takeOver(ring: Ring): Promise<boolean> {
    const finished = await this.#finish(ring);
    return finished !== null && await this.#retire(ring.instanceId, finished);
  }

  /** All units of the ring into the totals; `null` when somebody else moved its cursor meanwhile. */
  async #finish(ring: Ring): Promise<Versioned<RingCursor> | null> {
    const { log } = this.deps;
    if (ring.open) await log.fence(ring.instanceId);
    const cursor = await this.#foldStored(ring);
    // Its owner may have folded on and written over what this cursor points at: only the store knows
    // whether this is the end.
    return cursor === null ? null : await log.finish(ring.instanceId, cursor);
  }

  async #retire(instanceId: string, finished: Versioned<RingCursor>): Promise<boolean> {
    await this.deps.onRetired(instanceId);
    return await this.deps.log.retire(instanceId, finished);
  }

  async #foldOwn(): Promise<void> {
    const { ring } = this.deps.recorder;
    if (ring === null) return;
    const range = ring.foldRange();
    if (range === null) return;
    const cursor = await this.#apply(ring.instanceId, ring.cursor, range, (step) => {
      ring.cursor = step;
    });
    if (cursor === null) this.deps.recorder.abandon(ring);
    else ring.foldDone();
  }

  /** `null`: somebody else moved the cursor. */
  async #foldStored({ instanceId, cursor }: Ring): Promise<Versioned<RingCursor> | null> {
    let at: Versioned<RingCursor> | null = cursor;
    while (at !== null) {
      const range = await this.#storedRange(instanceId, at.value);
      if (range === "end") return at;
      at = range === "moved" ? null : await this.#apply(instanceId, at, range);
    }
    return null;
  }

  async #storedRange(
    instanceId: string,
    { fromSeq, toSeq }: RingCursor,
  ): Promise<FoldRange | "end" | "moved"> {
    const begun = toSeq > fromSeq;
    const limit = begun ? toSeq - fromSeq : RANGE_SEGMENTS;
    const read = await this.deps.log.segments(instanceId, { fromSeq, limit });
    // Segments stand until they are folded: whoever wrote over these has folded them.
    if (begun && read.length < limit) return "moved";
    const segments = begun ? read : withinSpan(read);
    const last = segments.at(-1);
    if (last === undefined) return "end";
    const totals = new SegmentTotals();
    for (const segment of segments) totals.add(segment);
    return {
      toSeq: last.seq + 1,
      totals,
      cumulativeUnits: last.cumulativeUnits,
    };
  }

  /** Goes on where the cursor says; `null` when somebody else moved it. */
  async #apply(
    instanceId: string,
    start: Versioned<RingCursor>,
    range: FoldRange,
    onStep: (cursor: Versioned<RingCursor>) => void = () => {},
  ): Promise<Versioned<RingCursor> | null> {
    const { toSeq, cumulativeUnits } = range;
    const groups = await this.#groupsOf(range);
    let cursor = start;
    do {
      const { fromSeq, done, foldedUnits } = cursor.value;
      const taken = takeGroups(groups, { start: done, limit: WEIGHT_MAX });
      const last = done + taken.length === groups.length;
      const next = last
        ? { fromSeq: toSeq, toSeq, done: 0, foldedUnits: cumulativeUnits }
        : { fromSeq, toSeq, done: done + taken.length, foldedUnits };
      const moved = await this.deps.log.applyFold(instanceId, { cursor, groups: taken, next });
      if (moved === null) return null;
      cursor = moved;
      onStep(cursor);
    } while (cursor.value.fromSeq !== toSeq);
    return cursor;
  }

  /** Calls come in at the rests, which a fold of few tenants does without. */
  async #groupsOf({ totals }: FoldRange): Promise<readonly FoldGroup[]> {
    const steps = totals.groupSteps();
    for (;;) {
      const step = steps.next();
      if (step.done) return step.value;
      await sleep(this.deps.scheduler, 0);
    }
  }
}

/** The first ones without a gap: bounds how many minutes a line of one range can touch. */
function withinSpan(segments: readonly Segment[]): readonly Segment[] {
  const [first] = segments;
  const beyond = segments.findIndex(({ windowStartMs }) =>
    first !== undefined && windowStartMs - first.windowStartMs >= RANGE_MS
  );
  return beyond === -1 ? segments : segments.slice(0, beyond);
}
