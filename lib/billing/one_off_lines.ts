import type { StatementLine } from "@/lib/domain/statement.ts";
import type { ProviderInvoice } from "@/lib/ports/billing_provider.ts";
import type { BillingDeps } from "./deps.ts";
import type { PeriodBill } from "./period_bill.ts";

/** Commitment top-up and adjustments are ours to add; their keys make each happen once. */
export async function addOneOffLines(
  deps: Pick<BillingDeps, "provider">,
  { tenantId, invoice, bill }: {
    readonly tenantId: string;
    readonly invoice: Pick<ProviderInvoice, "invoiceId" | "stripeCustomerId">;
    readonly bill: PeriodBill;
  },
): Promise<void> {
  const oneOff = bill.statement.lines.filter(isOneOff);
  for (const line of oneOff) {
    await deps.provider.ensureInvoiceItem({
      key: `${tenantId}:${bill.period.periodId}:${line.lineId}`,
      stripeCustomerId: invoice.stripeCustomerId,
      invoiceId: invoice.invoiceId,
      currency: bill.statement.currency,
      amountMinor: line.amountMinor,
      description: line.note ?? "Minimum commitment",
    });
  }
}

function isOneOff(line: StatementLine): boolean {
  return line.kind === "minimum_commitment" || line.kind === "adjustment";
}
