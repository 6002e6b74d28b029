import { isSecondPerson } from "./approval.ts";
import type { LineId } from "./segment.ts";
import type { Units } from "./plan.ts";
import { accept, type Refusal, refuse, type Result } from "./result.ts";

/** A signed change of counted units with a name under it; an entry of its own, never an edit. */
export interface Correction extends LineId {
  readonly correctionId: string;
  /** Positive bills more, negative less; never zero. */
  readonly units: Units;
  readonly reason: string;
  readonly author: string;
  readonly createdAtMs: number;
  /** `approved` is decided and not yet in the outbox: a crash in between is repaired by repeating. */
  readonly state: "pending" | "approved" | "applied" | "refused";
  /** The second person, where the size asks for one. */
  readonly approver: string | null;
  readonly decidedAtMs: number | null;
  readonly entryId: string | null;
  /**
   * Stripe has the units already, at about this minute: they are booked from its word and never sent.
   * Absent in all others.
   */
  readonly atStripeMs?: number;
  /** Beyond what its author may do alone; absent in older ones, whose size alone says it. */
  readonly needsSecond?: boolean;
}

/** Above this many units of a meter, up or down, by one person within 24 hours, a second must agree. */
export const SECOND_APPROVAL_ABOVE: Units = 10_000n;
const UNITS_MAX = 2n ** 53n - 1n;

export interface CorrectionRefusal extends Refusal {
  readonly code:
    | "validation_failed"
    | "correction_not_found"
    | "already_decided"
    | "same_person"
    | "not_billable"
    | "period_closed"
    | "period_closing"
    | "tenant_closed"
    | "conflict";
}

export function checkCorrection(
  { units, reason, author }: Pick<Correction, "units" | "reason" | "author">,
): Result<"valid", CorrectionRefusal> {
  if (units === 0n || units > UNITS_MAX || units < -UNITS_MAX) {
    return invalid("Units are a whole number other than 0, within ±(2^53 - 1)", "/units");
  }
  if (reason.trim() === "") return invalid("Say why", "/reason");
  if (author.trim() === "") return invalid("Say who", "/author");
  return accept("valid");
}

export function needsSecondPerson(
  { units, needsSecond = false }: Pick<Correction, "units" | "needsSecond">,
): boolean {
  return needsSecond || units > SECOND_APPROVAL_ABOVE || units < -SECOND_APPROVAL_ABOVE;
}

/** The four-eyes rule: nobody approves their own correction. */
export function checkApproval(
  correction: Correction,
  approver: string,
): Result<"approved", CorrectionRefusal> {
  if (correction.state === "approved") return accept("approved");
  if (correction.state !== "pending") {
    const detail = `The correction is ${correction.state}`;
    return refuse({ code: "already_decided", detail });
  }
  if (!needsSecondPerson(correction)) return accept("approved");
  if (isSecondPerson({ author: correction.author, approver })) return accept("approved");
  return refuse({ code: "same_person", detail: "A second person has to agree to this correction" });
}

function invalid(detail: string, pointer: string): Result<never, CorrectionRefusal> {
  return refuse({ code: "validation_failed", detail, pointer });
}
