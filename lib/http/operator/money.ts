import { z } from "zod";
import { adjustMoney } from "@/lib/billing/adjust.ts";
import { approveAdjustment, refuseAdjustment } from "@/lib/billing/decide_adjustment.ts";
import { approveCredit, refuseCredit } from "@/lib/billing/decide_credit.ts";
import { grantCredit } from "@/lib/billing/grant_credit.ts";
import { periodAt } from "@/lib/domain/period.ts";
import { accept, refuse } from "@/lib/domain/result.ts";
import { NOTHING, operation, type OperatorCall, waitingAnswer } from "./operation.ts";
import { pathTenant } from "./tenant_view.ts";
import { toJson } from "./to_json.ts";

/** Whole minor units; exact in JSON. */
const Minor = z.int();
/** Chosen by the caller, so that a repeated request is the same act. */
const OwnId = z.string().regex(/^[A-Za-z0-9_-]{1,80}$/);
const PeriodId = z.iso.date();

export const listAdjustments = operation({
  id: "listAdjustments",
  method: "GET",
  path: "/operator/v1/tenants/{tenant}/adjustments",
  tag: "Money",
  summary: "List the adjustments of a billing period, the open one unless said otherwise",
  input: z.strictObject({ period_id: PeriodId.optional() }),
  answer: { status: 200, description: "All of the period" },
  problems: ["unknown_tenant", "plan_not_found"],
  async run(call) {
    const found = await pathTenant(call);
    if (!found.ok) return found;
    const { services, nowMs, input } = call;
    const { tenantId, planRevision } = found.value.value;
    const plan = (await services.plans.plan(planRevision))?.value;
    if (plan === undefined) {
      return refuse({ code: "plan_not_found", detail: `No plan ${planRevision}` });
    }
    const periodId = input.period_id ?? periodAt(nowMs, plan.interval).periodId;
    const items = await services.billing.store.adjustments(tenantId, periodId);
    return accept({ body: { period_id: periodId, items: toJson(items) } });
  },
});

export const addAdjustment = operation({
  id: "adjustMoney",
  method: "POST",
  path: "/operator/v1/tenants/{tenant}/adjustments",
  tag: "Money",
  summary: "Add (positive) or forgive (negative) money in a period that is not closed",
  description: "A line of its own on the statement and on Stripe's invoice. Beyond 100,000 minor " +
    "units by one person within 24 hours, credits included, it stays `pending`, and holds the " +
    "close of its period, until somebody else approves it. Choose `adjustment_id` to make a repeated request one adjustment.",
  input: z.strictObject({
    amount_minor: Minor,
    note: z.string().max(2_000),
    period_id: PeriodId.optional(),
    adjustment_id: OwnId.optional(),
  }),
  answer: { status: 201, description: "`applied`" },
  waits: "`pending`: it waits for a second person, and bills nothing until then",
  problems: [
    "not_found",
    "invalid_amount",
    "invalid_note",
    "period_not_found",
    "period_closed",
    "period_closing",
    "conflict",
  ],
  async run({ services, act, operatorId, params, input }) {
    const { amount_minor, note, period_id, adjustment_id } = input;
    const adjusted = await adjustMoney(services.billing, {
      tenantId: params.tenant ?? "",
      amountMinor: BigInt(amount_minor),
      note,
      createdBy: operatorId,
      act,
      ...(period_id === undefined ? {} : { periodId: period_id }),
      ...(adjustment_id === undefined ? {} : { adjustmentId: adjustment_id }),
    });
    if (!adjusted.ok) return adjusted;
    return accept(waitingAnswer(toJson(adjusted.value), adjusted.value.state === "pending"));
  },
});

const DECISION_PROBLEMS = ["adjustment_not_found", "already_decided", "conflict"];

export const approveMoney = operation({
  id: "approveAdjustment",
  method: "POST",
  path: "/operator/v1/tenants/{tenant}/adjustments/{adjustment}/approve",
  tag: "Money",
  summary: "Agree to somebody else's adjustment; it counts from then on",
  input: NOTHING,
  answer: { status: 200, description: "Applied" },
  problems: [...DECISION_PROBLEMS, "same_person", "period_closed", "period_closing"],
  async run(call) {
    const approved = await approveAdjustment(call.services.billing, decisionOf(call));
    return approved.ok ? accept({ body: toJson(approved.value) }) : approved;
  },
});

export const refuseMoney = operation({
  id: "refuseAdjustment",
  method: "POST",
  path: "/operator/v1/tenants/{tenant}/adjustments/{adjustment}/refuse",
  tag: "Money",
  summary: "Refuse a pending adjustment",
  input: NOTHING,
  answer: { status: 200, description: "Refused; no money moves" },
  problems: DECISION_PROBLEMS,
  async run(call) {
    const refused = await refuseAdjustment(call.services.billing, decisionOf(call));
    return refused.ok ? accept({ body: toJson(refused.value) }) : refused;
  },
});

