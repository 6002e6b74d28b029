import type { Correction } from "@/lib/domain/correction.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
import { isClosing, type PeriodClose } from "@/lib/ports/money_ledger.ts";
import type { CorrectionStore, PeriodBar } from "@/lib/ports/correction_store.ts";
import { aloneChecks, readAloneActs, writeAloneActs } from "./alone_acts.ts";
import { commitOnce } from "./commit_once.ts";
import type { KvLike } from "./kv_like.ts";
import {
  approvalKey,
  approvalsPrefix,
  correctionKey,
  correctionSealedKey,
  correctionsPrefix,
  periodCloseKey,
  tenantKey,
} from "./keys.ts";

interface StoredCorrection extends Correction {
  readonly v: 1;
}

export function createCorrectionStore({ kv }: { readonly kv: KvLike }): CorrectionStore {
  return {
    async standing({ tenantId, periodId, correctionId }) {
      const [tenant, close, mark] = await kv.getMany<[Tenant, PeriodClose, true]>([
        tenantKey(tenantId),
        periodCloseKey(tenantId, periodId),
        correctionSealedKey(tenantId, correctionId),
      ]);
      return {
        bar: barOf(tenant.value, close.value),
        tenantVersion: tenant.versionstamp,
        closeVersion: close.versionstamp,
        sealed: mark.value !== null,
      };
    },
    async find(tenantId, correctionId) {
      const entry = await kv.get<StoredCorrection>(correctionKey(tenantId, correctionId));
      if (entry.value === null) return null;
      return { value: decode(entry.value), versionstamp: entry.versionstamp };
    },
    async list({ tenantId, limit }) {
      const found: Correction[] = [];
      const selector = { prefix: correctionsPrefix(tenantId) };
      for await (const { value } of kv.list<StoredCorrection>(selector, { limit, reverse: true })) {
        found.push(decode(value));
      }
      return found;
    },
    aloneActs: (account) => readAloneActs(kv, account),
    async put(correction, versionstamp, { closeVersion, alone } = {}) {
      const { tenantId, correctionId } = correction;
      const key = correctionKey(tenantId, correctionId);
      const waiting = approvalKey({ ...correction, kind: "correction", id: correctionId });
      const commit = await commitOnce(
        () => {
          const atomic = kv.atomic().check({ key, versionstamp }, ...aloneChecks(alone));
          if (closeVersion !== undefined) {
            const close = periodCloseKey(tenantId, correction.periodId);
            atomic.check({ key: close, versionstamp: closeVersion });
          }
          writeAloneActs(atomic.set(key, { v: 1, ...correction }), alone);
          return isDecided(correction) ? atomic.delete(waiting) : atomic.set(waiting, true);
        },
        async () => {
          const found = await kv.get<StoredCorrection>(key);
          if (found.versionstamp === versionstamp) return { kind: "unchanged" };
          const same = found.value !== null && found.value.state === correction.state &&
            found.value.approver === correction.approver;
          return same && found.versionstamp !== null
            ? { kind: "mine", versionstamp: found.versionstamp }
            : { kind: "changed" };
        },
      );
      return commit.ok ? { ok: true } : { ok: false, code: "conflict" };
    },
  };
}

/**
 * Those of a period that somebody has to decide, or to finish, oldest first. They are read from the
 * queue of all that waits, which is short: people work it off.
 */
export async function waitingCorrections(
  kv: KvLike,
  { tenantId, periodId }: { readonly tenantId: string; readonly periodId: string },
): Promise<readonly Correction[]> {
  const found: Correction[] = [];
  for await (const { key: [, , kind, owner, id] } of kv.list({ prefix: approvalsPrefix() })) {
    if (kind !== "correction" || owner !== tenantId) continue;
    const { value } = await kv.get<StoredCorrection>(correctionKey(tenantId, String(id)));
    if (value !== null && value.periodId === periodId && !isDecided(value)) {
      found.push(decode(value));
    }
  }
  return found;
}

/** Approved and not applied is a crash in between: somebody has to finish it. */
function isDecided({ state }: Correction): boolean {
  return state === "applied" || state === "refused";
}

function decode({ v: _version, ...correction }: StoredCorrection): Correction {
  return correction;
}

function barOf(tenant: Tenant | null, close: PeriodClose | null): PeriodBar | null {
  if (tenant?.status === "closed") return "tenant_closed";
  if (close?.state === "finalized") return "period_closed";
  return close !== null && isClosing(close) ? "period_closing" : null;
}
