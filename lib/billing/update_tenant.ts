import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
import type { PlanStep } from "@/lib/ports/subscription_ledger.ts";
import { type Act, auditDraft } from "@/lib/tenancy/act.ts";
import type { BillingDeps } from "./deps.ts";

/** Somebody else's write in between is rare; losing this often means something is wrong. */
const MAX_ATTEMPTS = 5;

/** What billing does by itself, because Stripe says so or a run completes another. */
export const BY_BILLING: Act = {
  actor: { kind: "system", id: "billing" },
  ip: null,
  requestId: "",
};

/**
 * Reads, changes and writes a tenant with its audit row, again when somebody else wrote in between.
 * A move to another plan version is dated, and noted for Stripe to follow, in the same commit. `change` returns the tenant itself for
 * "nothing to do", and `null` when what it was meant for is gone. Errors: `not_found`, `conflict`.
 */
export async function updateTenant(
  { tenants, clock }: Pick<BillingDeps, "tenants" | "clock">,
  { tenantId, action, act = BY_BILLING, billed = null }: {
    readonly tenantId: string;
    /** The version that Stripe bills, when the change finds it on another one than ours. */
    readonly billed?: string | null;
    readonly action: string;
    readonly act?: Act | undefined;
  },
  change: (tenant: Tenant) => Tenant | null,
): Promise<Result<Tenant>> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const found = await tenants.tenant(tenantId);
    if (found === null) return refuse({ code: "not_found", detail: `No tenant ${tenantId}` });
    const wanted = change(found.value);
    if (wanted === found.value) return accept(wanted);
    if (wanted === null) break;
    const changed = toFollow(found.value, wanted);
    const atMs = clock.nowMs();
    const audit = auditDraft(act, {
      chain: tenantId,
      atMs,
      action,
      subject: tenantId,
      before: found.value,
      after: changed,
    });
    const step = planStep(found.value, changed, { atMs, billed });
    const written = await tenants.putTenant(changed, found.versionstamp, audit, step);
    if (written.ok) return accept(changed);
  }
  return refuse({ code: "conflict", detail: `Tenant ${tenantId} is being changed by others` });
}

/** From a move on Stripe bills the version before, until it has been told of the new one. */
function toFollow(before: Tenant, after: Tenant): Tenant {
  const stays = before.planRevision === after.planRevision || after.stripeSubscriptionId === null;
  return stays ? after : { ...after, pricesSinceMs: null };
}

/** A move is dated; one that Stripe has to follow is noted beside it. */
function planStep(
  before: Tenant,
  after: Tenant,
  { atMs, billed }: { readonly atMs: number; readonly billed: string | null },
): PlanStep {
  const { tenantId, planRevision: to } = after;
  const from = before.planRevision;
  const change = from === to ? null : { tenantId, atMs, from, to, state: "started" } as const;
  const begins = after.pricesSinceMs === null && (change !== null || before.pricesSinceMs !== null);
  const begun = { startedAtMs: atMs, attempts: 0, nextAttemptAtMs: atMs, detail: null };
  return { change, move: begins ? { tenantId, from: billed ?? from, to, ...begun } : null };
}
