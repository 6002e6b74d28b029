import type {
  MoneyDecision,
  MoneyDraft,
  MoneyFormKind,
  MoneyProposal,
  TenantMoneyModel,
} from "@/components/operator/money/money_model.ts";
import { needsSecond, type PlannedAct } from "@/lib/billing/act_alone.ts";
import { checkAdjustment, moneyAct } from "@/lib/billing/adjust.ts";
import { parsePeriodId } from "@/lib/billing/period_bill.ts";
import { type BillChange, previewImpact } from "@/lib/billing/preview_impact.ts";
import type { Adjustment } from "@/lib/domain/adjustment.ts";
import { type Correction, needsSecondPerson } from "@/lib/domain/correction.ts";
import type { CreditProposal } from "@/lib/domain/credit.ts";
import { periodAt, shiftPeriod } from "@/lib/domain/period.ts";
import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import { checkLine } from "@/lib/metering/correct_units.ts";
import { unitsAct } from "@/lib/metering/corrections.ts";
import type { Credit } from "@/lib/ports/money_ledger.ts";
import type { Services } from "@/lib/services.ts";
import type { TenantTerms } from "./load_tenant.ts";
import {
  type AdjustmentWanted,
  blankDraft,
  type CorrectionWanted,
  type CreditWanted,
  lineText,
  parseAdjustment,
  parseCorrection,
  parseCredit,
} from "./money_forms.ts";

export type TenantMoneyDeps = Pick<
  Services,
  "billing" | "corrections" | "usage" | "clock" | "ids" | "plans"
>;

const CORRECTIONS_SHOWN = 50;

/** Credits, adjustments of a period, corrections, and what of them waits for a decision. */
export async function loadTenantMoney(
  deps: TenantMoneyDeps,
  { tenant, plan }: TenantTerms,
  { query, operatorId }: { readonly query: URLSearchParams; readonly operatorId: string },
): Promise<TenantMoneyModel> {
  const { store } = deps.billing;
  const { tenantId } = tenant;
  const open = periodAt(deps.clock.nowMs(), plan.interval);
  const before = shiftPeriod(open, -1, plan.interval);
  const asked = parsePeriodId(query.get("period") ?? "", plan.interval);
  const shown = asked !== null && asked.startMs <= open.startMs ? asked : open;
  const [credits, waits, proposals, adjustments, corrections, lines, decision] = await Promise.all([
    store.credits(tenantId),
    store.creditsToMirror({ tenantId }),
    store.creditProposals(tenantId),
    store.adjustments(tenantId, shown.periodId),
    deps.corrections.corrections.list({ tenantId, limit: CORRECTIONS_SHOWN }),
    linesOf(deps, { tenant, plan }, [open.periodId, before.periodId]),
    loadDecision(deps, tenantId, { asked: query.get("decide") ?? "", operatorId }),
  ]);
  return {
    tenantId,
    currency: plan.currency,
    asOfMs: deps.clock.nowMs(),
    isCustomer: tenant.stripeCustomerId !== null,
    periodId: shown.periodId,
    periods: [...new Set([open.periodId, before.periodId, shown.periodId])],
    openPeriods: [open.periodId, before.periodId],
    credits: credits.map(({ value }) => value),
    creditsToMirror: waits.map(({ value }) => value),
    creditProposals: proposals.filter(({ state }) => state !== "granted").toReversed(),
    adjustments: adjustments.toReversed(),
    corrections,
    lines,
    decision,
    proposal: null,
    draft: blankDraft(open.periodId),
    error: null,
  };
}

/** Lines of the books that can be wrong, and those of the plan that have no unit yet. */
async function linesOf(
  { usage }: TenantMoneyDeps,
  { tenant, plan }: TenantTerms,
  periods: readonly [string, string],
): Promise<TenantMoneyModel["lines"]> {
  const [openPeriod] = periods;
  const totals = await Promise.all(periods.map(async (periodId) => {
    const found = await usage.billableTotals({ tenantId: tenant.tenantId, periodId });
    return found.map(({ units, ...line }) => ({ ...line, periodId, units }));
  }));
  const known = totals.flat();
  const blank = plan.meters
    .filter(({ meter }) =>
      !known.some((line) =>
        line.meter === meter && line.periodId === openPeriod &&
        line.planRevision === plan.planRevision
      )
    )
    .map(({ meter }) => ({
      meter,
      planRevision: plan.planRevision,
      periodId: openPeriod,
      units: 0n,
    }));
  return [...known, ...blank].map((line) => ({ ...line, value: lineText(line) }));
}

