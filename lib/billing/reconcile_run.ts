import { eachTenant } from "@/lib/catalog/each_tenant.ts";
import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
import { OPERATOR_CHAIN } from "@/lib/ports/audit.ts";
import type { ReconcileRun } from "@/lib/ports/report_store.ts";
import type { Versioned } from "@/lib/ports/tenancy.ts";
import { type Act, auditDraft } from "@/lib/tenancy/act.ts";
import type { BillingDeps } from "./deps.ts";
import { partOf, storeReport } from "./reconcile.ts";

/**
 * An instance without a sign of life for so long loses the run to any other. Taking it too early does
 * no harm: each step checks the run's version, so only one of the two gets on.
 */
const LEASE_MS = 2 * 60_000;
/** Recurring work takes an interrupted run up within a minute after that; later, something is wrong. */
const SILENT_MS = 2 * LEASE_MS + 60_000;
const TENANTS_PER_READ = 100;

export interface StartedRun {
  readonly run: ReconcileRun;
  /** Ends with the run, never fails; `null` when another instance is at it and this is its state. */
  readonly ended: Promise<void> | null;
}

/**
 * Begins to compare ledger and Stripe and returns at once: over many tenants it takes minutes. There
 * is one run at a time. It survives its process: what each tenant adds is stored with the place that
 * the run has reached, and one that was interrupted is gone on with, here or by `resumeReconcile`,
 * before another begins. Error: `unknown_tenant`.
 */
export async function startReconcile(
  deps: BillingDeps,
  { tenantId = null, act }: { readonly tenantId?: string | null; readonly act: Act },
): Promise<Result<StartedRun>> {
  if (tenantId !== null && await deps.tenants.tenant(tenantId) === null) {
    return refuse({ code: "unknown_tenant", detail: `There is no tenant ${tenantId}` });
  }
  const { store, clock, ids } = deps;
  const found = await store.reconcileRun();
  if (found?.value.state === "running") {
    const taken = await takeOver(deps, found);
    const run = taken?.value ?? found.value;
    return accept({ run, ended: taken === null ? null : carryOut(deps, taken) });
  }
  const startedAtMs = clock.nowMs();
  const run: ReconcileRun = {
    runId: ids.next("rec"),
    tenantId,
    startedBy: act.actor.id,
    startedFrom: { ip: act.ip, requestId: act.requestId },
    startedAtMs,
    updatedAtMs: startedAtMs,
    leaseEndsAtMs: startedAtMs + LEASE_MS,
    state: "running",
    total: tenantId === null ? await countTenants(deps) : 1,
    checked: 0,
    detail: null,
  };
  const written = await store.putReconcileRun(run, found?.versionstamp ?? null);
  const now = await store.reconcileRun();
  if (written.ok && now?.value.runId === run.runId) {
    return accept({ run, ended: carryOut(deps, now) });
  }
  return accept({ run: now?.value ?? run, ended: null });
}

/**
 * Goes on with a run whose instance gave no sign of life, for about `budgetMs`; what is left then is
 * anybody's. False: there is none. Meant for every minute, on every instance.
 */
export async function resumeReconcile(
  deps: BillingDeps,
  { budgetMs }: { readonly budgetMs: number },
): Promise<boolean> {
  const found = await deps.store.reconcileRun();
  if (found?.value.state !== "running") return false;
  const taken = await takeOver(deps, found);
  if (taken === null) return false;
  deps.logger.warn("reconcile_resumed", { runId: taken.value.runId, checked: taken.value.checked });
  await carryOut(deps, taken, deps.clock.nowMs() + budgetMs);
  return true;
}

/** Is somebody at it, or about to be? */
export function isUnderWay({ state, updatedAtMs }: ReconcileRun, nowMs: number): boolean {
  return state === "running" && nowMs - updatedAtMs < SILENT_MS;
}

/** `null`: another instance has it. Runs of an older build say no more than when they were noted. */
async function takeOver(
  { store, clock }: BillingDeps,
  { value, versionstamp }: Versioned<ReconcileRun>,
): Promise<Versioned<ReconcileRun> | null> {
  const nowMs = clock.nowMs();
  if (nowMs < (value.leaseEndsAtMs ?? value.updatedAtMs + SILENT_MS)) return null;
  const mine = { ...value, updatedAtMs: nowMs, leaseEndsAtMs: nowMs + LEASE_MS };
  const written = await store.putReconcileRun(mine, versionstamp);
  if (!written.ok) return null;
  return await store.reconcileRun();
}

