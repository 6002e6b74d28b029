import type { Adjustment } from "../domain/adjustment.ts";
import type { Correction } from "../domain/correction.ts";
import type { CreditProposal } from "../domain/credit.ts";
import type { TenantId } from "../domain/tenant.ts";
import type { AloneGuard, AloneReader } from "./alone_acts.ts";
import type { AuditDraft } from "./audit.ts";
import type { Page, Versioned, WriteOutcome } from "./tenancy.ts";

/** Prepaid or promotional money; `draws` are what closed periods took from it. */
export interface Credit {
  readonly creditId: string;
  readonly tenantId: TenantId;
  readonly name: string;
  readonly category: "paid" | "promotional";
  readonly currency: string;
  readonly amountMinor: bigint;
  readonly priority: number;
  readonly expiresAtMs: number | null;
  readonly createdAtMs: number;
  readonly creditGrantId: string | null;
  readonly draws: readonly { readonly periodId: string; readonly amountMinor: bigint }[];
}

/** A granted credit that Stripe has yet to be given. */
export interface CreditToMirror {
  readonly tenantId: TenantId;
  readonly creditId: string;
  readonly attempts: number;
  /** Not tried before this. */
  readonly nextAttemptAtMs: number;
  /** Why the last attempt failed; `null` before. */
  readonly detail: string | null;
}

export type CloseState =
  /** The period is over; Stripe has made no draft yet, or late events may still come. */
  | "waiting"
  /** The draft is held: ledger and Stripe differ, `reasons` say how. */
  | "held"
  | "finalized";

/** How far the close of a tenant's billing period has come. */
export interface PeriodClose {
  readonly tenantId: TenantId;
  readonly periodId: string;
  readonly state: CloseState;
  readonly invoiceId: string | null;
  readonly reasons: readonly { readonly code: string; readonly detail: string }[];
  readonly attempts: number;
  readonly updatedAtMs: number;
  /** Since when an attempt is under way; until it ends, nothing joins the period. */
  readonly closingSinceMs: number | null;
  /**
   * When Stripe was asked to make the invoice final and no answer is known: nothing joins the period
   * until an attempt has seen that it is a draft still.
   */
  readonly finalAskedAtMs?: number | null;
  /** Since when it is held without a break; absent and `null`: it is not, or nobody noted it. */
  readonly heldSinceMs?: number | null;
  /** Attempts in a row that ended as this one did, this one not counted. */
  readonly triesAlike?: number;
}

/** An invoice that is held for longer than this is an alarm: a person should have decided by then. */
export const HOLD_ALARM_MS = 24 * 3_600_000;

export function isHeldTooLong(
  { state, heldSinceMs = null }: Pick<PeriodClose, "state" | "heldSinceMs">,
  nowMs: number,
): boolean {
  return state === "held" && heldSinceMs !== null && nowMs - heldSinceMs >= HOLD_ALARM_MS;
}

/** Nothing may join the period now: a close is under way, or its invoice may be final. */
export function isClosing({ closingSinceMs, finalAskedAtMs = null }: PeriodClose): boolean {
  return closingSinceMs !== null || finalAskedAtMs !== null;
}

export interface MoneyLedger extends AloneReader {
  /** In every state, oldest first. */
  adjustments(tenantId: TenantId, periodId: string): Promise<readonly Adjustment[]>;
  adjustment(tenantId: TenantId, adjustmentId: string): Promise<Versioned<Adjustment> | null>;
  /**
   * `versionstamp: null` creates; an id is used once per tenant. `closeVersion` is that of the
   * period's close: when the close has moved on, nothing is written. `alone` is written with it.
   */
  putAdjustment(
    adjustment: Adjustment,
    versionstamp: string | null,
    options: {
      readonly closeVersion?: string | null;
      readonly audit?: AuditDraft;
      readonly alone?: AloneGuard;
    },
  ): Promise<WriteOutcome>;
  /** Corrections of the period that are neither applied nor refused, oldest first. */
  waitingCorrections(tenantId: TenantId, periodId: string): Promise<readonly Correction[]>;
  credits(tenantId: TenantId): Promise<readonly Versioned<Credit>[]>;
  putCredit(
    credit: Credit,
    versionstamp: string | null,
    audit?: AuditDraft,
    alone?: AloneGuard,
  ): Promise<WriteOutcome>;
  /** By tenant; all of them without a limit. A credit that Stripe has by now is none of them. */
  creditsToMirror(
    query: { readonly tenantId?: TenantId; readonly limit?: number },
  ): Promise<readonly Versioned<CreditToMirror>[]>;
  /** Does nothing when the stored one is another by now, or gone. */
  putCreditToMirror(wait: CreditToMirror, versionstamp: string): Promise<WriteOutcome>;
  /** Nothing is left to be given; does nothing when the stored one is another by now. */
  endCreditToMirror(
    wait: Pick<CreditToMirror, "tenantId" | "creditId">,
    versionstamp: string,
  ): Promise<void>;
  creditProposal(tenantId: TenantId, creditId: string): Promise<Versioned<CreditProposal> | null>;
  /** In every state, oldest first. */
  creditProposals(tenantId: TenantId): Promise<readonly CreditProposal[]>;
  /** `credit`: what becomes of it when it is granted, in the same commit. */
  putCreditProposal(
    proposal: CreditProposal,
    versionstamp: string | null,
    options: { readonly credit?: Credit; readonly audit?: AuditDraft },
  ): Promise<WriteOutcome>;
  periodClose(tenantId: TenantId, periodId: string): Promise<Versioned<PeriodClose> | null>;
  putPeriodClose(
    close: PeriodClose,
    versionstamp: string | null,
    audit?: AuditDraft,
  ): Promise<WriteOutcome>;
  /** From the last tenant id back, each one's newest first. A page may be short, or even empty. */
  periodCloses(
    query: { tenantId?: TenantId; state?: CloseState; cursor?: string; limit: number },
  ): Promise<Page<PeriodClose>>;
}
