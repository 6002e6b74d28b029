import type { Adjustment } from "@/lib/domain/adjustment.ts";
import { accept, type Result } from "@/lib/domain/result.ts";
import type { Statement } from "@/lib/domain/statement.ts";
import type { Credit } from "@/lib/ports/money_ledger.ts";
import type { PeriodTotal } from "@/lib/ports/usage.ts";
import { findPeriodBill, type StatementDeps } from "./invoice_statement.ts";

/** Something that somebody is about to decide, as far as a bill depends on it. */
export type BillChange =
  | { readonly kind: "adjustment"; readonly adjustment: Adjustment }
  | { readonly kind: "credit"; readonly credit: Credit }
  | {
    readonly kind: "correction";
    readonly line: Pick<PeriodTotal, "meter" | "planRevision" | "units">;
  };

/** A period's bill as it is and as the change would make it. */
export interface BillImpact {
  readonly periodId: string;
  readonly before: Statement;
  readonly after: Statement;
}

/**
 * What a change would do to the bill, by the code that makes the bill; nothing is written. Errors: as
 * for `invoiceStatement`.
 */
export async function previewImpact(
  deps: StatementDeps,
  { change, ...query }: {
    readonly tenantId: string;
    /** The open one when absent. */
    readonly periodId?: string;
    readonly change: BillChange;
  },
): Promise<Result<BillImpact>> {
  const before = await findPeriodBill(deps, query);
  if (!before.ok) return before;
  const after = await findPeriodBill(changed(deps, change), query);
  if (!after.ok) return after;
  return accept({
    periodId: before.value.bill.period.periodId,
    before: before.value.bill.statement,
    after: after.value.bill.statement,
  });
}

/** The same stores, in which the change has happened. */
function changed(deps: StatementDeps, change: BillChange): StatementDeps {
  const { store, usage } = deps;
  switch (change.kind) {
    case "adjustment":
      return {
        ...deps,
        store: {
          ...store,
          adjustments: async (...query) => [
            ...await store.adjustments(...query),
            { ...change.adjustment, state: "applied" },
          ],
        },
      };
    case "credit":
      return {
        ...deps,
        store: {
          ...store,
          credits: async (...query) => [
            ...await store.credits(...query),
            { value: change.credit, versionstamp: "" },
          ],
        },
      };
    case "correction":
      return {
        ...deps,
        usage: {
          billableTotals: async (query) => addUnits(await usage.billableTotals(query), change.line),
        },
      };
  }
}

/** Stripe bills no negative quantity, and neither do we. */
function addUnits(
  totals: readonly PeriodTotal[],
  { meter, planRevision, units }: PeriodTotal,
): readonly PeriodTotal[] {
  const isLine = (total: PeriodTotal) =>
    total.meter === meter && total.planRevision === planRevision;
  const known = totals.find(isLine)?.units ?? 0n;
  const sum = known + units;
  return [
    ...totals.filter((total) => !isLine(total)),
    { meter, planRevision, units: sum > 0n ? sum : 0n },
  ];
}
