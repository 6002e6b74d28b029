import { isSecondPerson } from "./approval.ts";
import { accept, type Refusal, refuse, type Result } from "./result.ts";
import type { TenantId } from "./tenant.ts";

/** Money that an operator adds (positive) or forgives (negative) in one billing period. */
export interface Adjustment {
  readonly adjustmentId: string;
  readonly tenantId: TenantId;
  readonly periodId: string;
  /** Whole minor units, never zero. */
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly note: string;
  readonly createdBy: string;
  readonly createdAtMs: number;
  /** Only `applied` ones are billed. Approving is applying: there is no state between the two. */
  readonly state: "pending" | "applied" | "refused";
  /** The second person, where the size asks for one. */
  readonly approver: string | null;
  readonly decidedAtMs: number | null;
}

/**
 * Above this many whole minor units, added, forgiven or given as a credit by one person within 24
 * hours, a second one must agree.
 */
export const SECOND_APPROVAL_ABOVE_MINOR = 100_000n;

export interface AdjustmentRefusal extends Refusal {
  readonly code:
    | "adjustment_not_found"
    | "already_decided"
    | "same_person"
    | "period_closed"
    | "period_closing"
    | "conflict";
}

/** Nobody approves an adjustment of their own, and nobody decides one twice. */
export function checkAdjustmentApproval(
  { state, createdBy }: Pick<Adjustment, "state" | "createdBy">,
  approver: string,
): Result<"approved", AdjustmentRefusal> {
  if (state !== "pending") {
    return refuse({ code: "already_decided", detail: `The adjustment is ${state}` });
  }
  if (isSecondPerson({ author: createdBy, approver })) return accept("approved");
  return refuse({ code: "same_person", detail: "A second person has to agree to this adjustment" });
}
