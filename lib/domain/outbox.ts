import { invariant } from "./invariant.ts";
import type { LineId } from "./segment.ts";
import type { Units } from "./plan.ts";
import { accept, type Refusal, refuse, type Result } from "./result.ts";
import { DAY_MS, HOUR_MS } from "./window.ts";

export type OutboxState =
  | "ready"
  | "in_flight"
  | "sent"
  | "confirmed"
  | "rejected"
  | "held"
  | "doubtful"
  | "written_off";

/** One frozen meter event on its way to Stripe; payload fields never change after the seal. */
export interface OutboxEntry extends LineId {
  /** Also the event's identifier at Stripe: ≤ 100 characters, unique for ever. */
  readonly entryId: string;
  readonly identifier: string;
  readonly eventName: string;
  readonly stripeCustomerId: string;
  /** Negative for a correction. */
  readonly units: Units;
  /** Start of a minute that no other entry of this customer and meter owns. */
  readonly timestampMs: number;
  readonly sealedAtMs: number;
  readonly state: OutboxState;
  /** Why it is not simply on its way: a provider's or our own stable code. */
  readonly reason: string | null;
  /** Attempts begun under this identifier; each has its own Idempotency-Key. */
  readonly attempts: number;
  /** Written before the first attempt starts; `null` also after proof that none arrived. */
  readonly firstAttemptAtMs: number | null;
  readonly lastAttemptAtMs: number | null;
  /** Not touched by the sender before this. */
  readonly nextAttemptAtMs: number;
  /** The identifier is used up at Stripe without these units: another try needs a new one. */
  readonly burnt: boolean;
  /** Names the attempt under way, so that its sender knows its own write again. */
  readonly claim: string | null;
  /** Who decided about it, and why. */
  readonly decision: OutboxDecision | null;
}

export interface OutboxDecision {
  readonly author: string;
  readonly reason: string;
  readonly atMs: number;
}

/** After this much time Stripe may have forgotten the identifier (it keeps it "at least 24 hours"). */
export const BLIND_RESEND_MS = 23 * HOUR_MS;
/** Stripe takes no timestamp older than 35 days; a day is kept in hand. */
export const TIMESTAMP_MAX_AGE_MS = 34 * DAY_MS;
/** Summaries are eventually consistent: how long to wait before an absence is believed. */
export const SUMMARY_SETTLE_MS = HOUR_MS;
/** An attempt of which nothing was heard for this long is taken for lost. */
const ATTEMPT_LEASE_MS = 60_000;

const NEXT: Readonly<Record<OutboxState, readonly OutboxState[]>> = {
  ready: ["in_flight", "held", "doubtful"],
  in_flight: ["in_flight", "ready", "sent", "held", "doubtful"],
  sent: ["confirmed", "rejected"],
  confirmed: ["rejected"],
  rejected: ["held"],
  held: ["held", "ready", "doubtful", "written_off"],
  doubtful: ["doubtful", "sent", "ready", "held", "written_off"],
  written_off: [],
};

/** Moves an entry along the state graph; the payload can't be changed on the way. */
export function moveEntry(
  entry: OutboxEntry,
  change:
    & { readonly state: OutboxState }
    & Partial<
      Pick<
        OutboxEntry,
        | "reason"
        | "attempts"
        | "firstAttemptAtMs"
        | "lastAttemptAtMs"
        | "nextAttemptAtMs"
        | "claim"
        | "burnt"
        | "decision"
      >
    >,
): OutboxEntry {
  invariant(
    NEXT[entry.state].includes(change.state),
    `An outbox entry can't go from ${entry.state} to ${change.state}`,
  );
  return { ...entry, ...change };
}

/** Entries in these states are through; all others still need something done. */
export function isDone(state: OutboxState): boolean {
  return state === "sent" || state === "confirmed" || state === "written_off";
}

