import type { PlanVersion } from "@/lib/domain/plan.ts";
import { diffPlans, type PlanChange } from "@/lib/domain/plan_diff.ts";
import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import type { Act } from "@/lib/tenancy/act.ts";
import type { PlanStore } from "@/lib/ports/tenancy.ts";
import { BY_CATALOG, planAudit } from "./plan_audit.ts";
import type { CatalogDeps } from "./deps.ts";
import type { PlanTerms } from "./plan_definition.ts";

export interface SavedDraft {
  /** `null` when the terms equal the newest published version and nothing was saved. */
  readonly draft: PlanVersion | null;
  /** Against the newest published version. */
  readonly changes: readonly PlanChange[];
}

/**
 * Keeps terms as the plan's one draft: the next revision, or the draft that already waits, anew.
 * Published versions are never touched. Errors: `conflict` when somebody else saved meanwhile, and
 * whatever the billing provider can't express.
 */
export async function saveDraft(
  deps: CatalogDeps,
  terms: PlanTerms,
  act: Act = BY_CATALOG,
): Promise<Result<SavedDraft>> {
  const versions = await deps.plans.plans(terms.planId);
  const published = versions.find(({ status }) => status === "published") ?? null;
  const newest = versions[0];
  const reuse = newest?.status === "draft";
  const revision = reuse ? newest.revision : (newest?.revision ?? 0) + 1;
  const draft: PlanVersion = {
    ...terms,
    revision,
    planRevision: `${terms.planId}@${revision}`,
    status: "draft",
    createdAtMs: deps.clock.nowMs(),
  };
  const changes = diffPlans(published, draft);
  if (changes.length === 0) return accept({ draft: null, changes });
  const billable = deps.provider.checkPlan(draft);
  if (!billable.ok) return billable;
  const versionstamp = reuse ? await stampOf(deps.plans, draft) : null;
  const audit = planAudit(deps, act, { action: "plan.drafted", after: draft });
  const written = await deps.plans.putPlan(draft, versionstamp, audit);
  if (written.ok) return accept({ draft, changes });
  return refuse({ code: "conflict", detail: `Plan ${terms.planId} was changed meanwhile` });
}

/** What `saveDraft` would change, without saving. */
export async function previewDraft(
  deps: Pick<CatalogDeps, "plans">,
  terms: PlanTerms,
): Promise<readonly PlanChange[]> {
  const versions = await deps.plans.plans(terms.planId);
  const published = versions.find(({ status }) => status === "published") ?? null;
  return diffPlans(published, {
    ...terms,
    revision: 0,
    planRevision: `${terms.planId}@0`,
    status: "draft",
    createdAtMs: 0,
  });
}

async function stampOf(plans: PlanStore, draft: PlanVersion): Promise<string | null> {
  return (await plans.plan(draft.planRevision))?.versionstamp ?? null;
}
