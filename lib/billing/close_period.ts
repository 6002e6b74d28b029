import { eachTenant } from "@/lib/catalog/each_tenant.ts";
import { invariant } from "@/lib/domain/invariant.ts";
import { type BillingPeriod, FINAL_AFTER_MS, periodAt, shiftPeriod } from "@/lib/domain/period.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
import type { ProviderInvoice } from "@/lib/ports/billing_provider.ts";
import { isHeldTooLong, type PeriodClose } from "@/lib/ports/money_ledger.ts";
import type { ReconcileRow } from "@/lib/ports/report_store.ts";
import {
  billEarlier,
  billedOn,
  type EarlierPeriod,
  endEarlier,
  giveBack,
  takeEarlier,
} from "./bill_earlier.ts";
import { askFinal, beginClose, endedAs } from "./closing.ts";
import type { BillingDeps } from "./deps.ts";
import { drawCredits } from "./draw_credits.ts";
import { addOneOffLines } from "./one_off_lines.ts";
import { compareAmounts, makeUp, type MeterAmounts } from "./make_up.ts";
import { billPeriod, type PeriodBill } from "./period_bill.ts";
import { unsettledRows } from "./reconcile.ts";

type Reason = PeriodClose["reasons"][number];

/** For so long after a tenant's end its last invoices are tried by themselves. */
const ENDED_TRIED_MS = 40 * 86_400_000;

/** Newest invoices looked at to find a period's; nearly always it is among the first few. */
const INVOICES_READ: readonly number[] = [4, 40];
/** Corrections that a reason names; the others are under Approvals. */
const CORRECTIONS_NAMED = 5;

/**
 * Closes every tenant's last period that is not closed yet. Meant for every few minutes: a held
 * draft is tried again by each run and finalizes by itself once the books agree.
 */
export async function closeDuePeriods(
  deps: BillingDeps,
): Promise<{ readonly finalized: number; readonly held: number; readonly waiting: number }> {
  const counts = { finalized: 0, held: 0, waiting: 0 };
  for await (
    const tenant of eachTenant(deps.tenants, {
      onPage: (tenants) => deps.logger.info("closes_progress", { tenants }),
    })
  ) {
    if (tenant.stripeSubscriptionId === null) continue;
    for (const period of await duePeriods(deps, tenant)) {
      if (period.endMs <= tenant.createdAtMs) continue;
      const known = await deps.store.periodClose(tenant.tenantId, period.periodId);
      if (known?.value.state === "finalized") continue;
      counts[(await closePeriod(deps, { tenant, period })).state] += 1;
    }
  }
  return counts;
}

/** The period before this one; of a tenant that has ended, its last two. */
async function duePeriods(
  { clock, plans, store }: BillingDeps,
  tenant: Tenant,
): Promise<readonly BillingPeriod[]> {
  const interval = (await plans.plan(tenant.planRevision))?.value.interval ?? "month";
  const nowMs = clock.nowMs();
  const before = (atMs: number) => shiftPeriod(periodAt(atMs, interval), -1, interval);
  const mirror = tenant.status === "closed" ? await store.mirror(tenant.tenantId) : null;
  if (mirror?.appliedStatus !== "closed") return [before(nowMs)];
  if (nowMs - mirror.atMs > ENDED_TRIED_MS) return [];
  return [before(mirror.atMs), periodAt(mirror.atMs, interval)];
}

/**
 * Closes one billing period: holds Stripe's draft, sends all that is left, verifies that Stripe has
 * exactly the ledger's units and bills exactly our lines, and only then lets the invoice finalize,
 * once no late event can count in the period any more. When the two differ the draft stays held,
 * with reasons, and an alarm goes out. Repeatable at any point; while another attempt is under way,
 * its row is returned as it is.
 */
