import type { Adjustment } from "@/lib/domain/adjustment.ts";
import type { Correction } from "@/lib/domain/correction.ts";
import type { CreditProposal } from "@/lib/domain/credit.ts";
import type {
  AdjustmentWanted,
  CorrectionWanted,
  CreditWanted,
} from "@/lib/operator/money_forms.ts";
import type { Credit, CreditToMirror } from "@/lib/ports/money_ledger.ts";
import type { BillImpactModel } from "../BillImpactTable.tsx";

export type MoneyFormKind = "credit" | "adjustment" | "correction";

/** What the three forms hold, as typed. */
export interface MoneyDraft {
  readonly name: string;
  readonly category: "paid" | "promotional";
  readonly amount: string;
  readonly expires: string;
  readonly period: string;
  readonly note: string;
  readonly line: string;
  readonly units: string;
  readonly reason: string;
}

/** Read and priced, and waiting to be confirmed. */
export type MoneyProposal =
  & {
    /** Of the thing that the confirmation makes. */
    readonly id: string;
    readonly impact: BillImpactModel;
    readonly needsSecond: boolean;
  }
  & (
    | { readonly kind: "credit"; readonly credit: CreditWanted }
    | { readonly kind: "adjustment"; readonly adjustment: AdjustmentWanted }
    | { readonly kind: "correction"; readonly correction: CorrectionWanted }
  );

export type MoneyDecision =
  & {
    /** The reader proposed it and can't approve it. */
    readonly isOwn: boolean;
    /** `null` when the period can't be priced. */
    readonly impact: BillImpactModel | null;
  }
  & (
    | { readonly kind: "adjustment"; readonly adjustment: Adjustment }
    | { readonly kind: "correction"; readonly correction: Correction }
    | { readonly kind: "credit"; readonly credit: CreditProposal }
  );

export interface TenantMoneyModel {
  readonly tenantId: string;
  readonly currency: string;
  readonly asOfMs: number;
  /** At Stripe. */
  readonly isCustomer: boolean;
  /** Whose adjustments are shown. */
  readonly periodId: string;
  readonly periods: readonly string[];
  /** Periods that can be adjusted, the one under way first. */
  readonly openPeriods: readonly string[];
  readonly credits: readonly Credit[];
  /** Those of them that Stripe has yet to be given, and what came of it so far. */
  readonly creditsToMirror: readonly CreditToMirror[];
  /** Credits that wait for a second person, or that one refused; newest first. */
  readonly creditProposals: readonly CreditProposal[];
  /** Newest first. */
  readonly adjustments: readonly Adjustment[];
  /** The newest ones, newest first. */
  readonly corrections: readonly Correction[];
  readonly lines: readonly {
    readonly value: string;
    readonly meter: string;
    readonly planRevision: string;
    readonly periodId: string;
    readonly units: bigint;
  }[];
  readonly decision: MoneyDecision | null;
  readonly proposal: MoneyProposal | null;
  readonly draft: MoneyDraft;
  /** Which form was refused, and where and why. */
  readonly error: {
    readonly form: MoneyFormKind;
    readonly field: string | null;
    readonly detail: string;
  } | null;
}
