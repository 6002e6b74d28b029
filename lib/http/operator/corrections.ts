import { z } from "zod";
import type { Correction } from "@/lib/domain/correction.ts";
import { accept, type Result } from "@/lib/domain/result.ts";
import { correctUnits, decideCorrection } from "@/lib/metering/correct_units.ts";
import {
  NOTHING,
  operation,
  type OperatorAnswer,
  type OperatorCall,
  waitingAnswer,
} from "./operation.ts";
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
    "Applied at once up to 10,000 units of a meter by one person within 24 hours; beyond that " +
    "it stays `pending` until somebody else approves it. Whoever holds the operator token is one person here.",
  input: ProposalSchema,
  answer: { status: 201, description: "`applied`" },
  waits: "`pending`: it waits for a second person, and no unit changes until then",
  problems: [
    "unknown_tenant",
    "plan_not_found",
    "unknown_meter",
    "period_not_found",
    "not_billable",
    "period_closed",
    "period_closing",
    "tenant_closed",
    "conflict",
  ],
  async run(call) {
    const found = await pathTenant(call);
    if (!found.ok) return found;
    const { services, act, input } = call;
    return answer(
      await correctUnits({
        tenantId: found.value.value.tenantId,
        meter: input.meter,
        planRevision: input.plan_revision,
        periodId: input.period_id,
        units: BigInt(input.units),
        reason: input.reason,
        act,
      }, correctionDeps(services)),
    );
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
  problems: [
    ...DECISION_PROBLEMS,
    "same_person",
    "not_billable",
    "period_closed",
    "period_closing",
    "tenant_closed",
  ],
  run: (call) => decide(call, "approve"),
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
  run: (call) => decide(call, "refuse"),
});

async function decide(
  { services, act, params }: OperatorCall<unknown>,
  decision: "approve" | "refuse",
): Promise<Result<OperatorAnswer>> {
  const { tenant: tenantId = "", correction: correctionId = "" } = params;
  const request = { tenantId, correctionId, decision, act };
  return answer(await decideCorrection(request, correctionDeps(services)));
}

function correctionDeps({ corrections, plans, audit }: OperatorCall<unknown>["services"]) {
  return { ...corrections, plans, audit };
}

function answer(done: Result<Correction>): Result<OperatorAnswer> {
  if (!done.ok) return done;
  return accept(waitingAnswer(toJson(done.value), done.value.state === "pending"));
}
