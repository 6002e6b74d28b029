import { accept, type Refusal, refuse, type Result } from "@/lib/domain/result.ts";
import type { Act } from "@/lib/tenancy/act.ts";
import { BY_CATALOG } from "./plan_audit.ts";
import type { CatalogDeps } from "./deps.ts";
import { eachTenant } from "./each_tenant.ts";

/** Tenants moved by one call; more take several. */
export const MAX_MIGRATED = 500;

export interface MigrationOutcome {
  readonly tenantId: string;
  readonly outcome: { readonly kind: "moved" | "already_there" } | {
    readonly kind: "refused";
    readonly error: Refusal;
  };
}

/** Moves one tenant and says what it costs; `lib/billing/change_plan.ts` is the one that bills. */
export type ChangeTenantPlan = (
  move: {
    readonly tenantId: string;
    readonly planRevision: string;
    readonly from?: string;
    readonly act?: Act;
  },
) => Promise<Result<unknown>>;

/**
 * Moves tenants to a published version, one by one: a refusal of one never holds up the others, and
 * repeating the call moves only those still missing. Preview each with `previewPlanChange`. Errors:
 * `not_found`, `not_published`, `too_many_tenants`.
 */
export async function migrateTenants(
  deps: Pick<CatalogDeps, "plans" | "tenants"> & { readonly changePlan: ChangeTenantPlan },
  { planRevision, tenantIds, from, act = BY_CATALOG }: {
    readonly planRevision: string;
    /** A tenant that is on another version by now stays there; absent: whichever it is on. */
    readonly from?: string;
    readonly tenantIds: readonly string[];
    readonly act?: Act;
  },
): Promise<Result<readonly MigrationOutcome[]>> {
  const plan = (await deps.plans.plan(planRevision))?.value;
  if (plan === undefined) return refuse({ code: "not_found", detail: `No plan ${planRevision}` });
  if (plan.status !== "published") {
    const detail = `${planRevision} is ${plan.status}; tenants move to published versions only`;
    return refuse({ code: "not_published", detail });
  }
  if (tenantIds.length > MAX_MIGRATED) {
    return refuse({ code: "too_many_tenants", detail: `At most ${MAX_MIGRATED} tenants a call` });
  }
  const outcomes: MigrationOutcome[] = [];
  for (const tenantId of new Set(tenantIds)) {
    const move = { tenantId, planRevision, act, ...from === undefined ? {} : { from } };
    outcomes.push({ tenantId, outcome: await moveTenant(deps, move) });
  }
  return accept(outcomes);
}

export interface MigrationFrom {
  readonly outcomes: readonly MigrationOutcome[];
  /** Tenants on `from`, closed ones apart, once these were moved. */
  readonly waiting: number;
}

/**
 * Moves tenants on one version to another, the first `limit` by id; repeat it while some wait. With
 * `dryRun` nobody moves and `waiting` says how many would. Errors: those of `migrateTenants`, and
 * `not_found` for a version that there is not.
 */
export async function migrateFrom(
  deps: Pick<CatalogDeps, "plans" | "tenants"> & { readonly changePlan: ChangeTenantPlan },
  { planRevision, from, limit, dryRun, act }: {
    readonly planRevision: string;
    readonly from: string;
    readonly limit: number;
    readonly dryRun: boolean;
    readonly act: Act;
  },
): Promise<Result<MigrationFrom>> {
  if (await deps.plans.plan(from) === null) {
    return refuse({ code: "not_found", detail: `No plan ${from}` });
  }
  const before = from === planRevision ? [] : await tenantsOn(deps, from);
  const tenantIds = dryRun ? [] : before.slice(0, limit);
  const migrated = await migrateTenants(deps, { planRevision, from, tenantIds, act });
  if (!migrated.ok) return migrated;
  const left = migrated.value.filter(({ outcome }) => outcome.kind === "refused").length;
  return accept({
    outcomes: migrated.value,
    waiting: before.length - tenantIds.length + left,
  });
}

async function tenantsOn(
  { tenants }: Pick<CatalogDeps, "tenants">,
  planRevision: string,
): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const { tenantId, status } of eachTenant(tenants, { planRevision })) {
    if (status !== "closed") ids.push(tenantId);
  }
  return ids;
}

async function moveTenant(
  deps: Pick<CatalogDeps, "tenants"> & { readonly changePlan: ChangeTenantPlan },
  move: Parameters<ChangeTenantPlan>[0],
): Promise<MigrationOutcome["outcome"]> {
  const tenant = (await deps.tenants.tenant(move.tenantId))?.value;
  if (tenant?.planRevision === move.planRevision) return { kind: "already_there" };
  const moved = await deps.changePlan(move);
  return moved.ok ? { kind: "moved" } : { kind: "refused", error: moved.error };
}
