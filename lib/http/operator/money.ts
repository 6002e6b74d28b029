import { z } from "zod";
import { adjustMoney, grantCredit } from "@/lib/billing/adjust.ts";
import { periodAt } from "@/lib/domain/period.ts";
import { accept, refuse } from "@/lib/domain/result.ts";
import { NOTHING, operation } from "./operation.ts";
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
  description: "A line of its own on the statement and on Stripe's invoice. Choose " +
    "`adjustment_id` to make a repeated request one adjustment.",
  input: z.strictObject({
    amount_minor: Minor,
    note: z.string().max(2_000),
    period_id: PeriodId.optional(),
    adjustment_id: OwnId.optional(),
  }),
  answer: { status: 201, description: "Adjusted" },
  problems: [
    "not_found",
    "invalid_amount",
    "invalid_note",
    "period_not_found",
    "period_closed",
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
    return adjusted.ok ? accept({ body: toJson(adjusted.value) }) : adjusted;
  },
});

export const listCredits = operation({
  id: "listCredits",
  method: "GET",
  path: "/operator/v1/tenants/{tenant}/credits",
  tag: "Money",
  summary: "List prepaid and promotional credits, with what closed periods drew from them",
  input: NOTHING,
  answer: { status: 200, description: "All credits" },
  problems: ["unknown_tenant"],
  async run(call) {
    const found = await pathTenant(call);
    if (!found.ok) return found;
    const credits = await call.services.billing.store.credits(found.value.value.tenantId);
    return accept({ body: { items: credits.map(({ value }) => toJson(value)) } });
  },
});

export const addCredit = operation({
  id: "grantCredit",
  method: "POST",
  path: "/operator/v1/tenants/{tenant}/credits",
  tag: "Money",
  summary: "Grant a credit that later usage draws from, here and at Stripe",
  description: "Choose `credit_id` to make a repeated request one credit.",
  input: z.strictObject({
    name: z.string().trim().min(1).max(100),
    category: z.enum(["paid", "promotional"]),
    amount_minor: Minor,
    expires_at: z.iso.datetime({ offset: true }).nullable().default(null),
    priority: z.int().min(0).max(100).optional(),
    credit_id: OwnId.optional(),
  }),
  answer: { status: 201, description: "Granted" },
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
    return granted.ok ? accept({ body: toJson(granted.value) }) : granted;
  },
});
