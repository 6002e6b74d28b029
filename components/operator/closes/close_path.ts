import type { PeriodClose } from "@/lib/ports/money_ledger.ts";

/** All closes of billing periods. */
export const CLOSES_PATH = "/operator/closes";

/** The page of one of them. */
export function closePath(
  { tenantId, periodId }: Pick<PeriodClose, "tenantId" | "periodId">,
): string {
  return `${CLOSES_PATH}/${encodeURIComponent(tenantId)}/${encodeURIComponent(periodId)}`;
}
