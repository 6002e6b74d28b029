import type { PlanVersion } from "@/lib/domain/plan.ts";
import type { PlanStore } from "@/lib/ports/tenancy.ts";

/** A PlanStore in memory, held to the same contract suite as the one over Deno KV. */
export function createMemoryPlanStore(): PlanStore & { epoch(): string | null } {
  const plans = new Map<string, { value: PlanVersion; versionstamp: string }>();
  let writes = 0;
  return {
    epoch: () => writes === 0 ? null : String(writes),
    plan: (planRevision) => Promise.resolve(plans.get(planRevision) ?? null),
    plans: (planId) =>
      Promise.resolve(
        [...plans.values()].map(({ value }) => value)
          .filter((plan) => planId === undefined || plan.planId === planId)
          .sort((a, b) =>
            a.planId < b.planId ? -1 : a.planId > b.planId ? 1 : b.revision - a.revision
          ),
      ),
    putPlan: (plan, versionstamp) => {
      const known = plans.get(plan.planRevision)?.versionstamp ?? null;
      if (known !== versionstamp) return Promise.resolve({ ok: false, code: "conflict" });
      writes += 1;
      plans.set(plan.planRevision, { value: plan, versionstamp: String(writes).padStart(20, "0") });
      return Promise.resolve({ ok: true });
    },
  };
}
