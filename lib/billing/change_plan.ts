import { periodAt } from "@/lib/domain/period.ts";
import type { PlanVersion } from "@/lib/domain/plan.ts";
import { diffPlans, type PlanChange } from "@/lib/domain/plan_diff.ts";
import { prorateChange, type ProratedChange } from "@/lib/domain/proration.ts";
import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import { priceStatement, type Statement } from "@/lib/domain/statement.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
import type { Act } from "@/lib/tenancy/act.ts";
import { type FollowDeps, followMove, isFollowed, sendRest } from "./follow_move.ts";
import { billPeriod } from "./period_bill.ts";
import { updateTenant } from "./update_tenant.ts";

type PreviewDeps = Omit<FollowDeps, "logger" | "metering">;

interface MoveRequest {
  readonly tenantId: string;
  readonly planRevision: string;
  /**
   * The version that whoever decides saw the tenant on, as the preview said; a tenant that is on
   * another by now stays there. Absent: the one that the tenant is on when this is called.
   */
  readonly from?: string;
  /** Who moves the tenant, for the audit log. */
  readonly act?: Act;
}

export interface PlanChangePreview {
  readonly from: PlanVersion;
  readonly to: PlanVersion;
  readonly changes: readonly PlanChange[];
  /** Base fee for the rest of this period: unused time back, remaining time anew. */
  readonly proration: ProratedChange;
  /** This period's usage so far, had it all been on one plan or the other. */
  readonly before: Statement;
  readonly after: Statement;
}

/** What a move would cost, without moving. Errors as for `changePlan`. */
export async function previewPlanChange(
  deps: PreviewDeps,
  move: MoveRequest,
): Promise<Result<PlanChangePreview>> {
  const checked = await checkMove(deps, move);
  if (!checked.ok) return checked;
  const { tenant, from, to } = checked.value;
  const atMs = deps.clock.nowMs();
  const period = periodAt(atMs, from.interval);
  const bill = await billPeriod(deps, { tenant, period });
  if (!bill.ok) return bill;
  return accept({
    from,
    to,
    changes: diffPlans(from, to),
    proration: prorateChange({ from: from.baseFee, to: to.baseFee }, { period, atMs }),
    before: priceStatement(from, bill.value.units),
    after: priceStatement(to, bill.value.units),
  });
}

/**
 * Moves a tenant to a published version, now. First what was used under the old version is sent: while
 * units of it wait, nothing is moved. Then our side: from that commit on no unit counts under the old
 * version, and of two moves from the same version one finds the other's and changes nothing. The same
 * commit says that Stripe has to follow (`completePlanChange`): it is told at once if it can be, and by
 * the recurring work until it has. Until then it gets nothing of the new version. Errors: `not_found`,
 * `plan_not_found`, `not_published`, `tenant_closed`, `currency_changed`, `interval_changed`,
 * `conflict`, `units_outstanding`, and what `checkPlan` refuses.
 */
export async function changePlan(deps: FollowDeps, move: MoveRequest): Promise<Result<Tenant>> {
  const checked = await checkMove(deps, move);
  if (!checked.ok) return checked;
  const { tenant } = checked.value;
  const { tenantId, planRevision, from = tenant.planRevision, act } = move;
  if (tenant.planRevision !== planRevision && tenant.planRevision === from) {
    const waiting = isFollowed(tenant)
      ? await sendRest(deps, { tenant, planRevision })
      : `Stripe has yet to follow the move to ${tenant.planRevision}`;
    if (waiting !== null) {
      return refuse({
        code: "units_outstanding",
        detail: `${waiting}; nothing is moved until then`,
      });
    }
  }
  const edit = { tenantId, action: "tenant.plan_changed", act };
  const moved = await updateTenant(deps, edit, (now) => {
    if (now.planRevision === planRevision) return now;
    const asSeen = now.planRevision === from && now.status !== "closed" && isFollowed(now);
    return asSeen ? { ...now, planRevision } : null;
  });
  if (!moved.ok) return moved;
  await followMove(deps, moved.value);
  const after = (await deps.tenants.tenant(tenantId))?.value;
  return accept(after ?? moved.value);
}

async function checkMove(
  deps: PreviewDeps,
  { tenantId, planRevision }: MoveRequest,
): Promise<Result<{ tenant: Tenant; from: PlanVersion; to: PlanVersion }>> {
  const tenant = (await deps.tenants.tenant(tenantId))?.value;
  if (tenant === undefined) return refuse({ code: "not_found", detail: `No tenant ${tenantId}` });
  if (tenant.status === "closed") {
    return refuse({ code: "tenant_closed", detail: `Tenant ${tenantId} is closed` });
  }
  const from = (await deps.plans.plan(tenant.planRevision))?.value;
  const to = (await deps.plans.plan(planRevision))?.value;
  if (from === undefined || to === undefined) {
    const missing = to === undefined ? planRevision : tenant.planRevision;
    return refuse({ code: "plan_not_found", detail: `No plan ${missing}` });
  }
  if (to.status !== "published") {
    return refuse({ code: "not_published", detail: `${planRevision} is ${to.status}` });
  }
  if (from.currency !== to.currency) {
    const detail = `Stripe keeps one currency per subscription, and this one is ${from.currency}`;
    return refuse({ code: "currency_changed", detail });
  }
  if (from.interval !== to.interval) {
    const detail = `${tenantId} is billed per ${from.interval}; end that subscription first`;
    return refuse({ code: "interval_changed", detail });
  }
  const billable = deps.provider.checkPlan(to);
  return billable.ok ? accept({ tenant, from, to }) : billable;
}
