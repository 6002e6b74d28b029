import { type BillingPeriod, shiftPeriod } from "@/lib/domain/period.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
import type { ProviderInvoice } from "@/lib/ports/billing_provider.ts";
import type { PeriodClose } from "@/lib/ports/money_ledger.ts";
import type { Versioned } from "@/lib/ports/tenancy.ts";
import { beginClose } from "./closing.ts";
import type { BillingDeps } from "./deps.ts";
import { compareAmounts, makeUp, type MeterAmounts } from "./make_up.ts";
import { billPeriod, type PeriodBill } from "./period_bill.ts";

/** Periods that a tenant can have used before its subscription began and still be billed. */
const PERIODS_BACK = 12;

/** A period that no invoice of the subscription covers; nothing joins it while this stands. */
export interface EarlierPeriod {
  readonly row: Versioned<PeriodClose>;
  readonly bill: PeriodBill;
}

interface EarlierOn {
  readonly tenantId: string;
  readonly invoice: ProviderInvoice;
  readonly taken: readonly EarlierPeriod[];
}

/**
 * Takes the periods before `period` that have usage and no invoice: what a tenant used before it had
 * a subscription. Its units waited, and Stripe took them without billing them. `null`: one of them is
 * being closed by another attempt.
 */
export async function takeEarlier(
  deps: BillingDeps,
  { tenant, period, interval, isInvoiced }: {
    readonly tenant: Tenant;
    readonly period: BillingPeriod;
    readonly interval: "month" | "year";
    readonly isInvoiced: (period: BillingPeriod) => Promise<boolean>;
  },
): Promise<readonly EarlierPeriod[] | null> {
  const { tenantId, createdAtMs } = tenant;
  const taken: EarlierPeriod[] = [];
  let earlier = shiftPeriod(period, -1, interval);
  for (let back = 0; back < PERIODS_BACK && earlier.endMs > createdAtMs; back++) {
    const { periodId } = earlier;
    const close = await deps.store.periodClose(tenantId, periodId);
    if (close?.value.state === "finalized" || await isInvoiced(earlier)) break;
    const bill = await billPeriod(deps, { tenant, period: earlier });
    if (bill.ok && [...bill.value.units.values()].some((units) => units > 0n)) {
      const row = await beginClose(deps, { tenantId, periodId });
      if (row === null) {
        await giveBack(deps, taken);
        return null;
      }
      taken.push({ row, bill: bill.value });
    }
    earlier = shiftPeriod(earlier, -1, interval);
  }
  return taken;
}

/** Puts their usage on the draft, at our own rating; fees began with the subscription. */
export async function billEarlier(
  deps: Pick<BillingDeps, "provider">,
  { tenantId, invoice, taken }: EarlierOn,
): Promise<readonly MeterAmounts[]> {
  const left: MeterAmounts[] = [];
  for (const { bill } of taken) {
    const billed = { tenantId, bill: { ...bill, moved: true }, invoice };
    const amounts = usedOf(bill, await compareAmounts(deps, billed));
    left.push(...usedOf(bill, await makeUp(deps, { ...billed, amounts })));
  }
  return left;
}

/** Those of them whose usage is on the invoice. */
export async function billedOn(
  deps: Pick<BillingDeps, "provider">,
  { tenantId, invoice, taken }: EarlierOn,
): Promise<readonly EarlierPeriod[]> {
  const found: EarlierPeriod[] = [];
  for (const one of taken) {
    const { bill } = one;
    const billed = { tenantId, bill: { ...bill, moved: true }, invoice };
    if (usedOf(bill, await compareAmounts(deps, billed)).length === 0) found.push(one);
  }
  return found;
}

function usedOf({ units }: PeriodBill, amounts: readonly MeterAmounts[]): readonly MeterAmounts[] {
  return amounts.filter(({ meter }) => (units.get(meter) ?? 0n) > 0n);
}

/** The invoice is final, and these are with it. */
export async function endEarlier(
  { store, clock }: Pick<BillingDeps, "store" | "clock">,
  { invoiceId, period, taken }: {
    readonly invoiceId: string;
    readonly period: BillingPeriod;
    readonly taken: readonly EarlierPeriod[];
  },
): Promise<void> {
  const detail = `Used before the subscription began; billed with ${period.periodId}`;
  for (const { row } of taken) {
    await store.putPeriodClose({
      ...row.value,
      state: "finalized",
      invoiceId,
      reasons: [{ code: "billed_later", detail }],
      updatedAtMs: clock.nowMs(),
      closingSinceMs: null,
    }, row.versionstamp);
  }
}

/** Not billed after all: they wait for the next attempt. */
export async function giveBack(
  { store }: Pick<BillingDeps, "store">,
  taken: readonly EarlierPeriod[],
): Promise<void> {
  for (const { row } of taken) {
    await store.putPeriodClose({ ...row.value, closingSinceMs: null }, row.versionstamp);
  }
}
