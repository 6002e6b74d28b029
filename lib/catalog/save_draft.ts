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
 * With a `base` of `draftBase`, only while the plan is as it was then.
 * Published versions are never touched. Errors: `conflict` when somebody else saved meanwhile, and
 * whatever the billing provider can't express.
 */
export async function saveDraft(
  deps: CatalogDeps,
  terms: PlanTerms,
  act: Act = BY_CATALOG,
  { base }: { readonly base?: string } = {},
): Promise<Result<SavedDraft>> {
  const versions = await deps.plans.plans(terms.planId);
  const published = versions.find(({ status }) => status === "published") ?? null;
  const newest = versions[0];
  const reuse = newest?.status === "draft";
  const stamp = newest === undefined ? null : await stampOf(deps.plans, newest);
  if (base !== undefined && base !== baseText(newest, stamp)) return changedMeanwhile(terms);
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
  const versionstamp = reuse ? stamp : null;
  const audit = planAudit(deps, act, { action: "plan.drafted", after: draft });
  const written = await deps.plans.putPlan(draft, versionstamp, audit);
  return written.ok ? accept({ draft, changes }) : changedMeanwhile(terms);
}

/** What a draft of a plan is made on; every save of the plan makes it another. `""`: no version. */
export async function draftBase(
  plans: Pick<PlanStore, "plan" | "plans">,
  planId: string,
): Promise<string> {
  const [newest] = await plans.plans(planId);
  return baseText(newest, newest === undefined ? null : await stampOf(plans, newest));
}

function baseText(newest: PlanVersion | undefined, stamp: string | null): string {
  return newest === undefined ? "" : `${newest.planRevision} ${stamp ?? ""}`;
}

function changedMeanwhile({ planId }: PlanTerms): Result<never> {
  return refuse({ code: "conflict", detail: `Plan ${planId} was changed meanwhile` });
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

async function stampOf(
  plans: Pick<PlanStore, "plan">,
  draft: PlanVersion,
): Promise<string | null> {
  return (await plans.plan(draft.planRevision))?.versionstamp ?? null;
}
