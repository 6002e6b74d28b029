import type { PlanModel } from "@/components/operator/PlanPage.tsx";
import type { PlansModel } from "@/components/operator/PlansPage.tsx";
import { diffPlans } from "@/lib/domain/plan_diff.ts";
import type { Services } from "@/lib/services.ts";

type PlansDeps = Pick<Services, "plans" | "tenants" | "catalog">;

const DRY_RUNS_SHOWN = 10;

export async function loadPlans(deps: PlansDeps): Promise<PlansModel> {
  const [versions, counts] = await Promise.all([deps.plans.plans(), deps.tenants.planCounts()]);
  const ids = [...new Set(versions.map(({ planId }) => planId))];
  return {
    plans: ids.map((planId) => {
      const own = versions.filter((version) => version.planId === planId);
      return {
        planId,
        versions: own.length,
        published: own.find(({ status }) => status === "published") ?? null,
        draft: own.find(({ status }) => status === "draft") ?? null,
        tenants: own.reduce((sum, { planRevision }) => sum + (counts.get(planRevision) ?? 0), 0),
      };
    }),
  };
}

/** `null` for a plan that does not exist. */
export async function loadPlan(
  deps: PlansDeps,
  { planId, query }: { readonly planId: string; readonly query: URLSearchParams },
): Promise<PlanModel | null> {
  const [versions, counts, dryRuns] = await Promise.all([
    deps.plans.plans(planId),
    deps.tenants.planCounts(),
    deps.catalog.dryRuns.dryRuns({ limit: 100 }),
  ]);
  const [newest] = versions;
  if (newest === undefined) return null;
  const find = (revision: string | null) =>
    versions.find(({ planRevision }) => planRevision === revision);
  const shown = find(query.get("version")) ??
    versions.find(({ status }) => status === "published") ?? newest;
  const to = find(query.get("to")) ?? newest;
  const from = find(query.get("from")) ?? versions[versions.indexOf(to) + 1] ?? null;
  return {
    planId,
    shown,
    versions: versions.map((version) => ({
      version,
      tenants: counts.get(version.planRevision) ?? 0,
    })),
    draft: versions.find(({ status }) => status === "draft") ?? null,
    published: versions.find(({ status }) => status === "published") ?? null,
    compare: { from, to, changes: diffPlans(from, to) },
    dryRuns: dryRuns.filter(({ planRevision }) => find(planRevision) !== undefined)
      .slice(0, DRY_RUNS_SHOWN),
  };
}
