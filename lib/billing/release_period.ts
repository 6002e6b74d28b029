import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
import type { ProviderInvoice } from "@/lib/ports/billing_provider.ts";
import type { PeriodClose } from "@/lib/ports/money_ledger.ts";
import { type Act, auditDraft } from "@/lib/tenancy/act.ts";
import { billEarlier, billedOn, type EarlierPeriod, endEarlier, giveBack } from "./bill_earlier.ts";
import { takeUnbilled } from "./close_period.ts";
import { askFinal, beginClose } from "./closing.ts";
import type { BillingDeps } from "./deps.ts";
import { drawCredits } from "./draw_credits.ts";
import { findPeriodBill } from "./invoice_statement.ts";
import { compareAmounts, makeUp } from "./make_up.ts";
import { addOneOffLines } from "./one_off_lines.ts";
import type { PeriodBill } from "./period_bill.ts";
import { unsettledRows } from "./reconcile.ts";

type Reasons = PeriodClose["reasons"];

const MAX_REASON = 500;

/**
 * Lets a held draft finalize although the books differ: a person has looked and says why. The
 * decision and the differences it overrules stay in the close's row and in the audit log. With
 * `seen`, only over exactly these reasons. Errors: `not_held`, `invalid_reason`, `conflict`, and
 * those of `invoiceStatement`.
 */
export async function releasePeriod(
  deps: BillingDeps,
  { tenantId, periodId, reason, seen, act }: {
    readonly tenantId: string;
    readonly periodId: string;
    readonly reason: string;
    readonly seen?: string;
    readonly act: Act;
  },
): Promise<Result<PeriodClose>> {
  const found = await deps.store.periodClose(tenantId, periodId);
  if (found === null || found.value.state !== "held" || found.value.invoiceId === null) {
    return refuse({ code: "not_held", detail: `No draft of ${tenantId} is held for ${periodId}` });
  }
  const detail = reason.trim();
  if (detail.length === 0 || detail.length > MAX_REASON) {
    return refuse({
      code: "invalid_reason",
      detail: `Say why, in at most ${MAX_REASON} characters`,
    });
  }
  if (seen !== undefined && seen !== reasonsText(found.value.reasons)) return refuse(MOVED_ON);
  const begun = await beginClose(deps, { tenantId, periodId, version: found.versionstamp });
  if (begun === null) return refuse(MOVED_ON);
  const before: PeriodClose = { ...begun.value, closingSinceMs: null };
  let row = begun;
  const mayFinalize = async () => {
    const asked = await askFinal(deps, row);
    if (asked !== null) row = asked;
    return asked !== null;
  };
  const giveUp = () =>
    deps.store.putPeriodClose({ ...row.value, closingSinceMs: null }, row.versionstamp);
  const done = await finalize(deps, begun.value, mayFinalize).catch(async (error) => {
    await giveUp();
    throw error;
  });
  if (!done.ok) {
    await giveUp();
    return done;
  }
  const released: PeriodClose = {
    ...before,
    state: "finalized",
    reasons: [...before.reasons, { code: "released", detail }],
    updatedAtMs: deps.clock.nowMs(),
  };
  const audit = auditDraft(act, {
    chain: tenantId,
    atMs: released.updatedAtMs,
    action: "period.released",
    subject: periodId,
    before,
    after: released,
  });
  const written = await deps.store.putPeriodClose(released, row.versionstamp, audit);
  return written.ok ? accept(released) : refuse(MOVED_ON);
}

/** What a person has read before releasing, to be compared with what is stored then. */
export function reasonsText(reasons: Reasons): string {
  return JSON.stringify(reasons.map(({ code, detail }) => [code, detail]));
}

/**
 * Adjustments that came after the last attempt to close belong on the invoice, too, and so does what
 * the close would have added before it made it final.
 */
async function finalize(
  deps: BillingDeps,
  { tenantId, periodId, invoiceId }: PeriodClose,
  mayFinalize: () => Promise<boolean>,
): Promise<Result<"finalized">> {
  const priced = await findPeriodBill(deps, { tenantId, periodId });
  if (!priced.ok) return priced;
  const { tenant, bill } = priced.value;
  const invoice = invoiceId === null ? null : await deps.provider.invoice(invoiceId);
  if (invoice === null) {
    return refuse({ code: "not_held", detail: `Stripe has no invoice ${invoiceId}` });
  }
  const draft = invoice.status === "draft";
  if (draft) {
    await addOneOffLines(deps, { tenantId, invoice, bill });
    await makeUpForMove(deps, { tenant, invoice, bill });
  }
  const { period } = bill;
  const taken = await takeUnbilled(deps, { tenant, period, bill });
  if (taken === null) return refuse(MOVED_ON);
  const earlier = { tenantId, invoice, taken };
  let ended: readonly EarlierPeriod[] = [];
  try {
    if (draft && (await billEarlier(deps, earlier)).length > 0) return refuse(MOVED_ON);
    if (!await mayFinalize()) return refuse(MOVED_ON);
    await deps.provider.finalizeInvoice(invoice.invoiceId);
    // A release that died once the invoice was final left the periods that it had put on it open.
    ended = draft ? taken : await billedOn(deps, earlier);
  } finally {
    await endEarlier(deps, { invoiceId: invoice.invoiceId, period, taken: ended });
    await giveBack(deps, taken.filter((one) => !ended.includes(one)));
  }
  await drawCredits(deps, tenantId, bill);
  return accept("finalized");
}

/** Only where Stripe has every unit: the price of one that it lacks is what a person releases over. */
async function makeUpForMove(
  deps: BillingDeps,
  { tenant, invoice, bill }: {
    readonly tenant: Tenant;
    readonly invoice: ProviderInvoice;
    readonly bill: PeriodBill;
  },
): Promise<void> {
  if (!bill.moved) return;
  if ((await unsettledRows(deps, { tenant, period: bill.period })).length > 0) return;
  const billed = { tenantId: tenant.tenantId, bill, invoice };
  await makeUp(deps, { ...billed, amounts: await compareAmounts(deps, billed) });
}

const MOVED_ON = { code: "conflict", detail: "The close of this period moved on meanwhile" };
