import { invariant } from "@/lib/domain/invariant.ts";
import { periodAt } from "@/lib/domain/period.ts";
import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
import { MINUTE_MS, minuteOf } from "@/lib/domain/window.ts";
import { ProviderError, type ProviderSubscription } from "@/lib/ports/billing_provider.ts";
import { StorageUnavailable } from "@/lib/ports/storage.ts";
import type { PlanMove } from "@/lib/ports/subscription_ledger.ts";
import type { Versioned } from "@/lib/ports/tenancy.ts";
import type { BillingDeps } from "./deps.ts";
import { updateTenant } from "./update_tenant.ts";

export type FollowDeps = Pick<
  BillingDeps,
  "clock" | "logger" | "tenants" | "plans" | "usage" | "metering" | "provider" | "store"
>;

/** Moves looked at by one run; the next run takes the rest. */
const MOVES_MAX = 500;
const BACKOFF_BASE_MS = 30_000;
const BACKOFF_MAX_MS = 10 * MINUTE_MS;
/** Another move in between makes a run begin again; more than that, and something is wrong. */
const MAX_RUNS = 5;
/** Entries that one read returns. */
const ENTRIES_READ = 500;

/** Has Stripe the prices of the version that the tenant is on? */
export function isFollowed({ pricesSinceMs }: Pick<Tenant, "pricesSinceMs">): boolean {
  return pricesSinceMs !== null;
}

/**
 * Has Stripe follow every move that is due: what a process that died, an outage or units on their way
 * left undone. Meant for every minute; each move waits longer from attempt to attempt, ten minutes at
 * most, and holds up no other.
 */
export async function followMoves(
  deps: FollowDeps,
): Promise<{ readonly followed: number; readonly waiting: number }> {
  const counts = { followed: 0, waiting: 0 };
  for (const move of await deps.store.planMoves({ limit: MOVES_MAX })) {
    const due = deps.clock.nowMs() >= move.nextAttemptAtMs;
    const followed = due && await followMove(deps, move).catch((error) => {
      deps.logger.error("plan_move_failed", { tenantId: move.tenantId, error: String(error) });
      return false;
    });
    counts[followed ? "followed" : "waiting"] += 1;
  }
  return counts;
}

/** One attempt; why it did not end the move is noted beside it. `true`: nothing is left to do. */
export async function followMove(
  deps: FollowDeps,
  { tenantId }: Pick<Tenant, "tenantId">,
): Promise<boolean> {
  try {
    const followed = await completePlanChange(deps, { tenantId });
    if (followed.ok) return true;
    await noteWaiting(deps, tenantId, followed.error.detail);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    await noteWaiting(deps, tenantId, detail);
    if (!(error instanceof ProviderError)) throw error;
  }
  return false;
}

/**
 * Brings Stripe to the plan version that our books have. All units of the version before are sent
 * first, also those of the minute under way: no more can be counted under it. Then Stripe changes its
 * prices, invoicing usage so far at the old ones, and tells when; from the next whole minute on what
 * was used under the new version is sent. Each step finds what an earlier run did. Errors:
 * `not_found`, `plan_not_found`, `units_outstanding`, `conflict`.
 */
export async function completePlanChange(
  deps: FollowDeps,
  { tenantId }: Pick<Tenant, "tenantId">,
): Promise<Result<Tenant>> {
  for (let run = 0; run < MAX_RUNS; run++) {
    const move = await deps.store.planMove(tenantId);
    const tenant = (await deps.tenants.tenant(tenantId))?.value;
    if (tenant === undefined) return refuse({ code: "not_found", detail: `No tenant ${tenantId}` });
    const { stripeSubscriptionId, planRevision } = tenant;
    if (stripeSubscriptionId === null) {
      await noteDone(deps, { tenant, move });
      return accept(tenant);
    }
    if (tenant.status === "closed" && await hasEnded(deps, stripeSubscriptionId)) {
      await settleMove(deps, { tenant, move, billedFromMs: deps.clock.nowMs() });
      return accept(tenant);
    }
    const plan = (await deps.plans.plan(planRevision))?.value;
    if (plan === undefined) {
      return refuse({ code: "plan_not_found", detail: `No plan ${planRevision}` });
    }
    const waiting = await sendRest(deps, { tenant, planRevision });
    if (waiting !== null) {
      return refuse({
        code: "units_outstanding",
        detail: `${waiting}; Stripe keeps its prices until then`,
      });
    }
    const provisioned = await deps.provider.ensurePlan(plan);
    const { pricesSinceMs } = await deps.provider.changePlan({
      stripeSubscriptionId,
      plan: provisioned,
    });
    if (await settleMove(deps, { tenant, move, billedFromMs: pricesSinceMs })) {
      return accept((await deps.tenants.tenant(tenantId))?.value ?? tenant);
    }
  }
  return refuse({ code: "conflict", detail: `Tenant ${tenantId} is being moved by others` });
}

