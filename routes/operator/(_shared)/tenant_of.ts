import { HttpError } from "fresh";
import type { TenantFrame } from "@/components/operator/TenantPage.tsx";
import type { PlanVersion } from "@/lib/domain/plan.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
import type { Versioned } from "@/lib/ports/tenancy.ts";
import type { OperatorState } from "./operator_state.ts";

export interface OpenTenant {
  readonly tenantId: string;
  readonly tenant: Versioned<Tenant>;
  readonly plan: PlanVersion;
  /** What the heading and the tabs of its pages show. */
  readonly head: TenantFrame;
}

/** The tenant that the path names; 404 when there is none. */
export async function tenantOf(
  { params, state }: { params: Record<string, string>; state: OperatorState },
): Promise<OpenTenant> {
  const { tenants, plans } = state.services;
  const tenant = await tenants.tenant(params["tenant"] ?? "");
  const plan = tenant === null ? null : await plans.plan(tenant.value.planRevision);
  if (tenant === null || plan === null) throw new HttpError(404);
  const { tenantId, name, status } = tenant.value;
  state.title = name;
  return { tenantId, tenant, plan: plan.value, head: { tenantId, name, status } };
}