/** What the address asks to decide, with the bill as it would become; `null` when nothing waits. */
async function loadDecision(
  { billing, corrections }: TenantMoneyDeps,
  tenantId: string,
  { asked, operatorId }: { readonly asked: string; readonly operatorId: string },
): Promise<MoneyDecision | null> {
  const adjustment = (await billing.store.adjustment(tenantId, asked))?.value;
  if (adjustment?.state === "pending") {
    const { periodId, createdBy } = adjustment;
    const change: BillChange = { kind: "adjustment", adjustment };
    const impact = await previewImpact(billing, { tenantId, periodId, change });
    return {
      kind: "adjustment",
      adjustment,
      isOwn: createdBy === operatorId,
      impact: impact.ok ? impact.value : null,
    };
  }
  const proposal = (await billing.store.creditProposal(tenantId, asked))?.value;
  if (proposal?.state === "pending") return await creditDecision(billing, proposal, operatorId);
  const correction = (await corrections.corrections.find(tenantId, asked))?.value;
  if (correction === undefined || isDecided(correction)) return null;
  const { periodId, author } = correction;
  const change: BillChange = { kind: "correction", line: correction };
  const impact = await previewImpact(billing, { tenantId, periodId, change });
  return {
    kind: "correction",
    correction,
    isOwn: needsSecondPerson(correction) && author === operatorId,
    impact: impact.ok ? impact.value : null,
  };
}

async function creditDecision(
  billing: TenantMoneyDeps["billing"],
  proposal: CreditProposal,
  operatorId: string,
): Promise<MoneyDecision> {
  const { tenantId, createdBy } = proposal;
  const credit: Credit = { ...proposal, creditGrantId: null, draws: [] };
  const impact = await previewImpact(billing, { tenantId, change: { kind: "credit", credit } });
  return {
    kind: "credit",
    credit: proposal,
    isOwn: createdBy === operatorId,
    impact: impact.ok ? impact.value : null,
  };
}

function isDecided({ state }: Correction): boolean {
  return state === "applied" || state === "refused";
}

export type Wanted =
  | { readonly kind: "credit"; readonly credit: CreditWanted }
  | { readonly kind: "adjustment"; readonly adjustment: AdjustmentWanted }
  | { readonly kind: "correction"; readonly correction: CorrectionWanted };

/** What was typed, read; errors point at the field that is wrong. */
export function parseWanted(
  kind: MoneyFormKind,
  draft: MoneyDraft,
  facts: { readonly currency: string; readonly nowMs: number },
): Result<Wanted> {
  switch (kind) {
    case "credit": {
      const credit = parseCredit(draft, facts);
      return credit.ok ? accept({ kind, credit: credit.value }) : credit;
    }
    case "adjustment": {
      const adjustment = parseAdjustment(draft, facts);
      return adjustment.ok ? accept({ kind, adjustment: adjustment.value }) : adjustment;
    }
    case "correction": {
      const correction = parseCorrection(draft);
      return correction.ok ? accept({ kind, correction: correction.value }) : correction;
    }
  }
}

/**
 * What the wanted act would do to the bill, to be confirmed. The id goes with the confirmation, so
 * that one that is sent twice is one act. Errors: those of the act and of the bill.
 */
export async function proposeMoney(
  deps: TenantMoneyDeps,
  { tenant, plan }: TenantTerms,
  { wanted, operatorId }: { readonly wanted: Wanted; readonly operatorId: string },
): Promise<Result<MoneyProposal>> {
  const { tenantId } = tenant;
  const nowMs = deps.clock.nowMs();
  const second = (act: PlannedAct) => needsSecond(deps.billing, act);
  switch (wanted.kind) {
    case "credit": {
      const id = deps.ids.next("crd");
      const credit: Credit = {
        ...wanted.credit,
        creditId: id,
        tenantId,
        currency: plan.currency,
        priority: 50,
        createdAtMs: nowMs,
        creditGrantId: null,
        draws: [],
      };
      const { periodId } = periodAt(nowMs, plan.interval);
      const change: BillChange = { kind: "credit", credit };
      const impact = await previewImpact(deps.billing, { tenantId, periodId, change });
      if (!impact.ok) return impact;
      const act = moneyAct({ ...credit, author: operatorId });
      return accept({ ...wanted, id, impact: impact.value, needsSecond: await second(act) });
    }
    case "adjustment": {
      const { adjustment: typed } = wanted;
      const checked = await checkAdjustment(deps.billing, { tenantId, ...typed });
      if (!checked.ok) return checked;
      const id = deps.ids.next("adj");
      const adjustment: Adjustment = {
        ...typed,
        adjustmentId: id,
        tenantId,
        currency: plan.currency,
        createdBy: operatorId,
        createdAtMs: nowMs,
        state: "applied",
        approver: null,
        decidedAtMs: null,
      };
      const change: BillChange = { kind: "adjustment", adjustment };
      const { periodId } = typed;
      const impact = await previewImpact(deps.billing, { tenantId, periodId, change });
      if (!impact.ok) return impact;
      const act = moneyAct({ ...adjustment, author: operatorId });
      return accept({ ...wanted, id, impact: impact.value, needsSecond: await second(act) });
    }
    case "correction": {
      const { correction } = wanted;
      const fault = await checkLine(correction, deps);
      if (fault !== null) return refuse(fault);
      const { periodId } = correction;
      const change: BillChange = { kind: "correction", line: correction };
      const impact = await previewImpact(deps.billing, { tenantId, periodId, change });
      if (!impact.ok) return impact;
      const act = unitsAct({ ...correction, author: operatorId });
      const id = deps.ids.next("cor");
      return accept({ ...wanted, id, impact: impact.value, needsSecond: await second(act) });
    }
  }
}