/** Thrown when the run goes on elsewhere. */
class TakenOver extends Error {}

/** Never rejects. */
async function carryOut(
  deps: BillingDeps,
  taken: Versioned<ReconcileRun>,
  untilMs = Number.POSITIVE_INFINITY,
): Promise<void> {
  const { clock, logger, store } = deps;
  let current = taken;
  try {
    for await (const { tenant, cursor } of tenantsLeft(deps, taken.value)) {
      const part = await partOf(deps, tenant);
      const nowMs = clock.nowMs();
      const run: ReconcileRun = {
        ...current.value,
        updatedAtMs: nowMs,
        // With the budget the lease is over: whoever looks next goes on.
        leaseEndsAtMs: nowMs < untilMs ? nowMs + LEASE_MS : nowMs,
        checked: current.value.checked + 1,
        place: { cursor, tenantId: tenant.tenantId },
      };
      const written = await store.putReconcileStep(run, current.versionstamp, part);
      current = await mustBeMine(deps, { run, isWritten: written.ok });
      if (nowMs >= untilMs) return;
    }
    await finish(deps, current);
  } catch (cause) {
    if (cause instanceof TakenOver) return;
    const detail = cause instanceof Error ? cause.message : String(cause);
    const { runId } = current.value;
    logger.error("reconcile_failed", { runId, error: detail });
    const failed: ReconcileRun = {
      ...current.value,
      updatedAtMs: clock.nowMs(),
      state: "failed",
      detail,
    };
    // Where even this can't be noted, the run is taken up again once its lease is over.
    await store.putReconcileRun(failed, current.versionstamp).catch(() => {});
  }
}

/** The version to take the next step from. */
async function mustBeMine(
  { store }: BillingDeps,
  { run, isWritten }: { readonly run: ReconcileRun; readonly isWritten: boolean },
): Promise<Versioned<ReconcileRun>> {
  const now = isWritten ? await store.reconcileRun() : null;
  const isMine = now?.value.runId === run.runId && now.value.checked === run.checked &&
    now.value.updatedAtMs === run.updatedAtMs;
  if (now === null || !isMine) throw new TakenOver();
  return now;
}

/** Dying in here, the next to take the run up stores the same report under the same id. */
async function finish(
  deps: BillingDeps,
  { value: run, versionstamp }: Versioned<ReconcileRun>,
): Promise<void> {
  const { store, clock } = deps;
  const { runId, startedAtMs, startedBy, startedFrom } = run;
  const report = await store.report(runId) ?? (await storeReport(deps, {
    parts: await store.reconcileParts(runId),
    reportId: runId,
    startedAtMs,
  })).report;
  const nowMs = clock.nowMs();
  const done: ReconcileRun = { ...run, updatedAtMs: nowMs, total: run.checked, state: "done" };
  const act: Act = {
    actor: { kind: "operator", id: startedBy },
    ip: startedFrom?.ip ?? null,
    requestId: startedFrom?.requestId ?? "",
  };
  const audit = auditDraft(act, {
    chain: OPERATOR_CHAIN,
    atMs: nowMs,
    action: "books.reconciled",
    subject: runId,
    after: report,
  });
  const written = await store.putReconcileRun(done, versionstamp, audit);
  if (!written.ok) throw new TakenOver();
}

/** Tenants after the place that the run has reached, each with the page that it is on. */
async function* tenantsLeft(
  { tenants }: BillingDeps,
  { tenantId, place }: ReconcileRun,
): AsyncGenerator<{ readonly tenant: Tenant; readonly cursor: string | null }> {
  if (tenantId !== null) {
    const tenant = place === undefined ? (await tenants.tenant(tenantId))?.value : undefined;
    if (tenant !== undefined) yield { tenant, cursor: null };
    return;
  }
  let cursor = place?.cursor ?? null;
  do {
    const page: Awaited<ReturnType<typeof tenants.tenants>> = await tenants.tenants({
      limit: TENANTS_PER_READ,
      ...(cursor === null ? {} : { cursor }),
    });
    for (const tenant of page.items) {
      if (place === undefined || tenant.tenantId > place.tenantId) yield { tenant, cursor };
    }
    cursor = page.cursor;
  } while (cursor !== null);
}

async function countTenants({ tenants }: BillingDeps): Promise<number> {
  let count = 0;
  for await (const _ of eachTenant(tenants)) count += 1;
  return count;
}
