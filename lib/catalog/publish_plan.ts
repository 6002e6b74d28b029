import type { PlanVersion } from "@/lib/domain/plan.ts";
import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import type { Act } from "@/lib/tenancy/act.ts";
import type { CatalogDeps } from "./deps.ts";
import { eachTenant } from "./each_tenant.ts";
import { BY_CATALOG, planAudit } from "./plan_audit.ts";
import { hashTerms } from "./terms_hash.ts";

/** Usage moves on: an older dry run no longer says what a publish would do. */
const DRY_RUN_FRESH_MS = 24 * 3_600_000;

/**
 * Makes a draft the version that new tenants get. Needs a dry run of exactly these terms from the
 * last 24 hours. Stripe's objects are made first, so a published version is always billable and a
 * crash leaves a draft that can be published again. Tenants stay on their version. Errors:
 * `not_found`, `not_a_draft`, `dry_run_required`, `dry_run_stale`, `conflict`, and the provider's.
 */
export async function publishPlan(
  deps: CatalogDeps,
  { planRevision, dryRunId, act = BY_CATALOG }: {
    readonly planRevision: string;
    readonly dryRunId: string;
    readonly act?: Act;
  },
): Promise<Result<PlanVersion>> {
  const found = await deps.plans.plan(planRevision);
  if (found === null) return refuse({ code: "not_found", detail: `No plan ${planRevision}` });
  const { value: draft, versionstamp } = found;
  if (draft.status !== "draft") {
    return refuse({ code: "not_a_draft", detail: `${planRevision} is ${draft.status} already` });
  }
  const shown = await checkDryRun(deps, draft, dryRunId);
  if (!shown.ok) return shown;
  const billable = deps.provider.checkPlan(draft);
  if (!billable.ok) return billable;
  await deps.provider.ensurePlan(draft);
  const published: PlanVersion = { ...draft, status: "published" };
  const audit = planAudit(deps, act, { action: "plan.published", before: draft, after: published });
  const written = await deps.plans.putPlan(published, versionstamp, audit);
  if (written.ok) return accept(published);
  return refuse({ code: "conflict", detail: `${planRevision} was changed meanwhile` });
}

/**
 * Takes a version off the shelf; one that is off already stays so. Errors: `not_found`, `plan_in_use` while any tenant that is not
 * closed is on it, `conflict`.
 */
export async function archivePlan(
  deps: Pick<CatalogDeps, "clock" | "plans" | "tenants">,
  planRevision: string,
  act: Act = BY_CATALOG,
): Promise<Result<PlanVersion>> {
  const found = await deps.plans.plan(planRevision);
  if (found === null) return refuse({ code: "not_found", detail: `No plan ${planRevision}` });
  if (found.value.status === "archived") return accept(found.value);
  const user = await firstTenantOn(deps, planRevision);
  if (user !== null) {
    const detail = `Tenant ${user} is on ${planRevision}; migrate all tenants off it first`;
    return refuse({ code: "plan_in_use", detail });
  }
  const archived: PlanVersion = { ...found.value, status: "archived" };
  const change = { action: "plan.archived", before: found.value, after: archived };
  const audit = planAudit(deps, act, change);
  const written = await deps.plans.putPlan(archived, found.versionstamp, audit);
  if (written.ok) return accept(archived);
  return refuse({ code: "conflict", detail: `${planRevision} was changed meanwhile` });
}

async function checkDryRun(
  deps: CatalogDeps,
  draft: PlanVersion,
  dryRunId: string,
): Promise<Result<null>> {
  const dryRun = await deps.dryRuns.dryRun(dryRunId);
  if (dryRun === null || dryRun.planRevision !== draft.planRevision) {
    const detail = `Publishing ${draft.planRevision} needs the id of a dry run of it`;
    return refuse({ code: "dry_run_required", detail });
  }
  if (dryRun.termsHash !== await hashTerms(draft)) {
    const detail = `${draft.planRevision} was edited after dry run ${dryRunId}; run it again`;
    return refuse({ code: "dry_run_stale", detail });
  }
  if (deps.clock.nowMs() - dryRun.createdAtMs > DRY_RUN_FRESH_MS) {
    const detail = `Dry run ${dryRunId} is older than 24 hours; run it again`;
    return refuse({ code: "dry_run_stale", detail });
  }
  return accept(null);
}

async function firstTenantOn(
  deps: Pick<CatalogDeps, "tenants">,
  planRevision: string,
): Promise<string | null> {
  for await (const { tenantId, status } of eachTenant(deps.tenants, { planRevision })) {
    if (status !== "closed") return tenantId;
  }
  return null;
}