export async function closePeriod(
  deps: BillingDeps,
  { tenant, period }: { readonly tenant: Tenant; readonly period: BillingPeriod },
): Promise<PeriodClose> {
  const name = { tenantId: tenant.tenantId, periodId: period.periodId };
  const begun = await beginClose(deps, name);
  if (begun === null) return await closeNow(deps, name);
  let row = begun;
  const mayFinalize = async () => {
    const asked = await askFinal(deps, row);
    if (asked !== null) row = asked;
    return asked !== null;
  };
  const outcome = await tryClose(deps, { tenant, period, mayFinalize }).catch(failed);
  const close = endedAs(row.value, outcome, deps.clock.nowMs());
  const written = await deps.store.putPeriodClose(close, row.versionstamp);
  if (!written.ok) return await closeNow(deps, name);
  if (close.state === "held") {
    const { tenantId, periodId, invoiceId, reasons, heldSinceMs } = close;
    const about = { tenantId, periodId, invoiceId, reasons };
    deps.logger.error("period_close_held", about);
    if (isHeldTooLong(close, close.updatedAtMs)) {
      deps.logger.error("period_held_too_long", { ...about, heldSinceMs });
    }
  }
  return close;
}

/** What others made of it meanwhile. */
async function closeNow(
  { store }: BillingDeps,
  { tenantId, periodId }: Pick<PeriodClose, "tenantId" | "periodId">,
): Promise<PeriodClose> {
  const found = await store.periodClose(tenantId, periodId);
  invariant(found !== null, "The row of a close is never removed");
  return found.value;
}

type Attempt = Pick<PeriodClose, "state" | "invoiceId" | "reasons" | "finalAskedAtMs">;

async function tryClose(
  deps: BillingDeps,
  { tenant, period, mayFinalize }: {
    readonly tenant: Tenant;
    readonly period: BillingPeriod;
    readonly mayFinalize: () => Promise<boolean>;
  },
): Promise<Attempt> {
  const { tenantId } = tenant;
  const { periodId } = period;
  const invoice = await findInvoice(deps, tenant, period);
  if (invoice === null) return { state: "waiting", invoiceId: null, reasons: [] };
  const { invoiceId } = invoice;
  const draft = invoice.status === "draft";
  if (draft) await deps.provider.holdInvoice(invoiceId);
  // Before the books are read: what comes after this moment counts in the next period.
  // A plan ends early only once Stripe had every unit and none could be added.
  const noLongerOpen = invoice.periodEndMs < period.endMs ||
    deps.clock.nowMs() >= period.endMs + FINAL_AFTER_MS;
  await deps.metering.flush({ tenantId, periodId });
  const bill = await billPeriod(deps, { tenant, period });
  if (!bill.ok) return { state: "held", invoiceId, reasons: [bill.error] };
  if (draft) {
    await addOneOffLines(deps, { tenantId, invoice, bill: bill.value });
  }
  const unsettled = await unsettledRows(deps, { tenant, period });
  const shown = await deps.provider.invoice(invoiceId) ?? invoice;
  const differing = [
    ...await waitingReasons(deps, { tenantId, periodId }),
    ...unsettled.map(unitReason),
  ];
  const billed = { tenantId, bill: bill.value, invoice: shown };
  const { moved } = bill.value;
  // Made up for once nothing can be added any more; until then the amounts still move.
  const early = moved && (differing.length > 0 || !noLongerOpen);
  const amounts = early ? [] : await compareAmounts(deps, billed);
  const unequal = moved && draft ? await makeUp(deps, { ...billed, amounts }) : amounts;
  const reasons = [...differing, ...unequal.map((amount) => amountReason(amount, shown))];
  const answered = draft ? { finalAskedAtMs: null } : {};
  if (reasons.length > 0) return { state: "held", invoiceId, reasons, ...answered };
  if (!noLongerOpen) return { state: "waiting", invoiceId, reasons, ...answered };
  const taken = await takeUnbilled(deps, { tenant, period, bill: bill.value });
  if (taken === null) return { state: "waiting", invoiceId, reasons, ...answered };
  const earlier = { tenantId, invoice: shown, taken };
  let ended: readonly EarlierPeriod[] = [];
  try {
    const left = draft ? await billEarlier(deps, earlier) : [];
    const unlike = left.map((amount) => amountReason(amount, shown));
    if (unlike.length > 0) return { state: "held", invoiceId, reasons: unlike, ...answered };
    if (!await mayFinalize()) return { state: "waiting", invoiceId, reasons };
    await deps.provider.finalizeInvoice(invoiceId);
    // A run that died once the invoice was final left the periods that it had put on it open.
    ended = draft ? taken : await billedOn(deps, earlier);
  } finally {
    await endEarlier(deps, { invoiceId, period, taken: ended });
    await giveBack(deps, taken.filter((one) => !ended.includes(one)));
  }
  await drawCredits(deps, tenantId, bill.value);
  return { state: "finalized", invoiceId, reasons: [] };
}

