import {
  checkCreditApproval,
  type CreditProposal,
  type CreditRefusal,
} from "@/lib/domain/credit.ts";
import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import type { Credit } from "@/lib/ports/money_ledger.ts";
import type { Versioned } from "@/lib/ports/tenancy.ts";
import { type Act, auditDraft } from "@/lib/tenancy/act.ts";
import type { BillingDeps } from "./deps.ts";
import { mirrorCredit } from "./mirror_credit.ts";

type DecideDeps = Pick<BillingDeps, "clock" | "store">;

export interface CreditDecision {
  readonly tenantId: string;
  readonly creditId: string;
  readonly approver: string;
  readonly act: Act;
}

/**
 * Agrees to somebody else's credit. One commit makes it count, from now on; Stripe gets it then, and
 * if it does not answer, granting it again under the same id, or the console's button, gives it to
 * Stripe.
 */
export async function approveCredit(
  deps: DecideDeps & Pick<BillingDeps, "tenants" | "provider">,
  decision: CreditDecision,
): Promise<Result<Credit, CreditRefusal>> {
  const found = await find(deps, decision);
  if (!found.ok) return found;
  const nowMs = deps.clock.nowMs();
  const { approver } = decision;
  const approval = checkCreditApproval(found.value.value, { approver, nowMs });
  if (!approval.ok) return approval;
  const { creditId, tenantId, name, category, currency, amountMinor, priority, expiresAtMs } =
    found.value.value;
  const credit: Credit = {
    creditId,
    tenantId,
    name,
    category,
    currency,
    amountMinor,
    priority,
    expiresAtMs,
    // It pays for nothing of the time before somebody agreed.
    createdAtMs: nowMs,
    creditGrantId: null,
    draws: [],
  };
  const decided = await decide(deps, found.value, { ...decision, state: "granted", credit });
  if (!decided.ok) return decided;
  const tenant = (await deps.tenants.tenant(tenantId))?.value;
  return accept(tenant === undefined ? credit : await mirrorCredit(deps, tenant, credit));
}

/** Anybody may refuse, its author too: no money moves. */
export async function refuseCredit(
  deps: DecideDeps,
  decision: CreditDecision,
): Promise<Result<CreditProposal, CreditRefusal>> {
  const found = await find(deps, decision);
  if (!found.ok) return found;
  const { state } = found.value.value;
  if (state !== "pending") {
    return refuse({ code: "already_decided", detail: `The credit is ${state}` });
  }
  return await decide(deps, found.value, { ...decision, state: "refused" });
}

async function find(
  { store }: DecideDeps,
  { tenantId, creditId }: CreditDecision,
): Promise<Result<Versioned<CreditProposal>, CreditRefusal>> {
  const found = await store.creditProposal(tenantId, creditId);
  if (found !== null) return accept(found);
  return refuse({ code: "credit_not_found", detail: "No such credit waits for anybody" });
}

async function decide(
  { clock, store }: DecideDeps,
  { value: before, versionstamp }: Versioned<CreditProposal>,
  { state, approver, act, credit }: CreditDecision & {
    readonly state: "granted" | "refused";
    readonly credit?: Credit;
  },
): Promise<Result<CreditProposal, CreditRefusal>> {
  const decidedAtMs = clock.nowMs();
  const after: CreditProposal = { ...before, state, approver, decidedAtMs };
  const audit = auditDraft(act, {
    chain: before.tenantId,
    atMs: decidedAtMs,
    action: state === "granted" ? "credit.approved" : "credit.refused",
    subject: before.creditId,
    before,
    after,
  });
  const written = await store.putCreditProposal(after, versionstamp, {
    audit,
    ...(credit === undefined ? {} : { credit }),
  });
  if (written.ok) return accept(after);
  return refuse({ code: "conflict", detail: "The credit moved on; look again" });
}
