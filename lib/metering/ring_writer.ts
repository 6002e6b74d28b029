import { type Segment, SegmentTotals } from "@/lib/domain/segment.ts";
import type { Units } from "@/lib/domain/plan.ts";
import { invariant } from "@/lib/domain/invariant.ts";
import type { Versioned } from "@/lib/ports/tenancy.ts";
import type { RingCursor } from "@/lib/ports/usage_log.ts";

/** A range of segments on its way from the log into the totals. */
export interface FoldRange {
  readonly toSeq: number;
  /** Of its segments; complete. */
  readonly totals: SegmentTotals;
  /** The ring's own count of units up to `toSeq`. */
  readonly cumulativeUnits: Units;
}

/** What its only writer knows about a ring: the next place, and what is not folded yet. */
export class RingWriter {
  #nextSeq = 0;
  #mark = 0;
  #cumulativeUnits: Units = 0n;
  #windowStartMs = 0;
  #totals = new SegmentTotals();
  #folding: FoldRange | null = null;
  readonly #versions: (string | null)[];
  /** Contents that may or may not stand in the next place. */
  readonly #doubts = new Map<number, Segment>();

  readonly instanceId: string;
  readonly version: string;
  cursor: Versioned<RingCursor>;
  /** When the lease was last seen to stand. */
  aliveAtMs: number;

  constructor(
    { instanceId, cursor, ringSize, aliveAtMs }: {
      readonly instanceId: string;
      readonly cursor: Versioned<RingCursor>;
      readonly ringSize: number;
      readonly aliveAtMs: number;
    },
  ) {
    this.aliveAtMs = aliveAtMs;
    this.instanceId = instanceId;
    this.version = cursor.versionstamp;
    this.cursor = cursor;
    this.#versions = new Array<string | null>(ringSize).fill(null);
  }

  get inDoubt(): boolean {
    return this.#doubts.size > 0;
  }

  /** Places that can be written before a fold must free some. */
  get room(): number {
    return this.#versions.length - this.unfolded;
  }

  get unfolded(): number {
    return this.#nextSeq - this.cursor.value.fromSeq;
  }

  /** What to put into the next place, and under which conditions. Windows never run backwards. */
  draft(
    { entries, units, windowStartMs }: {
      readonly entries: Segment["entries"];
      readonly units: Units;
      readonly windowStartMs: number;
    },
  ): { segment: Segment; mark: number; overwrites: string | null; ring: string } {
    invariant(this.room > 0, "A segment that is not folded is never overwritten");
    this.#mark += 1;
    const segment = {
      seq: this.#nextSeq,
      windowStartMs: Math.max(windowStartMs, this.#windowStartMs),
      entries,
      cumulativeUnits: this.#cumulativeUnits + units,
    };
    const overwrites = this.#versions[this.#nextSeq % this.#versions.length] ?? null;
    return { segment, mark: this.#mark, overwrites, ring: this.version };
  }

  /** The segment stands in its place for good. */
  accept(segment: Segment, versionstamp: string): void {
    invariant(segment.seq === this.#nextSeq, "Segments are accepted in order");
    this.#versions[segment.seq % this.#versions.length] = versionstamp;
    this.#nextSeq += 1;
    this.#cumulativeUnits = segment.cumulativeUnits;
    this.#windowStartMs = segment.windowStartMs;
    this.#totals.add(segment);
    this.#doubts.clear();
  }

  /** The store did not say whether this content of the next place was written. */
  doubt(segment: Segment, mark: number): void {
    this.#doubts.set(mark, segment);
  }

  dispel(mark: number): void {
    this.#doubts.delete(mark);
  }

  doubted(mark: number): Segment | null {
    return this.#doubts.get(mark) ?? null;
  }

  /** The range under way, or else everything accepted so far; `null` when all is folded. */
  foldRange(): FoldRange | null {
    if (this.#folding !== null) return this.#folding;
    if (this.unfolded === 0) return null;
    this.#folding = {
      toSeq: this.#nextSeq,
      totals: this.#totals,
      cumulativeUnits: this.#cumulativeUnits,
    };
    this.#totals = new SegmentTotals();
    return this.#folding;
  }

  foldDone(): void {
    this.#folding = null;
  }
}
