import type { FoldGroup, Segment } from "../domain/segment.ts";
import type { Units } from "../domain/plan.ts";
import type { TenantId } from "../domain/tenant.ts";
import type { ConfigEpoch, StoredReply } from "./usage.ts";
import type { Versioned } from "./tenancy.ts";

/** How far the fold of a ring has come. */
export interface RingCursor {
  /** First segment that is not folded, or not wholly. */
  readonly fromSeq: number;
  /** End of the range being folded; equal to `fromSeq` between two folds. */
  readonly toSeq: number;
  /** Groups of that range that are applied. */
  readonly done: number;
  /** Units of all segments before `fromSeq`, as the segments themselves count them. */
  readonly foldedUnits: Units;
}

export interface Ring {
  readonly instanceId: string;
  readonly cursor: Versioned<RingCursor>;
  /** Whether its instance can still append. */
  readonly open: boolean;
  /** After this its instance is taken for dead and others may fence and fold it. */
  readonly leaseUntilMs: number;
}

/** Marks a usage event as counted. */
export interface EventMark {
  readonly tenantId: TenantId;
  readonly source: string;
  readonly id: string;
  readonly expiresAtMs: number;
}

export interface GuardedReply {
  readonly reply: StoredReply;
  /** The version of an expired reply that this one replaces, `null` where there is none. */
  readonly replaces: string | null;
}

export interface AppendRequest {
  readonly segment: Segment;
  /** The ring's version, as `openRing` returned it. */
  readonly ring: string;
  /** Different for every content that this writer tries to put into the same place. */
  readonly mark: number;
  /** The version of the segment that this one overwrites, `null` in the first round. */
  readonly overwrites: string | null;
  /** `undefined`: whatever the configuration is. */
  readonly epoch: ConfigEpoch | undefined;
  readonly replies: readonly GuardedReply[];
  readonly events: readonly EventMark[];
}

export type AppendOutcome =
  | { readonly kind: "committed"; readonly versionstamp: string }
  | {
    readonly kind: "refused";
    /**
     * Nothing of it is written, nor ever will be. `false`: the ring is gone, and an attempt whose
     * reply was lost may have been folded with it.
     */
    readonly certain: boolean;
    /** The ring is closed to this writer. */
    readonly fenced: boolean;
    /** What is in the segment's place now: its version, sequence and mark. */
    readonly found:
      | { readonly versionstamp: string; readonly seq: number; readonly mark: number }
      | null;
    readonly epoch: ConfigEpoch;
    /** Parallel to the request: an unexpired or newer reply stands there already. */
    readonly replies: readonly (StoredReply | null)[];
    /** Parallel to the request: this event is counted already. */
    readonly events: readonly boolean[];
  };

/**
 * The segments of all instances, each in a ring of its own. All methods throw `StorageUnavailable`
 * when the store gives no answer; an append is then in doubt, and only then.
 */
export interface UsageLog {
  readonly ringSize: number;
  /** Replies and event marks that one append may carry. */
  readonly guardsMax: number;
  /** The cursor's versionstamp is the ring's version too. */
  openRing(instanceId: string, leaseUntilMs: number): Promise<Versioned<RingCursor>>;
  append(instanceId: string, request: AppendRequest): Promise<AppendOutcome>;
  /** `false`: the ring of that version is closed to its writer. */
  renewLease(
    instanceId: string,
    lease: { readonly ring: string; readonly untilMs: number },
  ): Promise<boolean>;
  rings(): Promise<readonly Ring[]>;
  /** Consecutive segments from `fromSeq` on, at most `limit`. */
  segments(
    instanceId: string,
    range: { readonly fromSeq: number; readonly limit: number },
  ): Promise<readonly Segment[]>;
  /**
   * Applies groups and moves the cursor in one commit; `null` when the cursor is no longer where it
   * was, because somebody else folds this ring.
   */
  applyFold(
    instanceId: string,
    step: {
      readonly cursor: Versioned<RingCursor>;
      readonly groups: readonly FoldGroup[];
      readonly next: RingCursor;
    },
  ): Promise<Versioned<RingCursor> | null>;
  /** From here on no append to this ring can succeed. */
  fence(instanceId: string): Promise<void>;
  /**
   * States that a fenced ring is folded to its end: the cursor given is where it stands. `null`:
   * somebody else moved it, so that there was more to fold.
   */
  finish(
    instanceId: string,
    cursor: Versioned<RingCursor>,
  ): Promise<Versioned<RingCursor> | null>;
  /** Removes a finished ring. `false`: somebody else did. */
  retire(instanceId: string, finished: Versioned<RingCursor>): Promise<boolean>;
}
