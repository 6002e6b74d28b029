import { eachTenant } from "@/lib/catalog/each_tenant.ts";
import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import { type AuditLog, OPERATOR_CHAIN } from "@/lib/ports/audit.ts";
import type { ReconcileRun } from "@/lib/ports/billing_store.ts";
import { type Act, auditDraft } from "@/lib/tenancy/act.ts";
import type { BillingDeps } from "./deps.ts";
import { reconcile } from "./reconcile.ts";

type RunDeps = BillingDeps & { readonly audit: Pick<AuditLog, "append"> };

/** A run without a sign of life for so long has died with its instance; another may begin. */
const LIFE_MS = 5 * 60_000;
/** Signs of life of one run, about. */
const SIGNS = 100;

export interface StartedRun {
  readonly run: ReconcileRun;
  /** Ends with the run, never fails; `null` when another run was under way and this is its state. */
  readonly ended: Promise<void> | null;
}

/**
 * Begins to compare ledger and Stripe and returns at once: over many tenants it takes minutes. There
 * is one run at a time. One that dies leaves no report: the head of a report comes last. Error:
 * `unknown_tenant`.
 */
export async function startReconcile(
  deps: RunDeps,
  { tenantId = null, act }: { readonly tenantId?: string | null; readonly act: Act },
): Promise<Result<StartedRun>> {
  if (tenantId !== null && await deps.tenants.tenant(tenantId) === null) {
    return refuse({ code: "unknown_tenant", detail: `There is no tenant ${tenantId}` });
  }
  const { store, clock, ids } = deps;
  const found = await store.reconcileRun();
  const startedAtMs = clock.nowMs();
  if (found !== null && isUnderWay(found.value, startedAtMs)) {
    return accept({ run: found.value, ended: null });
  }
  const run: ReconcileRun = {
    runId: ids.next("rec"),
    tenantId,
    startedBy: act.actor.id,
    startedAtMs,
    updatedAtMs: startedAtMs,
    state: "running",
    total: tenantId === null ? await countTenants(deps) : 1,
    checked: 0,
    detail: null,
  };
  const written = await store.putReconcileRun(run, found?.versionstamp ?? null);
  if (written.ok) return accept({ run, ended: carryOut(deps, { run, act }) });
  const other = await store.reconcileRun();
  return accept({ run: other?.value ?? run, ended: null });
}

export function isUnderWay({ state, updatedAtMs }: ReconcileRun, nowMs: number): boolean {
  return state === "running" && nowMs - updatedAtMs < LIFE_MS;
}

async function carryOut(
  deps: RunDeps,
  { run, act }: { readonly run: ReconcileRun; readonly act: Act },
): Promise<void> {
  const every = Math.max(1, Math.floor(run.total / SIGNS));
  try {
    const { report } = await reconcile(deps, {
      ...run.tenantId === null ? {} : { tenantId: run.tenantId },
      reportId: run.runId,
      checked: async (checked) => {
        if (checked % every === 0) await note(deps, { ...run, checked });
      },
    });
    await deps.audit.append(auditDraft(act, {
      chain: OPERATOR_CHAIN,
      atMs: deps.clock.nowMs(),
      action: "books.reconciled",
      subject: report.reportId,
      after: report,
    }));
    await note(deps, { ...run, checked: run.total, state: "done" });
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    deps.logger.error("reconcile_failed", { runId: run.runId, error: detail });
    // Where even this can't be noted, the run is seen to have died once its time is up.
    await note(deps, { ...run, state: "failed", detail }).catch(() => {});
  }
}

/** Throws when another run has taken the place of this one, which then ends. */
async function note({ store, clock }: RunDeps, run: ReconcileRun): Promise<void> {
  const found = await store.reconcileRun();
  if (found?.value.runId !== run.runId) throw new Error("Another run has taken over");
  const noted = { ...run, updatedAtMs: clock.nowMs() };
  const written = await store.putReconcileRun(noted, found.versionstamp);
  if (!written.ok) throw new Error("Another run has taken over");
}

async function countTenants({ tenants }: RunDeps): Promise<number> {
  let count = 0;
  for await (const _ of eachTenant(tenants)) count += 1;
  return count;
}
