import type { BillingProvider } from "@/lib/ports/billing_provider.ts";
import type { BillingStore } from "@/lib/ports/billing_store.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import type { Ids } from "@/lib/ports/ids.ts";
import type { Logger } from "@/lib/ports/logger.ts";
import type { MeteringControl } from "@/lib/ports/metering_control.ts";
import type { PlanStore, TenantStore } from "@/lib/ports/tenancy.ts";
import type { UsageReader } from "@/lib/ports/usage.ts";

/** The effects that billing needs; each use case names the part that it uses. */
export interface BillingDeps {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly tenants: Pick<TenantStore, "tenant" | "tenants" | "putTenant">;
  readonly plans: Pick<PlanStore, "plan" | "plans">;
  readonly usage: Pick<
    UsageReader,
    "series" | "periodTotals" | "billableTotals" | "books" | "outbox"
  >;
  readonly metering: MeteringControl;
  readonly provider: BillingProvider;
  readonly store: BillingStore;
}
