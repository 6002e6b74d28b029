import { assertNever } from "@/lib/domain/invariant.ts";
import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import { type AuditLog, OPERATOR_CHAIN } from "@/lib/ports/audit.ts";
import type { ProviderNotice } from "@/lib/ports/billing_provider.ts";
import type { NoticeArrival, StoredNotice } from "@/lib/ports/notice_inbox.ts";
import { type Act, auditDraft } from "@/lib/tenancy/act.ts";
import { applySubscription } from "./apply_subscription.ts";
import type { BillingDeps } from "./deps.ts";
import { updateTenant } from "./update_tenant.ts";

type NoticeDeps = Omit<BillingDeps, "ids" | "usage">;
type Outcome = { readonly state: "applied" | "ignored"; readonly detail: string | null };

/** Notices applied by one run; the next run takes the rest. */
const MAX_PER_RUN = 500;
/** About a week of minutes is not wanted: a notice that fails this often needs a person. */
const MAX_ATTEMPTS = 20;

/**
 * Takes a webhook's notice: durable when this resolves, so the webhook may be answered 2xx. A
 * repeated event id is taken once.
 */
export async function receiveNotice(
  { clock, store }: Pick<BillingDeps, "clock" | "store">,
  notice: ProviderNotice,
  via: NoticeArrival["via"],
): Promise<"new" | "known"> {
  return await store.receive(notice, { atMs: clock.nowMs(), via });
}

/**
 * Applies what waits in the inbox, in order of arrival. Each notice only says which object to look
 * at: its present state is fetched and applied, so order and repetition don't matter. One that
 * fails stays in the queue and holds up no other.
 */
export async function applyNotices(
  deps: NoticeDeps,
): Promise<{ readonly applied: number; readonly ignored: number; readonly failed: number }> {
  const counts = { applied: 0, ignored: 0, failed: 0, waiting: 0 };
  for (const stored of await deps.store.waiting(MAX_PER_RUN)) {
    const settled = await applyOne(deps, stored);
    await deps.store.settle(settled);
    if (settled.state === "waiting") counts.failed += 1;
    else counts[settled.state] += 1;
  }
  return { applied: counts.applied, ignored: counts.ignored, failed: counts.failed };
}

/**
 * Fetches the object of a notice again and applies its present state, whatever came of the notice
 * before. Safe to repeat. It waits in the queue first, so that a crash leaves it to the next run.
 * Error: `notice_not_found`.
 */
export async function replayNotice(
  deps: NoticeDeps & { readonly audit: Pick<AuditLog, "append"> },
  { eventId, act }: { readonly eventId: string; readonly act: Act },
): Promise<Result<StoredNotice>> {
  const stored = await deps.store.notice(eventId);
  if (stored === null) {
    return refuse({ code: "notice_not_found", detail: `No notice of ${eventId} is kept` });
  }
  const waiting: StoredNotice = { ...stored, state: "waiting", attempts: 0, detail: null };
  await deps.store.settle(waiting);
  const settled = await applyOne(deps, waiting);
  await deps.store.settle(settled);
  const { state, detail } = settled;
  await deps.audit.append(auditDraft(act, {
    chain: OPERATOR_CHAIN,
    atMs: deps.clock.nowMs(),
    action: "notice.replayed",
    subject: eventId,
    after: { type: stored.notice.type, state, detail },
  }));
  return accept(settled);
}

async function applyOne(deps: NoticeDeps, stored: StoredNotice): Promise<StoredNotice> {
  const tried = { ...stored, attempts: stored.attempts + 1, settledAtMs: deps.clock.nowMs() };
  const { eventId, type } = stored.notice;
  try {
    return { ...tried, ...await applyNotice(deps, stored.notice) };
  } catch (cause) {
    const { attempts } = tried;
    const detail = cause instanceof Error ? cause.message : String(cause);
    deps.logger.error("notice_failed", { eventId, type, attempts, detail });
    return { ...tried, detail, state: attempts < MAX_ATTEMPTS ? "waiting" : "failed" };
  }
}

