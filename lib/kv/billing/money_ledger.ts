import type { AloneGuard } from "@/lib/ports/alone_acts.ts";
import type { Adjustment } from "@/lib/domain/adjustment.ts";
import type { CreditProposal } from "@/lib/domain/credit.ts";
import type { Credit, MoneyLedger, PeriodClose } from "@/lib/ports/money_ledger.ts";
import type { AuditDraft } from "@/lib/ports/audit.ts";
import type { Versioned, WriteOutcome } from "@/lib/ports/tenancy.ts";
import { aloneChecks, readAloneActs, writeAloneActs } from "../alone_acts.ts";
import { waitingCorrections } from "../correction_store.ts";
import { guardedCommit } from "../guarded_commit.ts";
import {
  adjustmentKey,
  adjustmentPeriodKey,
  adjustmentsPrefix,
  approvalKey,
  creditKey,
  creditProposalKey,
  creditProposalsPrefix,
  creditsPrefix,
  openCloseKey,
  openClosesPrefix,
  periodCloseKey,
  periodClosesPrefix,
} from "../keys.ts";
import type { KvLike } from "../kv_like.ts";
import { versioned } from "../versioned.ts";
import { createCreditsToMirror, writeCreditToMirror } from "./credits_to_mirror.ts";

/** Adjustments or credits of one tenant that one read returns. */
const MAX_ROWS = 1_000;
/** Closes that a page looks at for those of one state, before it returns what it has. */
const CLOSES_READ_MAX = 2_000;

export function createMoneyLedger(kv: KvLike): MoneyLedger {
  return {
    async adjustments(tenantId, periodId) {
      const found: Adjustment[] = [];
      const selector = { prefix: adjustmentsPrefix(tenantId, periodId) };
      for await (const { value } of kv.list<Adjustment>(selector, { limit: MAX_ROWS })) {
        found.push(value);
      }
      return found.sort((a, b) => a.createdAtMs - b.createdAtMs);
    },
    async adjustment(tenantId, adjustmentId) {
      const { value: periodId } = await kv.get<string>(adjustmentPeriodKey(tenantId, adjustmentId));
      if (periodId === null) return null;
      return versioned(await kv.get<Adjustment>(adjustmentKey(tenantId, periodId, adjustmentId)));
    },
    putAdjustment: (adjustment, versionstamp, options) =>
      putAdjustment(kv, adjustment, { versionstamp, ...options }),
    waitingCorrections: (tenantId, periodId) => waitingCorrections(kv, { tenantId, periodId }),
    async credits(tenantId) {
      const found: Versioned<Credit>[] = [];
      const selector = { prefix: creditsPrefix(tenantId) };
      for await (const { value, versionstamp } of kv.list<Credit>(selector, { limit: MAX_ROWS })) {
        found.push({ value, versionstamp });
      }
      return found;
    },
    async putCredit(credit, versionstamp, audit, alone) {
      const key = creditKey(credit.tenantId, credit.creditId);
      const outcome = await guardedCommit(kv, {
        checks: [
          { key, versionstamp },
          ...versionstamp === null
            ? [{ key: creditProposalKey(credit.tenantId, credit.creditId), versionstamp: null }]
            : [],
          ...aloneChecks(alone),
        ],
        write: (atomic) =>
          writeAloneActs(
            writeCreditToMirror(atomic.set(key, credit), credit, { isNew: versionstamp === null }),
            alone,
          ),
        audit,
      });
      return outcome.ok ? { ok: true } : outcome;
    },
    ...createCreditsToMirror(kv),
    aloneActs: (account) => readAloneActs(kv, account),
    async creditProposal(tenantId, creditId) {
      return versioned(await kv.get<CreditProposal>(creditProposalKey(tenantId, creditId)));
    },
    async creditProposals(tenantId) {
      const found: CreditProposal[] = [];
      const selector = { prefix: creditProposalsPrefix(tenantId) };
      for await (const { value } of kv.list<CreditProposal>(selector, { limit: MAX_ROWS })) {
        found.push(value);
      }
      return found.sort((a, b) => a.createdAtMs - b.createdAtMs);
    },
    putCreditProposal: (proposal, versionstamp, options) =>
      putCreditProposal(kv, proposal, { versionstamp, ...options }),
    async periodClose(tenantId, periodId) {
      return versioned(await kv.get<PeriodClose>(periodCloseKey(tenantId, periodId)));
    },
    async putPeriodClose(close, versionstamp, audit) {
      const { tenantId, periodId, state } = close;
      const key = periodCloseKey(tenantId, periodId);
      const open = openCloseKey(tenantId, periodId);
      const outcome = await guardedCommit(kv, {
        checks: [{ key, versionstamp }],
        write: (atomic) => {
          const written = atomic.set(key, close);
          return state === "finalized" ? written.delete(open) : written.set(open, close);
        },
        audit,
      });
      return outcome.ok ? { ok: true } : outcome;
    },
    periodCloses: (query) => periodCloses(kv, query),
  };
}

