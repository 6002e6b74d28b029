import type { BillingProvider } from "@/lib/ports/billing_provider.ts";
import type { DryRunStore } from "@/lib/ports/catalog.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import type { Ids } from "@/lib/ports/ids.ts";
import type { PlanStore, TenantStore } from "@/lib/ports/tenancy.ts";
import type { UsageReader } from "@/lib/ports/usage.ts";

/** The effects that the catalog needs. */
export interface CatalogDeps {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly plans: PlanStore;
  readonly dryRuns: DryRunStore;
  readonly tenants: Pick<TenantStore, "tenant" | "tenants">;
  readonly usage: Pick<UsageReader, "periodTotals">;
  readonly provider: Pick<BillingProvider, "checkPlan" | "ensurePlan">;
}
