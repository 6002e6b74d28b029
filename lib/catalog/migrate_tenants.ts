import { accept, type Refusal, refuse, type Result } from "@/lib/domain/result.ts";
import type { Act } from "@/lib/tenancy/act.ts";
import { BY_CATALOG } from "./plan_audit.ts";
import type { CatalogDeps } from "./deps.ts";

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

async function moveTenant(
  deps: Pick<CatalogDeps, "tenants"> & { readonly changePlan: ChangeTenantPlan },
  move: Parameters<ChangeTenantPlan>[0],
): Promise<MigrationOutcome["outcome"]> {
  const tenant = (await deps.tenants.tenant(move.tenantId))?.value;
  if (tenant?.planRevision === move.planRevision) return { kind: "already_there" };
  const moved = await deps.changePlan(move);
  return moved.ok ? { kind: "moved" } : { kind: "refused", error: moved.error };
}
