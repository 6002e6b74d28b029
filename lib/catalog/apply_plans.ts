import type { PlanVersion } from "@/lib/domain/plan.ts";
import type { PlanChange } from "@/lib/domain/plan_diff.ts";
import { accept, type Result } from "@/lib/domain/result.ts";
import type { CatalogDeps } from "./deps.ts";
import { dryRunPlan, type DryRunResult } from "./dry_run.ts";
import type { PlansFile } from "./plans_file.ts";
import { publishPlan } from "./publish_plan.ts";
import { previewDraft, saveDraft } from "./save_draft.ts";

export interface PlanDifference {
  readonly planId: string;
  readonly changes: readonly PlanChange[];
}

export interface ProposedPlan {
  readonly draft: PlanVersion;
  readonly changes: readonly PlanChange[];
  readonly result: DryRunResult;
}

/** What a file would change, plan by plan; plans without changes are left out. Writes nothing. */
export async function diffPlansFile(
  deps: Pick<CatalogDeps, "plans">,
  file: PlansFile,
): Promise<readonly PlanDifference[]> {
  const differences: PlanDifference[] = [];
  for (const terms of file.plans) {
    const changes = await previewDraft(deps, terms);
    if (changes.length > 0) differences.push({ planId: terms.planId, changes });
  }
  return differences;
}

/** Saves a draft for every plan that changed and replays each over past usage. */
export async function proposePlansFile(
  deps: CatalogDeps,
  file: PlansFile,
  onProgress: (planRevision: string, tenants: number) => void = () => {},
): Promise<Result<readonly ProposedPlan[]>> {
  const proposed: ProposedPlan[] = [];
  for (const terms of file.plans) {
    const saved = await saveDraft(deps, terms);
    if (!saved.ok) return saved;
    const { draft, changes } = saved.value;
    if (draft === null) continue;
    const { planRevision } = draft;
    const result = await dryRunPlan(deps, planRevision, {
      onProgress: (tenants) => onProgress(planRevision, tenants),
    });
    if (!result.ok) return result;
    proposed.push({ draft, changes, result: result.value });
  }
  return accept(proposed);
}

/** Publishes what `proposePlansFile` proposed; stops at the first refusal. Repeatable. */
export async function publishProposed(
  deps: CatalogDeps,
  proposed: readonly ProposedPlan[],
): Promise<Result<readonly PlanVersion[]>> {
  const published: PlanVersion[] = [];
  for (const { draft, result } of proposed) {
    const { dryRunId } = result.dryRun;
    const done = await publishPlan(deps, { planRevision: draft.planRevision, dryRunId });
    if (!done.ok) return done;
    published.push(done.value);
  }
  return accept(published);
}