/** What was used before the subscription began joins its first invoice. */
export function takeUnbilled(
  deps: BillingDeps,
  { tenant, period, bill }: {
    readonly tenant: Tenant;
    readonly period: BillingPeriod;
    readonly bill: PeriodBill;
  },
) {
  const isInvoiced = async (earlier: BillingPeriod) =>
    await findInvoice(deps, tenant, earlier) !== null;
  return takeEarlier(deps, { tenant, period, interval: bill.plan.interval, isInvoiced });
}

/** The invoice whose usage lines cover the period; a plan that ends early is invoiced at its end. */
async function findInvoice(
  deps: BillingDeps,
  tenant: Tenant,
  period: BillingPeriod,
): Promise<ProviderInvoice | null> {
  const { stripeCustomerId, stripeSubscriptionId } = tenant;
  if (stripeCustomerId === null) return null;
  for (const limit of INVOICES_READ) {
    const invoices = await deps.provider.invoices({ stripeCustomerId, limit });
    const found = invoices.find((invoice) =>
      invoice.stripeSubscriptionId === stripeSubscriptionId &&
      invoice.status !== "void" &&
      invoice.periodStartMs < invoice.periodEndMs &&
      (invoice.periodEndMs === period.endMs || tenant.status === "closed" &&
          invoice.periodEndMs > period.startMs && invoice.periodEndMs < period.endMs)
    );
    if (found !== undefined) return found;
    if (invoices.length < limit) return null;
  }
  return null;
}

/** Once the invoice is final, what waits for a second person could never count. */
async function waitingReasons(
  { store }: BillingDeps,
  { tenantId, periodId }: Pick<PeriodClose, "tenantId" | "periodId">,
): Promise<readonly Reason[]> {
  const [adjustments, corrections] = await Promise.all([
    store.adjustments(tenantId, periodId),
    store.waitingCorrections(tenantId, periodId),
  ]);
  const reasons = adjustments.filter(({ state }) => state === "pending").map((
    { adjustmentId, note },
  ) => ({
    code: "approval_waiting",
    detail: `Adjustment ${adjustmentId} (${note}) waits for a second person: approve or refuse it`,
  }));
  if (corrections.length === 0) return reasons;
  const shown = corrections.slice(0, CORRECTIONS_NAMED)
    .map(({ correctionId, units, meter }) => `${correctionId} (${units} ${meter})`).join(", ");
  const more = corrections.length > CORRECTIONS_NAMED ? ", …" : "";
  const detail = corrections.length === 1
    ? `1 correction waits for approval: ${shown}. Approve or refuse it`
    : `${corrections.length} corrections wait for approval: ${shown}${more}. Approve or refuse them`;
  return [...reasons, { code: "corrections_waiting", detail }];
}

/** A finalized invoice can't be corrected by usage any more, so late or pending units count too. */
function unitReason(
  { meter, ledger, stripe, pending, late, refused, doubtful, unexplained }: ReconcileRow,
): Reason {
  const detail = `${meter}: ledger ${ledger}, Stripe ${stripe} units (${pending} pending, ` +
    `${late} late, ${refused} refused, ${doubtful} doubtful, ${unexplained} unexplained)`;
  const equal =
    `${meter}: both have ${ledger} units, but a correction and usage were sent in the ` +
    "last two hours, and Stripe may still show or refuse only one of them";
  const isEqual = ledger === stripe && pending === 0n && refused === 0n && doubtful === 0n;
  return { code: "units_differ", detail: isEqual ? equal : detail };
}

function amountReason(
  { meter, oursMinor, theirsMinor }: MeterAmounts,
  { currency }: ProviderInvoice,
): Reason {
  const detail = `${meter}: we price ${oursMinor}, Stripe bills ${theirsMinor} ` +
    `(minor units of ${currency})`;
  return { code: "amounts_differ", detail };
}

function failed(cause: unknown): Attempt {
  const detail = cause instanceof Error ? cause.message : String(cause);
  return { state: "held", invoiceId: null, reasons: [{ code: "close_failed", detail }] };
}
