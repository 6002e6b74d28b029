import { type BillingPeriod, periodAt } from "@/lib/domain/period.ts";
import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import type { Statement } from "@/lib/domain/statement.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
import type { CloseState } from "@/lib/ports/money_ledger.ts";
import type { BillingDeps } from "./deps.ts";
import { billPeriod, parsePeriodId, type PeriodBill, type PeriodBillDeps } from "./period_bill.ts";

export type StatementDeps = PeriodBillDeps & Pick<BillingDeps, "clock" | "tenants">;

/** A tenant's bill of one period as data, for a page, CSV or print. */
export interface InvoiceStatement {
  readonly tenant: Tenant;
  readonly period: BillingPeriod;
  readonly planName: string;
  readonly statement: Statement;
  /** `open` while the period lasts, then how far its close has come. */
  readonly state: "open" | CloseState;
  readonly invoiceId: string | null;
  readonly asOfMs: number;
}

/**
 * The statement of a period, the one under way when `periodId` is absent. Errors: `not_found`,
 * `period_not_found` (not a period's first day, in the future, or before the tenant joined).
 */
export async function invoiceStatement(
  deps: StatementDeps,
  query: { readonly tenantId: string; readonly periodId?: string },
): Promise<Result<InvoiceStatement>> {
  const found = await findPeriodBill(deps, query);
  if (!found.ok) return found;
  const { tenant, bill } = found.value;
  const asOfMs = deps.clock.nowMs();
  const close = (await deps.store.periodClose(tenant.tenantId, bill.period.periodId))?.value;
  return accept({
    tenant,
    period: bill.period,
    planName: bill.plan.name,
    statement: bill.statement,
    state: asOfMs < bill.period.endMs ? "open" : close?.state ?? "waiting",
    invoiceId: close?.invoiceId ?? null,
    asOfMs,
  });
}

/** Loads tenant and period and prices it; shared by all read models of a bill. */
export async function findPeriodBill(
  deps: StatementDeps,
  { tenantId, periodId }: { readonly tenantId: string; readonly periodId?: string },
): Promise<Result<{ readonly tenant: Tenant; readonly bill: PeriodBill }>> {
  const tenant = (await deps.tenants.tenant(tenantId))?.value;
  if (tenant === undefined) return refuse({ code: "not_found", detail: `No tenant ${tenantId}` });
  const plan = (await deps.plans.plan(tenant.planRevision))?.value;
  const interval = plan?.interval ?? "month";
  const current = periodAt(deps.clock.nowMs(), interval);
  const period = periodId === undefined ? current : parsePeriodId(periodId, interval);
  if (period === null || period.startMs > current.startMs || period.endMs <= tenant.createdAtMs) {
    const detail = `There is no billing period ${periodId}`;
    return refuse({ code: "period_not_found", detail });
  }
  const bill = await billPeriod(deps, { tenant, period });
  return bill.ok ? accept({ tenant, bill: bill.value }) : bill;
}
