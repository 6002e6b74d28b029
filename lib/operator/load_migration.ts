import type { MigrateModel } from "@/components/operator/MigratePage.tsx";
import { eachTenant } from "@/lib/catalog/each_tenant.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
import type { Services } from "@/lib/services.ts";

/** Moving waits for Stripe, tenant by tenant; more take another press of the button. */
const SHOWN = 50;

/** Tenants on `from`, to be moved to the plan's published version; `null` without one. */
export async function loadMigration(
  { plans, tenants }: Pick<Services, "plans" | "tenants">,
  { planId, from }: { readonly planId: string; readonly from: string },
): Promise<MigrateModel | null> {
  const to = (await plans.plans(planId)).find(({ status }) => status === "published");
  if (to === undefined) return null;
  const found: Tenant[] = [];
  for await (const tenant of eachTenant(tenants, { planRevision: from })) {
    if (tenant.status === "closed") continue;
    found.push(tenant);
    if (found.length > SHOWN) break;
  }
  return {
    planId,
    from,
    to,
    tenants: found.slice(0, SHOWN),
    more: found.length > SHOWN,
    outcomes: null,
  };
}
