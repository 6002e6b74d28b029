import type { InvoicesModel } from "@/components/portal/InvoicesPage.tsx";
import { billPeriod } from "@/lib/billing/period_bill.ts";
import { type BillingPeriod, periodAt, shiftPeriod } from "@/lib/domain/period.ts";
import type { PlanVersion } from "@/lib/domain/plan.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
import type { PortalDeps } from "./deps.ts";

/** Statements listed: a year and the running period. */
const PERIODS_MAX = 13;
const INVOICES_MAX = 24;

export async function loadInvoices(
  deps: Pick<PortalDeps, "clock" | "usage" | "plans" | "store" | "provider" | "logger">,
  { tenant, plan }: { readonly tenant: Tenant; readonly plan: PlanVersion },
): Promise<InvoicesModel> {
  const nowMs = deps.clock.nowMs();
  const [periods, asked] = await Promise.all([
    Promise.all(
      recentPeriods(tenant, plan, nowMs).map(async (period) => {
        const bill = await billPeriod(deps, { tenant, period });
        return bill.ok
          ? [{
            ...period,
            open: nowMs < period.endMs,
            totalMinor: bill.value.statement.totalMinor,
            currency: bill.value.statement.currency,
          }]
          : [];
      }),
    ),
    askInvoices(deps, tenant),
  ]);
  return {
    periods: periods.flat(),
    invoices: asked.invoices,
    isUnavailable: asked.isUnavailable,
    hasBillingPortal: tenant.stripeCustomerId !== null,
  };
}

function recentPeriods(
  tenant: Tenant,
  plan: PlanVersion,
  nowMs: number,
): readonly BillingPeriod[] {
  const current = periodAt(nowMs, plan.interval);
  return Array.from(
    { length: PERIODS_MAX },
    (_, back) => shiftPeriod(current, -back, plan.interval),
  ).filter((period) => period.endMs > tenant.createdAtMs);
}

/** The provider may be away: the page shows our own books all the same. */
async function askInvoices(
  { provider, logger }: Pick<PortalDeps, "provider" | "logger">,
  { tenantId, stripeCustomerId }: Tenant,
): Promise<Pick<InvoicesModel, "invoices" | "isUnavailable">> {
  if (stripeCustomerId === null) return { invoices: [], isUnavailable: false };
  try {
    const invoices = await provider.invoices({ stripeCustomerId, limit: INVOICES_MAX });
    return { invoices, isUnavailable: false };
  } catch (error) {
    logger.warn("invoices_unavailable", { tenantId, error: String(error) });
    return {
      invoices: [],
      isUnavailable: true,
    };
  }
}
