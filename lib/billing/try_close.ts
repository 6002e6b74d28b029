import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import type { AuditLog } from "@/lib/ports/audit.ts";
import type { PeriodClose } from "@/lib/ports/money_ledger.ts";
import { type Act, auditDraft } from "@/lib/tenancy/act.ts";
import { closePeriod } from "./close_period.ts";
import type { BillingDeps } from "./deps.ts";
import { parsePeriodId } from "./period_bill.ts";
import { tenantWithPlan } from "./tenant_terms.ts";

/**
 * Tries the close of an ended period now, in place of waiting for the next run. Errors: `not_found`,
 * `period_not_found` (not a period's first day, or not over yet).
 */
export async function tryClose(
  deps: BillingDeps & { readonly audit: Pick<AuditLog, "append"> },
  { tenantId, periodId, act }: {
    readonly tenantId: string;
    readonly periodId: string;
    readonly act: Act;
  },
): Promise<Result<PeriodClose>> {
  const known = await tenantWithPlan(deps, tenantId);
  if (!known.ok) return known;
  const { tenant, interval } = known.value;
  const period = parsePeriodId(periodId, interval);
  const nowMs = deps.clock.nowMs();
  if (period === null || period.endMs > nowMs || period.endMs <= tenant.createdAtMs) {
    return refuse({ code: "period_not_found", detail: `No ended billing period ${periodId}` });
  }
  const before = (await deps.store.periodClose(tenantId, periodId))?.value;
  const after = await closePeriod(deps, { tenant, period });
  // What the close did is in its own row; this one says who wanted it tried.
  await deps.audit.append(auditDraft(act, {
    chain: tenantId,
    atMs: nowMs,
    action: "period.close_tried",
    subject: periodId,
    before,
    after,
  }));
  return accept(after);
}