/** `false`: the tenant is on another version by now, and Stripe has to be told of that one. */
async function settleMove(
  deps: FollowDeps,
  { tenant: { tenantId, planRevision }, move, billedFromMs }: {
    readonly tenant: Tenant;
    readonly move: Versioned<PlanMove> | null;
    readonly billedFromMs: number;
  },
): Promise<boolean> {
  const edit = { tenantId, action: "tenant.plan_followed" };
  // Stripe tells whole seconds, so the minute of the change belongs to neither side for certain.
  const sinceMs = minuteOf(billedFromMs) + MINUTE_MS;
  const settled = await updateTenant(deps, edit, (now) => {
    if (now.planRevision !== planRevision) return null;
    return (now.pricesSinceMs ?? 0) >= sinceMs ? now : { ...now, pricesSinceMs: sinceMs };
  });
  if (!settled.ok) return false;
  await noteDone(deps, { tenant: settled.value, move, billedFromMs });
  return true;
}

/** All moves up to the one that led to the tenant's version are done; a later one is another run's. */
async function noteDone(
  deps: FollowDeps,
  { tenant: { tenantId, planRevision }, move, ...billed }: {
    readonly tenant: Tenant;
    readonly move: Versioned<PlanMove> | null;
    readonly billedFromMs?: number;
  },
): Promise<void> {
  const rows = await deps.store.planChanges(tenantId);
  const last = rows.findLastIndex(({ to }) => to === planRevision);
  for (const row of rows.slice(0, last + 1)) {
    if (row.state === "started") {
      await deps.store.putPlanChange({ ...row, ...billed, state: "done" });
    }
  }
  if (move !== null) await deps.store.endPlanMove(tenantId, move.versionstamp);
}

async function hasEnded(
  { provider }: Pick<FollowDeps, "provider">,
  stripeSubscriptionId: string,
): Promise<boolean> {
  const subscription = await provider.subscription(stripeSubscriptionId);
  return subscription === null || subscription.status === "canceled";
}

/**
 * Whatever made Stripe bill another version than our books have - somebody's change in its dashboard,
 * a run that was frozen half-way - it has to follow them.
 */
export async function askToFollow(
  { clock, store }: Pick<FollowDeps, "clock" | "store">,
  { tenantId, planRevision, status }: Tenant,
  subscription: Pick<ProviderSubscription, "planRevision" | "status">,
): Promise<void> {
  const from = subscription.planRevision;
  if (from === null || from === planRevision) return;
  if (subscription.status === "canceled" || status === "closed") return;
  const nowMs = clock.nowMs();
  const due = { startedAtMs: nowMs, attempts: 0, nextAttemptAtMs: nowMs, detail: null };
  for (let tries = 0; tries < MAX_RUNS; tries++) {
    const put = await store.putPlanMove({ tenantId, from, to: planRevision, ...due }, null);
    if (put.ok || await store.planMove(tenantId) !== null) return;
  }
  throw new StorageUnavailable(`The move of ${tenantId} could not be noted`);
}

/**
 * Sends what is due. What of the present period was used under another version than `planRevision`
 * and has not reached Stripe, in words; `null`: nothing. Periods that are over have invoices of their
 * own.
 */
export async function sendRest(
  deps: FollowDeps,
  { tenant, planRevision }: { readonly tenant: Tenant; readonly planRevision: string },
): Promise<string | null> {
  const { tenantId, stripeSubscriptionId } = tenant;
  if (stripeSubscriptionId === null) return null;
  const plan = (await deps.plans.plan(planRevision))?.value;
  invariant(plan !== undefined, "The version of a move was found before");
  const { periodId } = periodAt(deps.clock.nowMs(), plan.interval);
  await deps.metering.flush({ tenantId, periodId });
  const isRest = (line: { readonly planRevision: string; readonly periodId: string }) =>
    line.planRevision !== planRevision && line.periodId >= periodId;
  if (!isFollowed(tenant)) {
    // Other instances count theirs within a window; those of a dead one are taken over.
    const counting = (await deps.usage.books({ tenantId })).find((line) =>
      isRest(line) && (line.log !== 0n || line.windows !== 0n || line.moving)
    );
    if (counting !== undefined) {
      return `Units of ${counting.planRevision} are still being counted`;
    }
  }
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof deps.usage.outbox>> = await deps.usage.outbox({
      tenantId,
      limit: ENTRIES_READ,
      ...(cursor === null ? {} : { cursor }),
    });
    const waiting = page.entries.find(isRest);
    if (waiting !== undefined) {
      const { planRevision, entryId, state } = waiting;
      return `Units of ${planRevision} wait to be sent, ${entryId} (${state}) among them`;
    }
    cursor = page.cursor;
  } while (cursor !== null);
  return null;
}

async function noteWaiting(deps: FollowDeps, tenantId: string, detail: string): Promise<void> {
  const move = await deps.store.planMove(tenantId);
  if (move === null) return;
  const attempts = move.value.attempts + 1;
  const delayMs = Math.min(BACKOFF_MAX_MS, BACKOFF_BASE_MS * 2 ** Math.min(attempts - 1, 10));
  const nextAttemptAtMs = deps.clock.nowMs() + delayMs;
  deps.logger.warn("plan_move_waits", { tenantId, to: move.value.to, attempts, detail });
  await deps.store.putPlanMove(
    { ...move.value, attempts, nextAttemptAtMs, detail },
    move.versionstamp,
  );
}