/** What the sender has to do about an entry now. */
export function nextStep(
  entry: OutboxEntry,
  nowMs: number,
): "attempt" | "expire" | "doubt" | "decide" | "hold" | "wait" {
  if (entry.state === "rejected") return "hold";
  if (nowMs < entry.nextAttemptAtMs) return "wait";
  if (entry.state === "doubtful") return "decide";
  if (entry.state !== "ready" && entry.state !== "in_flight") return "wait";
  const { firstAttemptAtMs } = entry;
  if (firstAttemptAtMs !== null && nowMs - firstAttemptAtMs >= BLIND_RESEND_MS) return "doubt";
  if (firstAttemptAtMs === null && nowMs - entry.timestampMs > TIMESTAMP_MAX_AGE_MS) {
    return "expire";
  }
  return "attempt";
}

/** The entry as it must be stored before attempt number `attempts` may start. */
export function beginAttempt(
  entry: OutboxEntry,
  { nowMs, claim }: { readonly nowMs: number; readonly claim: string },
): OutboxEntry {
  return moveEntry(entry, {
    state: "in_flight",
    reason: null,
    attempts: entry.attempts + 1,
    firstAttemptAtMs: entry.firstAttemptAtMs ?? nowMs,
    lastAttemptAtMs: nowMs,
    nextAttemptAtMs: nowMs + ATTEMPT_LEASE_MS,
    claim,
  });
}

/** Doubt is settled by the summary of the entry's own minute, but not before it has settled. */
export function doubt(entry: OutboxEntry, reason: string): OutboxEntry {
  const lastMs = entry.lastAttemptAtMs ?? entry.sealedAtMs;
  return moveEntry(entry, {
    state: "doubtful",
    reason,
    nextAttemptAtMs: lastMs + SUMMARY_SETTLE_MS,
    claim: null,
  });
}

/**
 * Why an entry is in doubt after a restore: what the database did after the copy was made is not in
 * it, and the entry may have been sent then. `restored_absent`: not in its own minute, looked at once.
 */
export const RESTORED = "restored";
export const RESTORED_ABSENT = "restored_absent";
/** Why it is held then: Stripe has units that nobody knows, and they may be these. */
export const RESTORED_UNCLEAR = "restored_unclear";

/** What Stripe's summary of the entry's minute says about it. */
export function decideDoubt(entry: OutboxEntry, summaryUnits: Units): "arrived" | "absent" | "odd" {
  if (summaryUnits === entry.units) return "arrived";
  if (summaryUnits === 0n) return "absent";
  // Before the copy's minute was sealed for the first time, more units may have joined it.
  const more = entry.units > 0n && summaryUnits > entry.units;
  return more && isRestored(entry) ? "arrived" : "odd";
}

export function isRestored({ reason }: Pick<OutboxEntry, "reason">): boolean {
  return reason === RESTORED || reason === RESTORED_ABSENT;
}

/** Rising counters of one line of the books. */
export type LedgerStage =
  | "acknowledged"
  | "adjusted"
  | "sealed"
  | "released"
  | "reissued"
  | "sent"
  | "rejected"
  | "confirmed"
  | "written_off";

/** The counter that a move between two states adds the entry's units to. */
export function ledgerStage(from: OutboxState, to: OutboxState): LedgerStage | null {
  if (to === "sent" || to === "confirmed" || to === "rejected" || to === "written_off") return to;
  invariant(!isDone(from), `An entry that is ${from} can't become ${to}`);
  return null;
}

export interface OutboxRefusal extends Refusal {
  readonly code: "entry_not_found" | "wrong_state" | "reason_missing" | "conflict";
}

/** Every decision of a person about an entry names its author and reason. */
export function checkDecision(decision: OutboxDecision): Result<OutboxDecision, OutboxRefusal> {
  if (decision.author.trim() !== "" && decision.reason.trim() !== "") return accept(decision);
  return refuse({ code: "reason_missing", detail: "Give an author and a reason" });
}
