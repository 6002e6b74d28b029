import { isSecondPerson } from "./approval.ts";
import { accept, type Refusal, refuse, type Result } from "./result.ts";
import type { TenantId } from "./tenant.ts";

/** A credit that a second person has to agree to; it pays for nothing, and Stripe has none of it. */
export interface CreditProposal {
  /** That of the credit that it becomes. */
  readonly creditId: string;
  readonly tenantId: TenantId;
  readonly name: string;
  readonly category: "paid" | "promotional";
  readonly currency: string;
  /** Whole minor units, positive. */
  readonly amountMinor: bigint;
  readonly priority: number;
  readonly expiresAtMs: number | null;
  readonly createdBy: string;
  readonly createdAtMs: number;
  readonly state: "pending" | "granted" | "refused";
  readonly approver: string | null;
  readonly decidedAtMs: number | null;
}

export interface CreditRefusal extends Refusal {
  readonly code:
    | "credit_not_found"
    | "already_decided"
    | "same_person"
    | "invalid_expiry"
    | "conflict";
}

/** Nobody approves a credit of their own, nobody decides one twice, and one that is over is none. */
export function checkCreditApproval(
  { state, createdBy, expiresAtMs }: Pick<CreditProposal, "state" | "createdBy" | "expiresAtMs">,
  { approver, nowMs }: { readonly approver: string; readonly nowMs: number },
): Result<"approved", CreditRefusal> {
  if (state !== "pending") {
    return refuse({ code: "already_decided", detail: `The credit is ${state}` });
  }
  if (!isSecondPerson({ author: createdBy, approver })) {
    return refuse({ code: "same_person", detail: "A second person has to agree to this credit" });
  }
  if (expiresAtMs !== null && expiresAtMs <= nowMs) {
    return refuse({ code: "invalid_expiry", detail: "The credit would have expired by now" });
  }
  return accept("approved");
}

/** Prepaid money that pays for usage, as Stripe's credit grants do (metered prices only). */
export interface CreditBalance {
  readonly creditId: string;
  /** Whole minor units still to be drawn, never negative. */
  readonly remainingMinor: bigint;
  /** Lower is drawn first. */
  readonly priority: number;
  readonly expiresAtMs: number | null;
  readonly createdAtMs: number;
}

export interface CreditUse {
  readonly creditId: string;
  readonly amountMinor: bigint;
}

/**
 * Draws at most `dueMinor`: by priority, then soonest expiry, then age, the order that Stripe draws
 * grants in. Grants that are empty or not needed are left out.
 */
export function applyCredits(
  credits: readonly CreditBalance[],
  dueMinor: bigint,
): readonly CreditUse[] {
  const uses: CreditUse[] = [];
  let due = dueMinor;
  for (const { creditId, remainingMinor } of [...credits].sort(byDrawOrder)) {
    if (due <= 0n) break;
    const amountMinor = remainingMinor < due ? remainingMinor : due;
    if (amountMinor <= 0n) continue;
    uses.push({ creditId, amountMinor });
    due -= amountMinor;
  }
  return uses;
}

/** Later than any date; finite, so that two of them compare equal. */
const NEVER_MS = Number.MAX_SAFE_INTEGER;

function byDrawOrder(a: CreditBalance, b: CreditBalance): number {
  return a.priority - b.priority ||
    (a.expiresAtMs ?? NEVER_MS) - (b.expiresAtMs ?? NEVER_MS) ||
    a.createdAtMs - b.createdAtMs;
}
