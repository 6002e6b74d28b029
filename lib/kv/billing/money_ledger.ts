import type { Adjustment, Credit, MoneyLedger, PeriodClose } from "@/lib/ports/billing_store.ts";
import type { AuditDraft } from "@/lib/ports/audit.ts";
import type { Versioned, WriteOutcome } from "@/lib/ports/tenancy.ts";
import { guardedCommit } from "../guarded_commit.ts";
import {
  adjustmentKey,
  adjustmentsPrefix,
  creditKey,
  creditsPrefix,
  periodCloseKey,
  periodClosesPrefix,
} from "../keys.ts";
import type { KvLike } from "../kv_like.ts";

/** Adjustments or credits of one tenant that one read returns. */
const MAX_ROWS = 1_000;

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
    putAdjustment: (adjustment, audit) => {
      const { tenantId, periodId, adjustmentId } = adjustment;
      return put(kv, adjustmentKey(tenantId, periodId, adjustmentId), {
        value: adjustment,
        versionstamp: null,
        audit,
      });
    },
    async credits(tenantId) {
      const found: Versioned<Credit>[] = [];
      const selector = { prefix: creditsPrefix(tenantId) };
      for await (const { value, versionstamp } of kv.list<Credit>(selector, { limit: MAX_ROWS })) {
        found.push({ value, versionstamp });
      }
      return found;
    },
    putCredit: (credit, versionstamp, audit) =>
      put(kv, creditKey(credit.tenantId, credit.creditId), { value: credit, versionstamp, audit }),
    async periodClose(tenantId, periodId) {
      const entry = await kv.get<PeriodClose>(periodCloseKey(tenantId, periodId));
      if (entry.value === null) return null;
      return { value: entry.value, versionstamp: entry.versionstamp };
    },
    putPeriodClose: (close, versionstamp, audit) => {
      const key = periodCloseKey(close.tenantId, close.periodId);
      return put(kv, key, { value: close, versionstamp, audit });
    },
    async periodCloses({ tenantId, state, limit }) {
      const found: PeriodClose[] = [];
      const selector = { prefix: periodClosesPrefix(tenantId) };
      for await (const { value } of kv.list<PeriodClose>(selector, { reverse: true })) {
        if (state === undefined || value.state === state) found.push(value);
        if (found.length >= limit) break;
      }
      return found;
    },
  };
}

async function put(
  kv: KvLike,
  key: Deno.KvKey,
  { value, versionstamp, audit }: {
    readonly value: unknown;
    readonly versionstamp: string | null;
    readonly audit?: AuditDraft | undefined;
  },
): Promise<WriteOutcome> {
  const outcome = await guardedCommit(kv, {
    checks: [{ key, versionstamp }],
    write: (atomic) => atomic.set(key, value),
    audit,
  });
  return outcome.ok ? { ok: true } : outcome;
}
