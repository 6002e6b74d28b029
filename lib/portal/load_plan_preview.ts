import type { PlanPreviewModel } from "@/components/portal/PlanPage.tsx";
import { previewPlanChange } from "@/lib/billing/change_plan.ts";
import type { PlanVersion } from "@/lib/domain/plan.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
import type { PortalDeps } from "./deps.ts";
import { newestPublished } from "./load_plan.ts";

/** `null` for a plan that is not offered to this tenant, whether it exists or not. */
export async function loadPlanPreview(
  deps: Pick<
    PortalDeps,
    "clock" | "tenants" | "plans" | "usage" | "provider" | "store"
  >,
  { tenant, planRevision }: {
    readonly tenant: Tenant;
    readonly plan: PlanVersion;
    readonly planRevision: string;
  },
): Promise<PlanPreviewModel | null> {
  const offered = newestPublished(await deps.plans.plans());
  if (!offered.some((plan) => plan.planRevision === planRevision)) return null;
  const { tenantId } = tenant;
  const preview = await previewPlanChange(deps, { tenantId, planRevision });
  if (!preview.ok) return null;
  const { from, to, proration, before, after } = preview.value;
  return {
    from,
    to,
    proration,
    before,
    after,
    losses: [
      ...from.features.filter((feature) => !to.features.includes(feature)),
      ...from.meters.filter(({ meter }) => !to.meters.some((other) => other.meter === meter))
        .map(({ meter }) => meter),
    ],
  };
}
