import { type Adjustment, SECOND_APPROVAL_ABOVE_MINOR } from "@/lib/domain/adjustment.ts";
import { periodAt } from "@/lib/domain/period.ts";
import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import { type Act, auditDraft } from "@/lib/tenancy/act.ts";
import { type PlannedAct, writeWithinAuthority } from "./act_alone.ts";
import type { BillingDeps } from "./deps.ts";
import { checkPeriodOpen } from "./closing.ts";
import { parsePeriodId } from "./period_bill.ts";
import { MAX_ACT_MINOR, tenantWithPlan } from "./tenant_terms.ts";
import { BY_BILLING } from "./update_tenant.ts";

type AdjustDeps = Pick<BillingDeps, "clock" | "ids" | "tenants" | "plans" | "store">;

const MAX_NOTE = 500;

export interface AdjustmentInput {
  readonly tenantId: string;
  /** The open period when absent. */
  readonly periodId?: string;
  /** Whole minor units; negative forgives. */
  readonly amountMinor: bigint;
  readonly note: string;
  readonly createdBy: string;
  /** Makes a repeated request one adjustment. */
  readonly adjustmentId?: string;
  readonly act?: Act;
}

/**
 * Adds or forgives money in a period that is not closed yet; it becomes a line of the statement and
 * of Stripe's invoice at the close. One that is beyond what its author may do alone stays `pending`,
 * and bills nothing, until a second person approves it. Errors: those of `checkAdjustment`, `period_closed`, `period_closing`,
 * `conflict`.
 */
export async function adjustMoney(
  deps: AdjustDeps,
  input: AdjustmentInput,
): Promise<Result<Adjustment>> {
  const checked = await checkAdjustment(deps, input);
  if (!checked.ok) return checked;
  const { tenantId } = input;
  const { currency, periodId } = checked.value;
  const adjustmentId = input.adjustmentId ?? deps.ids.next("adj");
  const earlier = await deps.store.adjustment(tenantId, adjustmentId);
  if (earlier !== null) return accept(earlier.value);
  const open = await checkPeriodOpen(deps, { tenantId, periodId });
  if (!open.ok) return open;
  const adjustment: Omit<Adjustment, "state"> = {
    adjustmentId,
    tenantId,
    periodId,
    amountMinor: input.amountMinor,
    currency,
    note: input.note.trim(),
    createdBy: input.createdBy,
    createdAtMs: deps.clock.nowMs(),
    approver: null,
    decidedAtMs: null,
  };
  const { closeVersion } = open.value;
  const planned = moneyAct({ ...adjustment, author: adjustment.createdBy });
  let after: Adjustment = { ...adjustment, state: "pending" };
  const written = await writeWithinAuthority(deps, planned, ({ waits, ...alone }) => {
    after = { ...adjustment, state: waits ? "pending" : "applied" };
    const audit = auditDraft(input.act ?? BY_BILLING, {
      chain: tenantId,
      atMs: adjustment.createdAtMs,
      action: waits ? "adjustment.proposed" : "adjustment.created",
      subject: adjustmentId,
      after,
    });
    return deps.store.putAdjustment(after, null, { closeVersion, audit, ...alone });
  });
  if (written.ok) return accept(after);
  const same = await deps.store.adjustment(tenantId, adjustmentId);
  if (same !== null) return accept(same.value);
  const now = await checkPeriodOpen(deps, { tenantId, periodId });
  return now.ok ? refuse({ code: "conflict", detail: "The period moved on; try again" }) : now;
}

/** Adjustments and credits count together: both move money by one person's word. */
export function moneyAct(
  { author, currency, amountMinor }: {
    readonly author: string;
    readonly currency: string;
    readonly amountMinor: bigint;
  },
): PlannedAct {
  return {
    account: { author, kind: "money", of: currency },
    amount: amountMinor,
    limit: SECOND_APPROVAL_ABOVE_MINOR,
  };
}

/** Errors: `not_found`, `invalid_amount`, `invalid_note`, `period_not_found`. */
export async function checkAdjustment(
  deps: AdjustDeps,
  input: Pick<AdjustmentInput, "tenantId" | "periodId" | "amountMinor" | "note">,
): Promise<Result<{ readonly currency: string; readonly periodId: string }>> {
  const known = await tenantWithPlan(deps, input.tenantId);
  if (!known.ok) return known;
  const fault = adjustmentFault(input);
  if (fault !== null) return refuse(fault);
  const { currency, interval } = known.value;
  const current = periodAt(deps.clock.nowMs(), interval);
  const period = input.periodId === undefined ? current : parsePeriodId(input.periodId, interval);
  if (period === null || period.startMs > current.startMs) {
    return refuse({ code: "period_not_found", detail: `No billing period ${input.periodId}` });
  }
  return accept({ currency, periodId: period.periodId });
}

function adjustmentFault({ amountMinor, note }: Pick<AdjustmentInput, "amountMinor" | "note">) {
  const size = amountMinor < 0n ? -amountMinor : amountMinor;
  if (size === 0n || size > MAX_ACT_MINOR) {
    return { code: "invalid_amount", detail: "An adjustment is not zero and below ten million" };
  }
  const length = note.trim().length;
  if (length === 0 || length > MAX_NOTE) {
    return { code: "invalid_note", detail: `Say why, in at most ${MAX_NOTE} characters` };
  }
  return null;
}
