import type { OutboxEntry } from "../domain/outbox.ts";
import type { LineId } from "../domain/segment.ts";
import type { MeterName, Units } from "../domain/plan.ts";
import type { TenantId } from "../domain/tenant.ts";
import type { Versioned } from "./tenancy.ts";

/** Folded units of one line in one minute, not sealed yet. */
export interface MinuteSlot {
  readonly line: LineId;
  readonly minuteMs: number;
  readonly units: Units;
  readonly versionstamp: string;
}

/** Units of a line that can't be billed yet: all minutes in one sum. */
export interface ParkedUnits {
  readonly line: LineId;
  readonly units: Units;
  readonly versionstamp: string;
}

/** Where units come from when an entry is sealed. */
export type SealSource =
  | { readonly kind: "minute"; readonly slot: MinuteSlot }
  | { readonly kind: "parked"; readonly parked: ParkedUnits }
  /** A correction, named so that it is applied once, into a period that still takes it. */
  | {
    readonly kind: "correction";
    readonly line: LineId;
    readonly correctionId: string;
    readonly tenantVersion: string | null;
    readonly closeVersion: string | null;
  }
  /** A held entry whose identifier must not be used again. */
  | { readonly kind: "reissue"; readonly entry: Versioned<OutboxEntry> };

/** The payload of an entry to be sealed; its identifier follows from the source. */
export interface SealPayload {
  readonly eventName: string;
  readonly stripeCustomerId: string;
  readonly units: Units;
  readonly timestampMs: number;
  readonly nowMs: number;
  /** Born in doubt for this reason: nothing is sent before Stripe's summary has decided. */
  readonly doubt?: string;
}

export type SealOutcome =
  | { readonly kind: "sealed"; readonly entry: OutboxEntry }
  /** Another entry of this customer and meter owns the minute. */
  | { readonly kind: "minute_taken" }
  /** The source has changed or is gone. */
  | { readonly kind: "conflict" };

/**
 * Minute slots and outbox entries. Every method that writes does it in one commit that also keeps
 * the books; all throw `StorageUnavailable` when the store gives no answer.
 */
export interface OutboxStore {
  /** Oldest first: slots of minutes that began before `beforeMs`. */
  closedSlots(
    query: { readonly beforeMs: number; readonly limit: number; readonly tenantId?: TenantId },
  ): Promise<readonly MinuteSlot[]>;
  seal(source: SealSource, payload: SealPayload): Promise<SealOutcome>;
  /** `false`: the slot has changed or is gone. */
  park(slot: MinuteSlot): Promise<boolean>;
  parked(
    query: { readonly limit: number; readonly tenantId?: TenantId },
  ): Promise<readonly ParkedUnits[]>;
  /**
   * The free minute nearest to `desiredMs` within `[startMs, endMs)`, earlier ones first; `null`
   * when none is found in a bounded search.
   */
  freeMinute(
    query: {
      readonly stripeCustomerId: string;
      readonly eventName: string;
      readonly startMs: number;
      readonly endMs: number;
      readonly desiredMs: number;
    },
  ): Promise<number | null>;
  /** Entries that still need something done, in no particular order. */
  open(
    query: { readonly limit: number; readonly tenantId?: TenantId },
  ): Promise<readonly Versioned<OutboxEntry>[]>;
  find(entryId: string): Promise<Versioned<OutboxEntry> | null>;
  /**
   * Replaces an entry by its next state and keeps the books of the move. With `lane`, also notes
   * that this entry is the one under way for its customer and meter, and fails when another is.
   */
  move(
    from: Versioned<OutboxEntry>,
    to: OutboxEntry,
    options?: { readonly lane?: "take" | "leave"; readonly nowMs?: number },
  ): Promise<Versioned<OutboxEntry> | null>;
  /** What Stripe should show, by hour of the event timestamp; half-open, hour-aligned. */
  deliveredHours(
    range: {
      readonly startMs: number;
      readonly endMs: number;
      /** Of this customer alone. */
      readonly stripeCustomerId?: string;
    },
  ): Promise<readonly DeliveredHour[]>;
  /** Units of a meter that Stripe should show for a billing period: sent less refused afterwards. */
  deliveredUnits(
    line: { readonly tenantId: TenantId; readonly meter: MeterName; readonly periodId: string },
  ): Promise<Units>;
  /** Sent entries, not confirmed ones, of one tenant and meter by event timestamp. */
  sentEntries(
    query: {
      readonly tenantId: TenantId;
      readonly meter: MeterName;
      readonly startMs: number;
      readonly endMs: number;
      readonly limit: number;
    },
  ): Promise<readonly Versioned<OutboxEntry>[]>;
  noteFlush(nowMs: number): Promise<void>;
}

/** Units sent less units refused afterwards. */
export interface DeliveredHour {
  readonly startMs: number;
  readonly stripeCustomerId: string;
  readonly eventName: string;
  readonly units: Units;
  readonly tenantId: TenantId;
  readonly meter: MeterName;
}