async function applyNotice(deps: NoticeDeps, notice: ProviderNotice): Promise<Outcome> {
  switch (notice.kind) {
    case "subscription_changed":
      return await applySubscriptionOf(deps, notice);
    case "invoice_changed":
      if (notice.change === "finalization_failed") {
        deps.logger.error("invoice_finalization_failed", { invoiceId: notice.invoiceId });
      }
      if (notice.change === "created") await holdDraft(deps, notice.invoiceId);
      return await applySubscriptionOf(deps, notice);
    case "checkout_completed":
      return await adoptSubscription(deps, notice);
    case "customer_deleted":
      return await suspendForLostCustomer(deps, notice.stripeCustomerId);
    case "meter_errors":
    case "no_meter_found":
      return await rejectEvents(deps, notice.eventId);
    case "other":
      return { state: "ignored", detail: "Nothing to do" };
    default:
      return assertNever(notice);
  }
}

async function applySubscriptionOf(
  deps: NoticeDeps,
  { stripeCustomerId, stripeSubscriptionId }: {
    readonly stripeCustomerId: string;
    readonly stripeSubscriptionId: string | null;
  },
): Promise<Outcome> {
  const tenantId = await deps.store.tenantOf(stripeCustomerId);
  if (tenantId === null) return { state: "ignored", detail: "No tenant of ours" };
  if (stripeSubscriptionId === null) return { state: "ignored", detail: "No subscription" };
  const subscription = await deps.provider.subscription(stripeSubscriptionId);
  if (subscription === null) return { state: "ignored", detail: "The subscription is gone" };
  return { state: "applied", detail: await applySubscription(deps, tenantId, subscription) };
}

/**
 * Stripe finalizes a draft after an hour by itself; the close of the period decides instead, however
 * late it runs.
 */
async function holdDraft(deps: NoticeDeps, invoiceId: string | null): Promise<void> {
  if (invoiceId === null) return;
  const invoice = await deps.provider.invoice(invoiceId);
  const ours = invoice !== null && await deps.store.tenantOf(invoice.stripeCustomerId) !== null;
  if (!ours || invoice.status !== "draft" || !invoice.autoAdvance) return;
  await deps.provider.holdInvoice(invoiceId);
}

/** A subscription that began on a Checkout page becomes the tenant's, if it has no other. */
async function adoptSubscription(
  deps: NoticeDeps,
  notice: ProviderNotice & { readonly kind: "checkout_completed" },
): Promise<Outcome> {
  const { stripeCustomerId, stripeSubscriptionId } = notice;
  const tenantId = await deps.store.tenantOf(stripeCustomerId);
  if (tenantId === null || stripeSubscriptionId === null) {
    return { state: "ignored", detail: "No tenant of ours or no subscription" };
  }
  const adopted = await updateTenant(
    deps,
    { tenantId, action: "tenant.subscription_linked" },
    (tenant) => tenant.stripeSubscriptionId === null ? { ...tenant, stripeSubscriptionId } : tenant,
  );
  if (!adopted.ok) throw new Error(adopted.error.detail);
  return await applySubscriptionOf(deps, notice);
}

/** Without a customer nothing can be billed; a person must look before more is served. */
async function suspendForLostCustomer(
  deps: NoticeDeps,
  stripeCustomerId: string,
): Promise<Outcome> {
  const tenantId = await deps.store.tenantOf(stripeCustomerId);
  if (tenantId === null) return { state: "ignored", detail: "No tenant of ours" };
  const edit = { tenantId, action: "tenant.customer_lost" };
  const updated = await updateTenant(deps, edit, (tenant) => {
    const lost = tenant.stripeCustomerId === stripeCustomerId && tenant.status !== "closed";
    return lost ? { ...tenant, status: "suspended", graceUntilMs: null } : tenant;
  });
  if (!updated.ok) throw new Error(updated.error.detail);
  deps.logger.error("customer_deleted", { tenantId, stripeCustomerId });
  return { state: "applied", detail: "suspended" };
}

async function rejectEvents(deps: NoticeDeps, eventId: string): Promise<Outcome> {
  const report = await deps.provider.meterErrors(eventId);
  let rejected = 0;
  for (const sample of report.samples) {
    const outcome = await deps.metering.reject({ ...sample, refusedBeforeMs: report.endMs });
    if (outcome === "rejected") rejected += 1;
    else deps.logger.warn("rejected_event_unknown", { eventId, identifier: sample.identifier });
  }
  const unnamed = report.errorCount - report.samples.length;
  if (unnamed > 0) {
    // Stripe names samples only; the hourly reconciliation finds the others by their missing units.
    deps.logger.error("rejected_events_unnamed", { eventId, unnamed });
  }
  return { state: "applied", detail: `${rejected} of ${report.errorCount} rejected` };
}
