import { z } from "zod";
import { parsePeriodId } from "@/lib/billing/period_bill.ts";
import type { Correction } from "@/lib/domain/correction.ts";
import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import {
  approveCorrection,
  proposeCorrection,
  refuseCorrection,
} from "@/lib/metering/corrections.ts";
import { NOTHING, operation, type OperatorAnswer, type OperatorCall } from "./operation.ts";
import { LIMIT_QUERY } from "./paging.ts";
import { pathTenant } from "./tenant_view.ts";
import { toJson } from "./to_json.ts";

const ProposalSchema = z.strictObject({
  meter: z.string().max(40),
  plan_revision: z.string().max(100),
  period_id: z.iso.date(),
  /** Signed; exact in JSON. */
  units: z.int(),
  reason: z.string().trim().min(1).max(500),
});
type Proposal = z.output<typeof ProposalSchema>;

const DECISION_PROBLEMS = ["correction_not_found", "already_decided", "conflict"];

export const listCorrections = operation({
  id: "listCorrections",
  method: "GET",
  path: "/operator/v1/tenants/{tenant}/corrections",
  tag: "Corrections",
  summary: "List a tenant's unit corrections, newest first",
  input: z.strictObject(LIMIT_QUERY),
  answer: { status: 200, description: "The newest" },
  problems: ["unknown_tenant"],
  async run(call) {
    const found = await pathTenant(call);
    if (!found.ok) return found;
    const { tenantId } = found.value.value;
    const { corrections } = call.services.corrections;
    const items = await corrections.list({ tenantId, limit: call.input.limit });
    return accept({ body: { items: toJson(items) } });
  },
});

export const propose = operation({
  id: "proposeCorrection",
  method: "POST",
  path: "/operator/v1/tenants/{tenant}/corrections",
  tag: "Corrections",
  summary: "Correct counted units, up or down, as an entry of its own",
  description:
    "Applied at once up to 10,000 units; beyond that it stays `pending` until somebody " +
    "else approves it. Whoever holds the operator token is one person here.",
  input: ProposalSchema,
  answer: { status: 201, description: "`applied` or `pending`" },
  problems: [
    "unknown_tenant",
    "plan_not_found",
    "unknown_meter",
    "period_not_found",
    "not_billable",
    "conflict",
  ],
  async run(call) {
    const found = await pathTenant(call);
    if (!found.ok) return found;
    const line = await checkLine(call);
    if (!line.ok) return line;
    const { services, operatorId: author, input: { meter, units, reason } } = call;
    const { tenantId } = found.value.value;
    const proposed = await proposeCorrection({
      tenantId,
      meter,
      ...line.value,
      units: BigInt(units),
      reason,
      author,
    }, services.corrections);
    return proposed.ok ? noted(proposed.value) : proposed;
  },
});

export const approve = operation({
  id: "approveCorrection",
  method: "POST",
  path: "/operator/v1/tenants/{tenant}/corrections/{correction}/approve",
  tag: "Corrections",
  summary: "Agree to somebody else's correction, and apply it",
  input: NOTHING,
  answer: { status: 200, description: "Applied" },
  problems: [...DECISION_PROBLEMS, "same_person", "not_billable"],
  async run(call) {
    const approved = await approveCorrection(decisionOf(call), call.services.corrections);
    return approved.ok ? noted(approved.value) : approved;
  },
});

export const decline = operation({
  id: "refuseCorrection",
  method: "POST",
  path: "/operator/v1/tenants/{tenant}/corrections/{correction}/refuse",
  tag: "Corrections",
  summary: "Refuse a pending correction",
  input: NOTHING,
  answer: { status: 200, description: "Refused; nothing is counted" },
  problems: DECISION_PROBLEMS,
  async run(call) {
    const refused = await refuseCorrection(decisionOf(call), call.services.corrections);
    return refused.ok ? noted(refused.value) : refused;
  },
});

/** The line of the books must exist in the catalogue, or units would go nowhere. */
async function checkLine(
  { services, nowMs, input }: OperatorCall<Proposal>,
): Promise<Result<{ readonly planRevision: string; readonly periodId: string }>> {
  const { meter, plan_revision: planRevision, period_id: periodId } = input;
  const plan = (await services.plans.plan(planRevision))?.value;
  if (plan === undefined) {
    return refuse({ code: "plan_not_found", detail: `No plan ${planRevision}` });
  }
  if (!plan.meters.some((priced) => priced.meter === meter)) {
    const detail = `${planRevision} has no meter ${JSON.stringify(meter)}`;
    return refuse({ code: "unknown_meter", detail, pointer: "/meter" });
  }
  const period = parsePeriodId(periodId, plan.interval);
  if (period === null || period.startMs > nowMs) {
    const detail = `No billing period ${periodId}`;
    return refuse({ code: "period_not_found", detail, pointer: "/period_id" });
  }
  return accept({ planRevision, periodId });
}

function decisionOf({ params, operatorId: approver }: OperatorCall<unknown>) {
  return { tenantId: params.tenant ?? "", correctionId: params.correction ?? "", approver };
}

function noted(correction: Correction): Result<OperatorAnswer> {
  const { tenantId, correctionId, state } = correction;
  const note = {
    chain: tenantId,
    action: `correction.${state === "pending" ? "proposed" : state}`,
    subject: correctionId,
    after: correction,
  };
  return accept({ body: toJson(correction), note });
}