function decisionOf({ params, operatorId: approver, act }: OperatorCall<unknown>) {
  return {
    tenantId: params.tenant ?? "",
    adjustmentId: params.adjustment ?? "",
    approver,
    act,
  };
}

export const listCredits = operation({
  id: "listCredits",
  method: "GET",
  path: "/operator/v1/tenants/{tenant}/credits",
  tag: "Money",
  summary: "List prepaid and promotional credits, with what closed periods drew from them",
  description: "`proposals` are those that a second person has to agree to, or refused.",
  input: NOTHING,
  answer: { status: 200, description: "All credits" },
  problems: ["unknown_tenant"],
  async run(call) {
    const found = await pathTenant(call);
    if (!found.ok) return found;
    const { store } = call.services.billing;
    const { tenantId } = found.value.value;
    const [credits, proposals] = await Promise.all([
      store.credits(tenantId),
      store.creditProposals(tenantId),
    ]);
    const open = proposals.filter(({ state }) => state !== "granted");
    const items = credits.map(({ value }) => toJson(value));
    return accept({ body: { items, proposals: toJson(open) } });
  },
});

export const addCredit = operation({
  id: "grantCredit",
  method: "POST",
  path: "/operator/v1/tenants/{tenant}/credits",
  tag: "Money",
  summary: "Grant a credit that later usage draws from, here and at Stripe",
  description:
    "Beyond 100,000 minor units by one person within 24 hours, adjustments included, it " +
    "is a proposal that pays for nothing until somebody else approves it. Choose `credit_id` to " +
    "make a repeated request one credit.",
  input: z.strictObject({
    name: z.string().trim().min(1).max(100),
    category: z.enum(["paid", "promotional"]),
    amount_minor: Minor,
    expires_at: z.iso.datetime({ offset: true }).nullable().default(null),
    priority: z.int().min(0).max(100).optional(),
    credit_id: OwnId.optional(),
  }),
  answer: { status: 201, description: "Granted" },
  waits: "`pending`: a proposal that waits for a second person",
  problems: ["not_found", "invalid_amount", "invalid_expiry", "conflict"],
  async run({ services, act, params, input }) {
    const { name, category, amount_minor, expires_at, priority, credit_id } = input;
    const granted = await grantCredit(services.billing, {
      tenantId: params.tenant ?? "",
      name,
      category,
      amountMinor: BigInt(amount_minor),
      expiresAtMs: expires_at === null ? null : Date.parse(expires_at),
      act,
      ...(priority === undefined ? {} : { priority }),
      ...(credit_id === undefined ? {} : { creditId: credit_id }),
    });
    if (!granted.ok) return granted;
    const { value } = granted;
    if (value.state === "granted") {
      return accept({ body: toJson({ ...value.credit, state: "granted" }) });
    }
    return accept(waitingAnswer(toJson(value.proposal), value.state === "pending"));
  },
});

const CREDIT_DECISION_PROBLEMS = ["credit_not_found", "already_decided", "conflict"];

export const approveGrant = operation({
  id: "approveCredit",
  method: "POST",
  path: "/operator/v1/tenants/{tenant}/credits/{credit}/approve",
  tag: "Money",
  summary: "Agree to somebody else's credit; usage draws from it from then on",
  input: NOTHING,
  answer: { status: 200, description: "Granted" },
  problems: [...CREDIT_DECISION_PROBLEMS, "same_person", "invalid_expiry"],
  async run(call) {
    const approved = await approveCredit(call.services.billing, creditDecisionOf(call));
    if (!approved.ok) return approved;
    return accept({ body: toJson({ ...approved.value, state: "granted" }) });
  },
});

export const refuseGrant = operation({
  id: "refuseCredit",
  method: "POST",
  path: "/operator/v1/tenants/{tenant}/credits/{credit}/refuse",
  tag: "Money",
  summary: "Refuse a credit that waits",
  input: NOTHING,
  answer: { status: 200, description: "Refused; no money moves" },
  problems: CREDIT_DECISION_PROBLEMS,
  async run(call) {
    const refused = await refuseCredit(call.services.billing, creditDecisionOf(call));
    return refused.ok ? accept({ body: toJson(refused.value) }) : refused;
  },
});

function creditDecisionOf({ params, operatorId: approver, act }: OperatorCall<unknown>) {
  return { tenantId: params.tenant ?? "", creditId: params.credit ?? "", approver, act };
}
