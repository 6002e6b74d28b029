import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import type { PeriodClose } from "@/lib/ports/billing_store.ts";
import { type Act, auditDraft } from "@/lib/tenancy/act.ts";
import type { BillingDeps } from "./deps.ts";
import { drawCredits } from "./draw_credits.ts";
import { findPeriodBill, type StatementDeps } from "./invoice_statement.ts";

const MAX_REASON = 500;

/**
 * Lets a held draft finalize although the books differ: a person has looked and says why. The
 * decision and the differences it overrules stay in the close's row and in the audit log. Errors:
 * `not_held`, `invalid_reason`, `conflict`, and those of `invoiceStatement`.
 */
export async function releasePeriod(
  deps: StatementDeps & Pick<BillingDeps, "provider">,
  { tenantId, periodId, reason, act }: {
    readonly tenantId: string;
    readonly periodId: string;
    readonly reason: string;
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
  const priced = await findPeriodBill(deps, { tenantId, periodId });
  if (!priced.ok) return priced;
  await deps.provider.finalizeInvoice(found.value.invoiceId);
  await drawCredits(deps, tenantId, priced.value.bill);
  const released: PeriodClose = {
    ...found.value,
    state: "finalized",
    reasons: [...found.value.reasons, { code: "released", detail }],
    updatedAtMs: deps.clock.nowMs(),
  };
  const audit = auditDraft(act, {
    chain: tenantId,
    atMs: released.updatedAtMs,
    action: "period.released",
    subject: periodId,
    before: found.value,
    after: released,
  });
  const written = await deps.store.putPeriodClose(released, found.versionstamp, audit);
  if (written.ok) return accept(released);
  return refuse({ code: "conflict", detail: "The close of this period moved on meanwhile" });
}
