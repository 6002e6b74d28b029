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
 * Moves a tenant to a published version, now. First what was used under the old version is sent: what
 * Stripe gets after its prices changed it would bill at the new ones, or not at all, so nothing is
 * moved while units wait. Then our side: from that commit on no unit counts under the old version, and
 * of two moves from the same version one finds the other's and changes nothing. Then Stripe changes
 * prices, invoicing usage so far at the old ones. A run that was cut off is completed by repeating it,
 * or by the daily pull. Errors: `not_found`, `plan_not_found`, `not_published`, `tenant_closed`,
 * `currency_changed`, `interval_changed`, `conflict`, `units_outstanding`, and what `checkPlan` refuses.
 */
export async function changePlan(deps: ChangeDeps, move: PlanMove): Promise<Result<Tenant>> {
  const checked = await checkMove(deps, move);
  if (!checked.ok) return checked;
  const { tenant } = checked.value;
  const { tenantId, planRevision, from = tenant.planRevision, act } = move;
  if (tenant.planRevision !== planRevision && tenant.planRevision === from) {
    const sent = await sendRest(deps, { tenant, plan: checked.value.to });
    if (!sent.ok) return sent;
  }
  const edit = { tenantId, action: "tenant.plan_changed", act };
  const moved = await updateTenant(deps, edit, (now) => {
    if (now.planRevision === planRevision) return now;
    return now.planRevision === from && now.status !== "closed" ? { ...now, planRevision } : null;
  });
  return moved.ok ? await completePlanChange(deps, moved.value) : moved;
}

/** Another move in between makes a run begin again; more than that, and something is wrong. */
const MAX_RUNS = 5;

/**
 * Brings Stripe to the plan that our books have; does nothing where both agree. Errors: `not_found`,
 * `plan_not_found`, `units_outstanding`, `conflict`.
 */
export async function completePlanChange(
  deps: ChangeDeps,
  { tenantId }: Pick<Tenant, "tenantId">,
): Promise<Result<Tenant>> {
  for (let run = 0; run < MAX_RUNS; run++) {
    const tenant = (await deps.tenants.tenant(tenantId))?.value;
    if (tenant === undefined) return refuse({ code: "not_found", detail: `No tenant ${tenantId}` });
    const { stripeSubscriptionId, planRevision } = tenant;
    if (stripeSubscriptionId !== null) {
      const plan = (await deps.plans.plan(planRevision))?.value;
      if (plan === undefined) {
        return refuse({ code: "plan_not_found", detail: `No plan ${planRevision}` });
      }
      const sent = await sendRest(deps, { tenant, plan });
      if (!sent.ok) return sent;
      const provisioned = await deps.provider.ensurePlan(plan);
      await deps.provider.changePlan({ stripeSubscriptionId, plan: provisioned });
    }
    // A later move may have reached Stripe before ours did: the books say which one counts.
    const now = (await deps.tenants.tenant(tenantId))?.value;
    if (now?.planRevision !== planRevision) continue;
    await noteDone(deps, now);
    return accept(now);
  }
  return refuse({ code: "conflict", detail: `Tenant ${tenantId} is being moved by others` });
}

/** All moves up to the one that led to the tenant's version are done; a later one is another run's. */
async function noteDone(deps: ChangeDeps, { tenantId, planRevision }: Tenant): Promise<void> {
  const rows = await deps.store.planChanges(tenantId);
  const last = rows.findLastIndex(({ to }) => to === planRevision);
  for (const row of rows.slice(0, last + 1)) {
    if (row.state === "started") await deps.store.putPlanChange({ ...row, state: "done" });
  }
}

/** Entries that one read returns. */
const ENTRIES_READ = 500;

/** Sends what is due. Errors: `units_outstanding` while units of another version than `plan` wait. */
async function sendRest(
  deps: ChangeDeps,
  { tenant, plan }: { readonly tenant: Tenant; readonly plan: PlanVersion },
): Promise<Result<Tenant>> {
  const { tenantId, stripeSubscriptionId } = tenant;
  if (stripeSubscriptionId === null) return accept(tenant);
  const { periodId } = periodAt(deps.clock.nowMs(), plan.interval);
  await deps.metering.flush({ tenantId, periodId });
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof deps.usage.outbox>> = await deps.usage.outbox({
      tenantId,
      limit: ENTRIES_READ,
      ...(cursor === null ? {} : { cursor }),
    });
    const waiting = page.entries.find(({ planRevision }) => planRevision !== plan.planRevision);
    if (waiting !== undefined) {
      const moved = tenant.planRevision === plan.planRevision;
      const detail = `Units of ${waiting.planRevision} wait to be sent, ${waiting.entryId} among ` +
        `them; ${moved ? "Stripe keeps its prices" : "nothing is moved"} until they are`;
      return refuse({ code: "units_outstanding", detail });
    }
    cursor = page.cursor;
  } while (cursor !== null);
  return accept(tenant);
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
