import { z } from "zod";
import { changePlan, previewPlanChange } from "@/lib/billing/change_plan.ts";
import { isMeterName } from "@/lib/domain/meter.ts";
import { parseMoney } from "@/lib/domain/money.ts";
import { accept, refuse } from "@/lib/domain/result.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
import { changeBudget, changeOverrides } from "@/lib/tenancy/tenants.ts";
import { operation } from "./operation.ts";
import { statementBody } from "./statement_view.ts";
import { currencyOf, pathEdit, pathTenant, tenantAnswer } from "./tenant_view.ts";
import { toJson } from "./to_json.ts";

const EDIT_PROBLEMS = ["unknown_tenant", "conflict", "precondition_failed"];
const MOVE_PROBLEMS = [
  "not_found",
  "plan_not_found",
  "not_published",
  "tenant_closed",
  "currency_changed",
  "interval_changed",
  "conflict",
];

const OverridesSchema = z.strictObject({
  requests_per_second: z.int().min(1).max(1_000_000).optional(),
  burst: z.int().min(1).max(1_000_000).optional(),
  features: z.record(z.string().regex(/^[a-z][a-z0-9_]*(:[a-z0-9_]+)*$/).max(60), z.boolean())
    .optional(),
  quotas: z.record(
    z.string().refine(isMeterName, { error: "Not a meter name" }),
    z.strictObject({
      units: z.int().min(0).max(Number.MAX_SAFE_INTEGER),
      enforcement: z.enum(["soft", "hard"]),
    }),
  ).optional(),
});
const PreviewSchema = z.strictObject({ plan_revision: z.string().max(100) });
const MoveSchema = PreviewSchema.extend({ from: z.string().max(100).optional() });

export const setOverrides = operation({
  id: "setTenantOverrides",
  method: "PUT",
  path: "/operator/v1/tenants/{tenant}/overrides",
  tag: "Tenant terms",
  summary: "Replace the tenant's exceptions to its plan: rate, burst, features, quotas",
  description:
    "All of them: what is left out falls back to the plan. A feature set to `false` is " +
    "taken away.",
  input: OverridesSchema,
  answer: { status: 200, description: "In force from the next call on" },
  problems: [...EDIT_PROBLEMS, "invalid_limits"],
  async run(call) {
    const edit = pathEdit(call);
    if (!edit.ok) return edit;
    const { services, act, input } = call;
    const overrides = toOverrides(input);
    const changed = await changeOverrides({ ...edit.value, overrides }, { deps: services, act });
    return changed.ok ? accept(await tenantAnswer(services, changed.value)) : changed;
  },
});

export const setBudget = operation({
  id: "setTenantBudget",
  method: "PUT",
  path: "/operator/v1/tenants/{tenant}/budget",
  tag: "Tenant terms",
  summary: "Set or take away the budget of a billing period",
  input: z.strictObject({
    budget: z.strictObject({ amount: z.string().max(40), stop: z.boolean() }).nullable(),
  }),
  answer: { status: 200, description: "In force from the next call on" },
  problems: [...EDIT_PROBLEMS, "invalid_amount", "too_many_decimals", "amount_too_large"],
  async run(call) {
    const edit = pathEdit(call);
    if (!edit.ok) return edit;
    const found = await pathTenant(call);
    if (!found.ok) return found;
    const { services, act, input: { budget } } = call;
    const currency = await currencyOf(services, found.value.value);
    if (currency === null) {
      return refuse({ code: "plan_not_found", detail: "The tenant's plan is gone" });
    }
    const amount = parseMoney(budget?.amount ?? "0", currency);
    if (!amount.ok) return refuse({ ...amount.error, pointer: "/budget/amount" });
    const changed = await changeBudget({
      ...edit.value,
      budget: budget === null ? null : { amount: amount.value, stop: budget.stop },
    }, { deps: services, act });
    return changed.ok ? accept(await tenantAnswer(services, changed.value)) : changed;
  },
});

export const previewPlan = operation({
  id: "previewTenantPlan",
  method: "POST",
  path: "/operator/v1/tenants/{tenant}/plan/preview",
  tag: "Tenant terms",
  summary: "Preview what moving to another plan version changes and costs",
  input: PreviewSchema,
  answer: { status: 200, description: "Nothing is changed" },
  problems: MOVE_PROBLEMS,
  async run({ services, params, input: { plan_revision: planRevision } }) {
    const tenantId = params.tenant ?? "";
    const preview = await previewPlanChange(services.billing, { tenantId, planRevision });
    if (!preview.ok) return preview;
    const { from, to, changes, proration, before, after } = preview.value;
    return accept({
      body: {
        from: from.planRevision,
        to: to.planRevision,
        changes: toJson(changes),
        proration: toJson(proration),
        before: statementBody(before),
        after: statementBody(after),
      },
    });
  },
});

export const setPlan = operation({
  id: "setTenantPlan",
  method: "PUT",
  path: "/operator/v1/tenants/{tenant}/plan",
  tag: "Tenant terms",
  summary: "Move the tenant to another published plan version, now",
  description:
    "`from` is the version that the preview spoke of: a tenant that somebody else has moved in " +
    "between stays where it is, with `conflict`. What was used so far must be at Stripe first; " +
    "repeat the call after `units_outstanding`. `prices_since` of the answer is the minute from " +
    "which on Stripe bills the new version; null: it has yet to follow, which it does by itself.",
  input: MoveSchema,
  answer: { status: 200, description: "Moved; calls are priced by the new version from now on" },
  problems: [...MOVE_PROBLEMS, "units_outstanding"],
  async run({ services, act, params, input: { plan_revision: planRevision, from } }) {
    const move = { tenantId: params.tenant ?? "", planRevision, act };
    const moved = await changePlan(services.billing, from === undefined ? move : { ...move, from });
    return moved.ok ? accept(await tenantAnswer(services, moved.value)) : moved;
  },
});

function toOverrides(input: z.output<typeof OverridesSchema>): Tenant["overrides"] {
  const { requests_per_second, burst, features, quotas } = input;
  return {
    ...(requests_per_second === undefined ? {} : { requestsPerSecond: requests_per_second }),
    ...(burst === undefined ? {} : { burst }),
    ...(features === undefined ? {} : { features }),
    ...(quotas === undefined ? {} : {
      quotas: Object.fromEntries(
        Object.entries(quotas).map(([meter, { units, enforcement }]) => [
          meter,
          { units: BigInt(units), enforcement },
        ]),
      ),
    }),
  };
}
