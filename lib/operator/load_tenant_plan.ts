import type { TenantPlanModel } from "@/components/operator/TenantPlanPage.tsx";
import { previewPlanChange } from "@/lib/billing/change_plan.ts";
import type { Services } from "@/lib/services.ts";
import type { TenantTerms } from "./load_tenant.ts";

export async function loadTenantPlan(
  { plans, billing }: Pick<Services, "plans" | "billing">,
  { tenant, plan: current }: TenantTerms,
  chosen: string | null,
): Promise<TenantPlanModel> {
  const choices = (await plans.plans()).filter((plan) =>
    plan.status === "published" && plan.planRevision !== current.planRevision &&
    plan.currency === current.currency && plan.interval === current.interval
  );
  const move = (await billing.store.planMove(tenant.tenantId))?.value ?? null;
  const shown = { current, choices, chosen, move };
  if (chosen === null) return { ...shown, preview: null, refusal: null };
  const preview = await previewPlanChange(billing, {
    tenantId: tenant.tenantId,
    planRevision: chosen,
  });
  return preview.ok
    ? { ...shown, preview: preview.value, refusal: null }
    : { ...shown, preview: null, refusal: preview.error.detail };
}
