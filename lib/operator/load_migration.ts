import type { MigrateModel, MigrationRow } from "@/components/operator/MigratePage.tsx";
import { previewPlanChange } from "@/lib/billing/change_plan.ts";
import { eachTenant } from "@/lib/catalog/each_tenant.ts";
import type { PlanVersion } from "@/lib/domain/plan.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
import type { Services } from "@/lib/services.ts";

type MigrationDeps = Pick<Services, "plans" | "tenants" | "billing">;

/** Moving waits for Stripe, tenant by tenant; more take another press of the button. */
const SHOWN = 20;

/**
 * Tenants on `from`, each with what the move makes of its bill so far; `null` where the plan has no
 * such version, or none that is published to move to.
 */
export async function loadMigration(
  deps: MigrationDeps,
  { planId, from }: { readonly planId: string; readonly from: string },
): Promise<MigrateModel | null> {
  const versions = await deps.plans.plans(planId);
  const to = versions.find(({ status }) => status === "published");
  const known = versions.some(({ planRevision }) => planRevision === from);
  if (to === undefined || !known) return null;
  const counts = await deps.tenants.planCounts();
  const waiting = from === to.planRevision ? 0 : counts.get(from) ?? 0;
  const found: Tenant[] = [];
  if (waiting > 0) {
    for await (const tenant of eachTenant(deps.tenants, { planRevision: from })) {
      if (tenant.status !== "closed") found.push(tenant);
      if (found.length === SHOWN) break;
    }
  }
  return {
    planId,
    from,
    to,
    rows: await Promise.all(found.map((tenant) => migrationRow(deps, { tenant, to }))),
    waiting,
    moved: counts.get(to.planRevision) ?? 0,
    choices: versions.flatMap(({ planRevision }) => {
      const tenants = counts.get(planRevision) ?? 0;
      return planRevision !== to.planRevision && (tenants > 0 || planRevision === from)
        ? [{ planRevision, tenants }]
        : [];
    }),
    outcomes: null,
  };
}

async function migrationRow(
  { billing }: MigrationDeps,
  { tenant, to }: { readonly tenant: Tenant; readonly to: PlanVersion },
): Promise<MigrationRow> {
  const { tenantId, name } = tenant;
  const { planRevision } = to;
  const preview = await previewPlanChange(billing, { tenantId, planRevision });
  if (!preview.ok) return { tenantId, name, bills: null, refusal: preview.error.detail };
  const { before, after } = preview.value;
  const bills = { beforeMinor: before.totalMinor, afterMinor: after.totalMinor };
  return { tenantId, name, bills, refusal: null };
}
