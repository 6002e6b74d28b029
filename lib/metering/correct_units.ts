import { parsePeriodId } from "@/lib/billing/period_bill.ts";
import type { Correction } from "@/lib/domain/correction.ts";
import { refuse, type Result } from "@/lib/domain/result.ts";
import type { AuditLog } from "@/lib/ports/audit.ts";
import type { PlanStore } from "@/lib/ports/tenancy.ts";
import { type Act, auditDraft } from "@/lib/tenancy/act.ts";
import {
  approveCorrection,
  type CorrectionDeps,
  proposeCorrection,
  refuseCorrection,
} from "./corrections.ts";

export type CorrectUnitsDeps = CorrectionDeps & {
  readonly plans: Pick<PlanStore, "plan">;
  readonly audit: Pick<AuditLog, "append">;
};

export type CorrectionWanted =
  & Pick<Correction, "tenantId" | "meter" | "planRevision" | "periodId" | "units" | "reason">
  & {
    /** Makes a repeated request one correction. */
    readonly correctionId?: string;
    readonly act: Act;
  };

/**
 * Corrects counted units of a line that the catalogue knows, or notes it for a second person; either
 * way it is on record. Errors: those of `checkLine` and `proposeCorrection`.
 */
export async function correctUnits(
  { act, ...wanted }: CorrectionWanted,
  deps: CorrectUnitsDeps,
): Promise<Result<Correction>> {
  const fault = await checkLine(wanted, deps);
  if (fault !== null) return refuse(fault);
  const proposed = await proposeCorrection({ ...wanted, author: act.actor.id }, deps);
  return await recordCorrection(proposed, { act, deps });
}

/** Approves or refuses on record. Errors: those of `approveCorrection` and `refuseCorrection`. */
export async function decideCorrection(
  { decision, act, ...named }: {
    readonly tenantId: string;
    readonly correctionId: string;
    readonly decision: "approve" | "refuse";
    readonly act: Act;
  },
  deps: CorrectUnitsDeps,
): Promise<Result<Correction>> {
  const request = { ...named, approver: act.actor.id };
  const decided = decision === "approve"
    ? await approveCorrection(request, deps)
    : await refuseCorrection(request, deps);
  return await recordCorrection(decided, { act, deps });
}

/**
 * The line of the books must exist in the catalogue, or units would go nowhere. Codes:
 * `plan_not_found`, `unknown_meter`, `period_not_found`.
 */
export async function checkLine(
  { meter, planRevision, periodId }: Pick<Correction, "meter" | "planRevision" | "periodId">,
  { plans, clock }: Pick<CorrectUnitsDeps, "plans" | "clock">,
) {
  const plan = (await plans.plan(planRevision))?.value;
  if (plan === undefined) return { code: "plan_not_found", detail: `No plan ${planRevision}` };
  if (!plan.meters.some((priced) => priced.meter === meter)) {
    const detail = `${planRevision} has no meter ${JSON.stringify(meter)}`;
    return { code: "unknown_meter", detail, pointer: "/meter" };
  }
  const period = parsePeriodId(periodId, plan.interval);
  if (period !== null && period.startMs <= clock.nowMs()) return null;
  return {
    code: "period_not_found",
    detail: `No billing period ${periodId}`,
    pointer: "/period_id",
  };
}

/** Author and approver are in the correction itself, so a crash before the row hides nothing. */
export async function recordCorrection(
  done: Result<Correction>,
  { act, deps: { audit, clock } }: { readonly act: Act; readonly deps: CorrectUnitsDeps },
): Promise<Result<Correction>> {
  if (!done.ok) return done;
  const { tenantId, correctionId, state } = done.value;
  await audit.append(auditDraft(act, {
    chain: tenantId,
    atMs: clock.nowMs(),
    action: `correction.${state === "pending" ? "proposed" : state}`,
    subject: correctionId,
    after: done.value,
  }));
  return done;
}
