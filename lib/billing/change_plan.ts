import { periodAt } from "@/lib/domain/period.ts";
import type { PlanVersion } from "@/lib/domain/plan.ts";
import { diffPlans, type PlanChange } from "@/lib/domain/plan_diff.ts";
import { prorateChange, type ProratedChange } from "@/lib/domain/proration.ts";
import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import { priceStatement, type Statement } from "@/lib/domain/statement.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
import type { Act } from "@/lib/tenancy/act.ts";
import type { BillingDeps } from "./deps.ts";
import { billPeriod } from "./period_bill.ts";
import { updateTenant } from "./update_tenant.ts";

type ChangeDeps = Pick<
  BillingDeps,
  "clock" | "tenants" | "plans" | "usage" | "metering" | "provider" | "store"
>;

interface PlanMove {
  readonly tenantId: string;
  readonly planRevision: string;
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
  deps: ChangeDeps,
  move: PlanMove,
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
 * Moves a tenant to a published version, now. Our side first: from that commit on no unit counts
 * under the old version. Then what is left of the old version is sent, and Stripe changes prices,
 * invoicing usage so far at the old ones. A run that was cut off is completed by repeating it, or by
 * the daily pull. Errors: `not_found`, `plan_not_found`, `not_published`, `tenant_closed`,
 * `currency_changed`, `interval_changed`, `conflict`, and what `checkPlan` refuses.
 */
export async function changePlan(deps: ChangeDeps, move: PlanMove): Promise<Result<Tenant>> {
  const checked = await checkMove(deps, move);
  if (!checked.ok) return checked;
  const { tenant, to } = checked.value;
  if (tenant.planRevision !== to.planRevision) {
    await deps.store.putPlanChange({
      tenantId: tenant.tenantId,
      atMs: deps.clock.nowMs(),
      from: tenant.planRevision,
      to: to.planRevision,
      state: "started",
    });
  }
  const { planRevision } = to;
  const moved = await updateTenant(
    deps,
    { tenantId: tenant.tenantId, action: "tenant.plan_changed", act: move.act },
    (now) => now.planRevision === planRevision ? now : { ...now, planRevision },
  );
  if (!moved.ok) return moved;
  await completePlanChange(deps, moved.value);
  return moved;
}

/** Brings Stripe to the plan that our books have; does nothing where both agree. */
export async function completePlanChange(deps: ChangeDeps, tenant: Tenant): Promise<void> {
  const { tenantId, stripeSubscriptionId, planRevision } = tenant;
  if (stripeSubscriptionId !== null) {
    const plan = (await deps.plans.plan(planRevision))?.value;
    if (plan === undefined) return;
    const { periodId } = periodAt(deps.clock.nowMs(), plan.interval);
    await deps.metering.flush({ tenantId, periodId });
    const provisioned = await deps.provider.ensurePlan(plan);
    await deps.provider.changePlan({ stripeSubscriptionId, plan: provisioned });
  }
  for (const row of await deps.store.planChanges(tenantId)) {
    if (row.state === "started") await deps.store.putPlanChange({ ...row, state: "done" });
  }
}

async function checkMove(
  deps: ChangeDeps,
  { tenantId, planRevision }: PlanMove,
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
