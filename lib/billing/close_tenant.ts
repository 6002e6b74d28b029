import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
import type { ReconcileRow } from "@/lib/ports/report_store.ts";
import type { Act } from "@/lib/tenancy/act.ts";
import type { BillingDeps } from "./deps.ts";
import { followMove, isFollowed } from "./follow_move.ts";
import { periodsByAnyClock, unsettledRows } from "./reconcile.ts";
import { updateTenant } from "./update_tenant.ts";

/**
 * Ends a tenant for good. Its calls are refused from the first commit on; then what it used is sent,
 * and only when Stripe has every unit the subscription ends and is invoiced at once. Repeat it to
 * complete a run that was cut off or refused. Errors: `not_found`, `conflict`, `units_outstanding`.
 */
export async function closeTenant(
  deps: BillingDeps,
  { tenantId, act }: { readonly tenantId: string; readonly act?: Act },
): Promise<Result<Tenant>> {
  const edit = { tenantId, action: "tenant.closed", act };
  const closed = await updateTenant(
    deps,
    edit,
    (tenant) =>
      tenant.status === "closed" ? tenant : { ...tenant, status: "closed", graceUntilMs: null },
  );
  if (!closed.ok) return closed;
  const tenant = closed.value;
  const { stripeSubscriptionId } = tenant;
  if (stripeSubscriptionId === null) return closed;
  // What waits for Stripe to follow a move would wait for ever after the end.
  if (!isFollowed(tenant)) await followMove(deps, tenant);
  // By Stripe's clock the present period may be the last one, by another instance's the next.
  const open: ReconcileRow[] = [];
  for (const period of await periodsByAnyClock(deps, tenant)) {
    await deps.metering.flush({ tenantId, periodId: period.periodId });
    open.push(...await unsettledRows(deps, { tenant, period }));
  }
  if (open.length > 0) {
    const meters = open.map(({ meter, ledger, stripe }) => `${meter}: ${stripe} of ${ledger}`);
    const detail =
      `Closed, but Stripe does not have all units for certain yet (${meters.join(", ")}); ` +
      "its subscription ends when this is repeated with all of them there";
    return refuse({ code: "units_outstanding", detail });
  }
  const ended = await deps.provider.cancelSubscription(stripeSubscriptionId);
  await deps.store.putMirror({
    tenantId,
    stripeStatus: ended.status,
    appliedStatus: "closed",
    atMs: deps.clock.nowMs(),
  });
  return accept(tenant);
}
