import { eachTenant } from "@/lib/catalog/each_tenant.ts";
import { effectiveQuota } from "@/lib/domain/decide.ts";
import { roundToMinor } from "@/lib/domain/money.ts";
import { periodAt } from "@/lib/domain/period.ts";
import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import { usageMinor } from "@/lib/domain/statement.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
import type { AuditLog } from "@/lib/ports/audit.ts";
import type { Notifier } from "@/lib/ports/notifier.ts";
import type { Alert, AlertState } from "@/lib/ports/watch_store.ts";
import { type Act, auditDraft } from "@/lib/tenancy/act.ts";
import type { BillingDeps } from "./deps.ts";
import { billPeriod, type PeriodBill, type PeriodBillDeps } from "./period_bill.ts";

type AlertDeps = PeriodBillDeps & Pick<BillingDeps, "clock" | "ids" | "logger" | "tenants">;

const ALERT_PERCENTS: readonly number[] = [50, 75, 90, 100];
type DeliveryDeps = Pick<BillingDeps, "clock" | "logger" | "store"> & {
  readonly notifier: Notifier;
};

/** Deliveries that one run tries. */
const MAX_DELIVERIES = 200;
/** With a run a minute, about two hours of trying. */
const MAX_ATTEMPTS = 120;

interface Watched {
  readonly subject: Alert["subject"];
  readonly used: bigint;
  readonly limit: bigint;
}

/**
 * Tells each threshold of a quota or budget once: one alert for the highest one newly reached.
 * Usage that falls below again (a raised limit, an adjustment) re-arms the thresholds above it.
 */
export async function evaluateAlerts(deps: AlertDeps): Promise<readonly Alert[]> {
  const fired: Alert[] = [];
  for await (
    const tenant of eachTenant(deps.tenants, {
      onPage: (tenants) => deps.logger.info("alerts_progress", { tenants }),
    })
  ) {
    if (tenant.status === "closed") continue;
    const plan = (await deps.plans.plan(tenant.planRevision))?.value;
    if (plan === undefined) continue;
    const period = periodAt(deps.clock.nowMs(), plan.interval);
    const bill = await billPeriod(deps, { tenant, period });
    if (!bill.ok) {
      deps.logger.error("alerts_skipped", { tenantId: tenant.tenantId, ...bill.error });
      continue;
    }
    for (const watched of watchedOf(tenant, bill.value)) {
      const alert = await evaluateOne(deps, watched, {
        tenantId: tenant.tenantId,
        periodId: period.periodId,
      });
      if (alert !== null) fired.push(alert);
    }
  }
  return fired;
}

/** Hands waiting alerts to the tenant's channels; a failed one is tried again by later runs. */
export async function deliverAlerts(
  deps: DeliveryDeps,
): Promise<{ readonly delivered: number; readonly failed: number }> {
  let delivered = 0;
  let failed = 0;
  for (const alert of await deps.store.waitingAlerts(MAX_DELIVERIES)) {
    const settled = await deliverOne(deps, alert);
    await deps.store.settleAlert(settled);
    if (settled.delivery.state === "delivered") delivered += 1;
    else failed += 1;
  }
  return { delivered, failed };
}

function watchedOf(tenant: Tenant, { plan, units, statement }: PeriodBill): readonly Watched[] {
  const quotas = plan.meters.flatMap(({ meter }): Watched[] => {
    const quota = effectiveQuota({ tenant, plan }, meter);
    if (quota === null || quota.units <= 0n) return [];
    const used = units.get(meter) ?? 0n;
    return [{ subject: { kind: "quota", meter }, used, limit: quota.units }];
  });
  const limit = tenant.budget === null ? 0n : roundToMinor(tenant.budget.amount);
  if (limit <= 0n) return quotas;
  return [...quotas, { subject: { kind: "budget" }, used: usageMinor(statement), limit }];
}

async function evaluateOne(
  deps: AlertDeps,
  { subject, used, limit }: Watched,
  scope: { readonly tenantId: string; readonly periodId: string },
): Promise<Alert | null> {
  const known = await deps.store.alertState({ ...scope, subject });
  const before = known?.value.firedPercent ?? 0;
  const reached = highestReached(used, limit);
  if (reached === before) return null;
  const state: AlertState = { ...scope, subject, firedPercent: reached };
  const alert: Alert | null = reached < before ? null : {
    alertId: deps.ids.next("alr"),
    ...scope,
    subject,
    percent: reached,
    used,
    limit,
    createdAtMs: deps.clock.nowMs(),
    delivery: { state: "waiting", attempts: 0, detail: null, channels: [], triedAtMs: null },
  };
  const written = await deps.store.putAlertState(state, known?.versionstamp ?? null, alert);
  // Lost to another instance: it has told the same threshold.
  return written.ok ? alert : null;
}

function highestReached(used: bigint, limit: bigint): number {
  return ALERT_PERCENTS.findLast((percent) => used * 100n >= limit * BigInt(percent)) ?? 0;
}

/**
 * Hands an alert to the tenant's channels again: one that was delivered to all of them, any other to
 * those that lack it. Receivers of the webhook know a repeat by its id. Error: `alert_not_found`.
 */
export async function resendAlert(
  deps: DeliveryDeps & { readonly audit: Pick<AuditLog, "append"> },
  { tenantId, alertId, act }: {
    readonly tenantId: string;
    readonly alertId: string;
    readonly act: Act;
  },
): Promise<Result<Alert>> {
  const alert = await deps.store.alert(tenantId, alertId);
  if (alert === null) {
    return refuse({ code: "alert_not_found", detail: `The tenant has no alert ${alertId}` });
  }
  const { delivery } = alert;
  const channels = delivery.state === "delivered" ? [] : delivery.channels;
  const waiting: Alert = {
    ...alert,
    delivery: { ...delivery, state: "waiting", attempts: 0, detail: null, channels },
  };
  // In the queue first: a crash leaves it to the next run.
  await deps.store.settleAlert(waiting);
  const settled = await deliverOne(deps, waiting);
  await deps.store.settleAlert(settled);
  const { state, detail } = settled.delivery;
  await deps.audit.append(auditDraft(act, {
    chain: tenantId,
    atMs: deps.clock.nowMs(),
    action: "alert.resent",
    subject: alertId,
    after: { state, detail },
  }));
  return accept(settled);
}

async function deliverOne(
  { clock, store, notifier, logger }: DeliveryDeps,
  alert: Alert,
): Promise<Alert> {
  const tried = { attempts: alert.delivery.attempts + 1, triedAtMs: clock.nowMs() };
  const settings = (await store.alertSettings(alert.tenantId))?.value ?? null;
  if (settings === null || (settings.emails.length === 0 && settings.webhookUrl === null)) {
    const detail = "No channel is set";
    return { ...alert, delivery: { ...tried, state: "delivered", detail, channels: [] } };
  }
  const { channels, failure } = await notifier.notify(alert, settings);
  if (failure === null) {
    return { ...alert, delivery: { ...tried, state: "delivered", detail: null, channels } };
  }
  const { alertId, tenantId } = alert;
  const { attempts } = tried;
  logger.warn("alert_not_delivered", { alertId, tenantId, attempts, detail: failure });
  const state = attempts < MAX_ATTEMPTS ? "waiting" : "failed";
  return { ...alert, delivery: { ...tried, state, detail: failure, channels } };
}
