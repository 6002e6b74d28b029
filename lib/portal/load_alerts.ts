import type { AlertsModel } from "@/components/portal/AlertsPage.tsx";
import { billPeriod } from "@/lib/billing/period_bill.ts";
import { periodAt } from "@/lib/domain/period.ts";
import type { PlanVersion } from "@/lib/domain/plan.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
import type { Versioned } from "@/lib/ports/tenancy.ts";
import { type AlertDraft, alertDraftOf } from "./alert_form.ts";
import { type BudgetDraft, budgetDraftOf } from "./budget_form.ts";
import type { PortalDeps } from "./deps.ts";

const ALERTS_MAX = 50;

/** A form that was not saved: as typed, and why. */
export interface Refused<Draft> {
  readonly draft: Draft;
  readonly errors: Readonly<Record<string, string>>;
  /** Somebody else saved in between: what is shown beside the draft is theirs. */
  readonly isConflict: boolean;
}

export async function loadAlerts(
  deps: Pick<PortalDeps, "clock" | "usage" | "plans" | "store">,
  { tenant, plan, budget: refusedBudget = null, alerts: refusedAlerts = null }: {
    readonly tenant: Versioned<Tenant>;
    readonly plan: PlanVersion;
    readonly budget?: Refused<BudgetDraft> | null;
    readonly alerts?: Refused<AlertDraft> | null;
  },
): Promise<AlertsModel> {
  const { tenantId, budget } = tenant.value;
  const { currency } = plan;
  const period = periodAt(deps.clock.nowMs(), plan.interval);
  const [bill, settings, fired] = await Promise.all([
    billPeriod(deps, { tenant: tenant.value, period }),
    deps.store.alertSettings(tenantId),
    deps.store.alerts(tenantId, ALERTS_MAX),
  ]);
  const stored = alertDraftOf(settings?.value ?? null);
  return {
    currency,
    spentMinor: bill.ok ? bill.value.statement.totalMinor : 0n,
    budget,
    budgetForm: {
      draft: refusedBudget?.draft ?? budgetDraftOf(budget, currency),
      errors: refusedBudget?.errors ?? {},
      isConflict: refusedBudget?.isConflict ?? false,
      version: tenant.versionstamp,
    },
    alertForm: {
      draft: refusedAlerts?.draft ?? stored,
      errors: refusedAlerts?.errors ?? {},
      conflict: refusedAlerts?.isConflict === true ? stored : null,
      version: settings?.versionstamp ?? "",
    },
    webhookSecret: settings?.value.webhookSecret ?? null,
    fired,
  };
}
