import type { Cursors } from "@/lib/auth/cursors.ts";
import type { BillingDeps } from "@/lib/billing/deps.ts";
import type { AuditLog } from "@/lib/ports/audit.ts";
import type { PlanStore, TenantStore } from "@/lib/ports/tenancy.ts";
import type { TrafficStore } from "@/lib/ports/traffic.ts";

/** The effects behind the tenant portal's pages; each loader names the part that it uses. */
export interface PortalDeps extends Omit<BillingDeps, "tenants" | "plans"> {
  readonly tenants: TenantStore;
  readonly plans: PlanStore;
  readonly traffic: TrafficStore;
  readonly audit: AuditLog;
  readonly cursors: Cursors;
}
