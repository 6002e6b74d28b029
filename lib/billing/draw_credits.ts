import type { BillingDeps } from "./deps.ts";
import type { PeriodBill } from "./period_bill.ts";

/** Notes what the period took from each credit; a repeated close writes the same draw. */
export async function drawCredits(
  deps: Pick<BillingDeps, "store">,
  tenantId: string,
  bill: PeriodBill,
): Promise<void> {
  const { periodId } = bill.period;
  const credits = await deps.store.credits(tenantId);
  for (const { creditId, amountMinor } of bill.statement.credits) {
    const credit = credits.find(({ value }) => value.creditId === creditId);
    if (credit === undefined) continue;
    const others = credit.value.draws.filter((draw) => draw.periodId !== periodId);
    const drawn = { ...credit.value, draws: [...others, { periodId, amountMinor }] };
    const written = await deps.store.putCredit(drawn, credit.versionstamp);
    if (!written.ok) throw new Error(`Credit ${creditId} is being changed by others`);
  }
}
