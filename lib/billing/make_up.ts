import type { MeterName } from "@/lib/domain/plan.ts";
import type { ProviderInvoice } from "@/lib/ports/billing_provider.ts";
import type { BillingDeps } from "./deps.ts";
import type { PeriodBill } from "./period_bill.ts";

/** Usage of one meter in a period, where the two sides differ. Minor units. */
export interface MeterAmounts {
  readonly meter: MeterName;
  readonly oursMinor: bigint;
  readonly theirsMinor: bigint;
  /** Lines that made up for a difference already; part of `theirsMinor`. */
  readonly madeUp: number;
}

interface Billed {
  readonly tenantId: string;
  readonly bill: PeriodBill;
  /** As Stripe has it now. */
  readonly invoice: ProviderInvoice;
}

/** Newest invoices that are looked at for usage of the period, besides the one that closes it. */
const INVOICES_READ = 20;

/** Meters whose usage Stripe bills at another amount than we, to the minor unit. */
export async function compareAmounts(
  deps: Pick<BillingDeps, "provider">,
  { tenantId, bill, invoice }: Billed,
): Promise<readonly MeterAmounts[]> {
  const invoices = bill.moved ? await invoicesOf(deps, { bill, invoice }) : [invoice];
  const ours = new Map<MeterName, bigint>();
  for (const { kind, meter, amountMinor } of bill.statement.lines) {
    if (kind === "usage" && meter !== null) ours.set(meter, (ours.get(meter) ?? 0n) + amountMinor);
  }
  const lines = invoices.flatMap((one) => one.lines);
  // A meter of which everything was corrected away has no line of ours, and may have one at Stripe.
  const meters = new Set([...ours.keys(), ...lines.flatMap(({ meter }) => meter ?? [])]);
  return [...meters].flatMap((meter) => {
    const oursMinor = ours.get(meter) ?? 0n;
    const made = lines.filter(({ key }) => key?.startsWith(keyOf({ tenantId, bill, meter })));
    const theirsMinor = [...lines.filter((line) => line.meter === meter), ...made]
      .reduce((sum, line) => sum + line.amountMinor, 0n);
    return theirsMinor === oursMinor
      ? []
      : [{ meter, oursMinor, theirsMinor, madeUp: made.length }];
  });
}

/**
 * After a move. Stripe prices a unit by when it reached which price, we by the version that it was
 * used under. The two part for units that their version's price at Stripe could not reach: of a
 * version that was left or had yet to come, corrected or found late, and for two runs of one version.
 *
 * Adds to the draft what Stripe's usage lines lack, or takes off what they have too much. Each line
 * has a key with a number of its own, found before it is made: a run that was cut off adds none twice.
 * Returns what differs afterwards.
 */
export async function makeUp(
  deps: Pick<BillingDeps, "provider">,
  { tenantId, bill, invoice, amounts }: Billed & { readonly amounts: readonly MeterAmounts[] },
): Promise<readonly MeterAmounts[]> {
  if (amounts.length === 0) return [];
  for (const { meter, oursMinor, theirsMinor, madeUp } of amounts) {
    await deps.provider.ensureInvoiceItem({
      key: `${keyOf({ tenantId, bill, meter })}${madeUp + 1}`,
      stripeCustomerId: invoice.stripeCustomerId,
      invoiceId: invoice.invoiceId,
      currency: invoice.currency,
      amountMinor: oursMinor - theirsMinor,
      description: `${meter}: usage around a change of plan, at the price that it was used at`,
    });
  }
  const shown = await deps.provider.invoice(invoice.invoiceId) ?? invoice;
  return await compareAmounts(deps, { tenantId, bill, invoice: shown });
}

/** The draft, and those that Stripe made within the period because of a change. */
async function invoicesOf(
  deps: Pick<BillingDeps, "provider">,
  { bill: { period }, invoice }: Pick<Billed, "bill" | "invoice">,
): Promise<readonly Pick<ProviderInvoice, "lines">[]> {
  const { stripeCustomerId, stripeSubscriptionId, invoiceId } = invoice;
  const others = await deps.provider.invoices({ stripeCustomerId, limit: INVOICES_READ });
  const within = others.filter((other) =>
    other.invoiceId !== invoiceId && other.status !== "void" &&
    other.stripeSubscriptionId === stripeSubscriptionId
  );
  const isOfPeriod = ({ meter, periodStartMs, periodEndMs }: ProviderInvoice["lines"][number]) =>
    meter === null || periodStartMs >= period.startMs && periodEndMs <= period.endMs;
  return [invoice, ...within].map(({ lines }) => ({ lines: lines.filter(isOfPeriod) }));
}

function keyOf(
  { tenantId, bill, meter }: Pick<Billed, "tenantId" | "bill"> & { readonly meter: MeterName },
): string {
  return `${tenantId}:${bill.period.periodId}:made_up-${meter}-`;
}
