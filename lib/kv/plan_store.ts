import type { PlanVersion } from "@/lib/domain/plan.ts";
import type { PlanStore, WriteOutcome } from "@/lib/ports/tenancy.ts";
import type { KvLike } from "./kv_like.ts";
import { guardedCommit } from "./guarded_commit.ts";
import { planKey, plansPrefix } from "./keys.ts";

/** Versions of all plans that one read returns; a catalogue is small. */
const MAX_PLANS = 1_000;

/** Plan versions in Deno KV. A write moves the config epoch in the same commit. */
export function createKvPlanStore(kv: KvLike): PlanStore {
  return {
    plan: async (planRevision) => {
      const id = splitRevision(planRevision);
      if (id === null) return null;
      const entry = await kv.get<PlanVersion>(planKey(id.planId, id.revision));
      if (entry.value === null) return null;
      return { value: entry.value, versionstamp: entry.versionstamp };
    },

    plans: async (planId) => {
      const found: PlanVersion[] = [];
      const options = { limit: MAX_PLANS, reverse: true };
      for await (const entry of kv.list<PlanVersion>({ prefix: plansPrefix(planId) }, options)) {
        found.push(entry.value);
      }
      return found.sort(byPlanNewestFirst);
    },

    putPlan: async (plan, versionstamp, audit): Promise<WriteOutcome> => {
      const key = planKey(plan.planId, plan.revision);
      const outcome = await guardedCommit(kv, {
        checks: [{ key, versionstamp }],
        write: (atomic) => atomic.set(key, plan),
        movesEpoch: true,
        audit,
      });
      return outcome.ok ? { ok: true } : outcome;
    },
  };
}

/** Undoes `<planId>@<revision>`, the one place outside the catalog that looks inside. */
export function splitRevision(planRevision: string): { planId: string; revision: number } | null {
  const at = planRevision.lastIndexOf("@");
  const revision = Number(planRevision.slice(at + 1));
  if (at < 1 || !Number.isSafeInteger(revision) || revision < 1) return null;
  return { planId: planRevision.slice(0, at), revision };
}

function byPlanNewestFirst(a: PlanVersion, b: PlanVersion): number {
  if (a.planId !== b.planId) return a.planId < b.planId ? -1 : 1;
  return b.revision - a.revision;
}
