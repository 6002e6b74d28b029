import {
  type Adjustment,
  type AdjustmentRefusal,
  checkAdjustmentApproval,
} from "@/lib/domain/adjustment.ts";
import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import type { Versioned } from "@/lib/ports/tenancy.ts";
import { type Act, auditDraft } from "@/lib/tenancy/act.ts";
import { checkPeriodOpen } from "./closing.ts";
import type { BillingDeps } from "./deps.ts";

type DecideDeps = Pick<BillingDeps, "clock" | "store">;

export interface AdjustmentDecision {
  readonly tenantId: string;
  readonly adjustmentId: string;
  readonly approver: string;
  readonly act: Act;
}

type AdjustmentResult = Result<Adjustment, AdjustmentRefusal>;

/**
 * Agrees to somebody else's adjustment. The approval is the effect: one commit makes it count, so
 * there is nothing between the two to be lost. Of two approvers at once one is refused.
 */
export async function approveAdjustment(
  deps: DecideDeps,
  decision: AdjustmentDecision,
): Promise<AdjustmentResult> {
  const found = await find(deps, decision);
  if (!found.ok) return found;
  const approval = checkAdjustmentApproval(found.value.value, decision.approver);
  if (!approval.ok) return approval;
  const open = await checkPeriodOpen(deps, found.value.value);
  if (!open.ok) return open;
  const { closeVersion } = open.value;
  return await decide(deps, found.value, { ...decision, state: "applied", closeVersion });
}

/** Anybody may refuse, its author too: no money moves. */
export async function refuseAdjustment(
  deps: DecideDeps,
  decision: AdjustmentDecision,
): Promise<AdjustmentResult> {
  const found = await find(deps, decision);
  if (!found.ok) return found;
  const { state } = found.value.value;
  if (state !== "pending") {
    return refuse({ code: "already_decided", detail: `The adjustment is ${state}` });
  }
  return await decide(deps, found.value, { ...decision, state: "refused" });
}

async function find(
  { store }: DecideDeps,
  { tenantId, adjustmentId }: AdjustmentDecision,
): Promise<Result<Versioned<Adjustment>, AdjustmentRefusal>> {
  const found = await store.adjustment(tenantId, adjustmentId);
  if (found !== null) return accept(found);
  return refuse({ code: "adjustment_not_found", detail: "There is no such adjustment" });
}

async function decide(
  { clock, store }: DecideDeps,
  { value: before, versionstamp }: Versioned<Adjustment>,
  { state, approver, act, ...guard }: AdjustmentDecision & {
    readonly state: "applied" | "refused";
    readonly closeVersion?: string | null;
  },
): Promise<AdjustmentResult> {
  const decidedAtMs = clock.nowMs();
  const after: Adjustment = { ...before, state, approver, decidedAtMs };
  const audit = auditDraft(act, {
    chain: before.tenantId,
    atMs: decidedAtMs,
    action: state === "applied" ? "adjustment.approved" : "adjustment.refused",
    subject: before.adjustmentId,
    before,
    after,
  });
  const { closeVersion } = guard;
  const written = await store.putAdjustment(after, versionstamp, {
    audit,
    ...(closeVersion === undefined ? {} : { closeVersion }),
  });
  if (written.ok) return accept(after);
  return refuse({ code: "conflict", detail: "The adjustment or its period moved on; look again" });
}
