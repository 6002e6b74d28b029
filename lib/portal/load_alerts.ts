import type { AlertsModel } from "@/components/portal/AlertsPage.tsx";
import { billPeriod } from "@/lib/billing/period_bill.ts";
import { periodAt } from "@/lib/domain/period.ts";
import type { PlanVersion } from "@/lib/domain/plan.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
import type { Versioned } from "@/lib/ports/tenancy.ts";
import type { PortalDeps } from "./deps.ts";

const ALERTS_MAX = 50;

export async function loadAlerts(
  deps: Pick<PortalDeps, "clock" | "usage" | "plans" | "store">,
  { tenant, plan, errors }: {
    readonly tenant: Versioned<Tenant>;
    readonly plan: PlanVersion;
    readonly errors: Readonly<Record<string, string>>;
  },
): Promise<AlertsModel> {
  const { tenantId, budget } = tenant.value;
  const period = periodAt(deps.clock.nowMs(), plan.interval);
  const [bill, settings, fired] = await Promise.all([
    billPeriod(deps, { tenant: tenant.value, period }),
    deps.store.alertSettings(tenantId),
    deps.store.alerts(tenantId, ALERTS_MAX),
  ]);
  return {
    currency: plan.currency,
    spentMinor: bill.ok ? bill.value.statement.totalMinor : 0n,
    budget,
    alerts: {
      emails: settings?.emails ?? [],
      webhookUrl: settings?.webhookUrl ?? null,
    },
    webhookSecret: settings?.webhookUrl === null ? null : settings?.webhookSecret ?? null,
    errors,
    fired,
    version: tenant.versionstamp,
  };
}