/** With it, in the same commit: its way in by id, and its place among what waits. */
async function putAdjustment(
  kv: KvLike,
  adjustment: Adjustment,
  { versionstamp, closeVersion, audit, alone }: {
    readonly versionstamp: string | null;
    readonly closeVersion?: string | null;
    readonly audit?: AuditDraft;
    readonly alone?: AloneGuard;
  },
): Promise<WriteOutcome> {
  const { tenantId, periodId, adjustmentId, state } = adjustment;
  const key = adjustmentKey(tenantId, periodId, adjustmentId);
  const pointer = adjustmentPeriodKey(tenantId, adjustmentId);
  const waiting = approvalKey({ ...adjustment, kind: "adjustment", id: adjustmentId });
  const outcome = await guardedCommit(kv, {
    checks: [
      { key, versionstamp },
      ...versionstamp === null ? [{ key: pointer, versionstamp: null }] : [],
      ...closeVersion === undefined
        ? []
        : [{ key: periodCloseKey(tenantId, periodId), versionstamp: closeVersion }],
      ...aloneChecks(alone),
    ],
    write: (atomic) => {
      const written = writeAloneActs(atomic.set(key, adjustment).set(pointer, periodId), alone);
      return state === "pending" ? written.set(waiting, true) : written.delete(waiting);
    },
    audit,
  });
  return outcome.ok ? { ok: true } : outcome;
}

async function periodCloses(
  kv: KvLike,
  { tenantId, state, cursor, limit }: Parameters<MoneyLedger["periodCloses"]>[0],
): ReturnType<MoneyLedger["periodCloses"]> {
  const items: PeriodClose[] = [];
  const isOpen = state === "held" || state === "waiting";
  const selector = { prefix: isOpen ? openClosesPrefix(tenantId) : periodClosesPrefix(tenantId) };
  const options = { reverse: true, ...(cursor === undefined ? {} : { cursor }) };
  const rows = kv.list<PeriodClose>(selector, options);
  let read = 0;
  for await (const { value } of rows) {
    read += 1;
    if (state === undefined || value.state === state) items.push(value);
    if (items.length === limit || read === CLOSES_READ_MAX) return { items, cursor: rows.cursor };
  }
  return { items, cursor: null };
}

/** With it, in the same commit: its place among what waits, and the credit that it becomes. */
async function putCreditProposal(
  kv: KvLike,
  proposal: CreditProposal,
  { versionstamp, credit, audit }: {
    readonly versionstamp: string | null;
    readonly credit?: Credit;
    readonly audit?: AuditDraft;
  },
): Promise<WriteOutcome> {
  const { tenantId, creditId, state } = proposal;
  const key = creditProposalKey(tenantId, creditId);
  const granted = creditKey(tenantId, creditId);
  const waiting = approvalKey({ ...proposal, kind: "credit", id: creditId });
  const outcome = await guardedCommit(kv, {
    checks: [
      { key, versionstamp },
      ...versionstamp === null || credit !== undefined
        ? [{ key: granted, versionstamp: null }]
        : [],
    ],
    write: (atomic) => {
      const written = atomic.set(key, proposal);
      if (credit !== undefined) {
        writeCreditToMirror(written.set(granted, credit), credit, { isNew: true });
      }
      return state === "pending" ? written.set(waiting, true) : written.delete(waiting);
    },
    audit,
  });
  return outcome.ok ? { ok: true } : outcome;
}
