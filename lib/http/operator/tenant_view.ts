import { formatDecimal } from "@/lib/domain/money.ts";
import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
import type { Versioned } from "@/lib/ports/tenancy.ts";
import type { Services } from "@/lib/services.ts";
import { writeCondition } from "../conditional.ts";
import type { OperatorCall } from "./operation.ts";
import { toJsonObject } from "./to_json.ts";

/** A tenant as JSON; its budget is decimal text in the plan's currency. */
export function tenantBody({ budget, ...tenant }: Tenant, currency: string | null) {
  return {
    ...toJsonObject(tenant),
    budget: budget === null || currency === null
      ? null
      : { amount: formatDecimal(budget.amount, currency), currency, stop: budget.stop },
  };
}

export async function tenantAnswer(services: Services, tenant: Tenant) {
  return { body: tenantBody(tenant, await currencyOf(services, tenant)) };
}

/** `null` for a plan that is gone. */
export async function currencyOf(
  { plans }: Pick<Services, "plans">,
  { planRevision }: Pick<Tenant, "planRevision">,
): Promise<string | null> {
  return (await plans.plan(planRevision))?.value.currency ?? null;
}

/** The tenant that the path names. Error: `unknown_tenant`. */
export async function pathTenant(
  { services, params }: OperatorCall<unknown>,
): Promise<Result<Versioned<Tenant>>> {
  const tenantId = params.tenant ?? "";
  const found = await services.tenants.tenant(tenantId);
  if (found !== null) return accept(found);
  return refuse({ code: "unknown_tenant", detail: `There is no tenant ${tenantId}` });
}

/** Which version an edit is for, from `If-Match`. Error: `precondition_failed`. */
export function pathEdit(
  { req, params }: OperatorCall<unknown>,
): Result<{ readonly tenantId: string; readonly versionstamp?: string }> {
  const tenantId = params.tenant ?? "";
  const condition = writeCondition(req);
  if (!condition.ok) return condition;
  if (condition.value === null) {
    const detail = "A tenant is created by POST; send If-Match with its entity tag, or nothing";
    return refuse({ code: "precondition_failed", detail });
  }
  return accept(
    condition.value === undefined ? { tenantId } : { tenantId, versionstamp: condition.value },
  );
}
