import type { CreditProposal } from "@/lib/domain/credit.ts";
import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
import type { Credit } from "@/lib/ports/money_ledger.ts";
import { type Act, auditDraft } from "@/lib/tenancy/act.ts";
import { writeWithinAuthority } from "./act_alone.ts";
import { moneyAct } from "./adjust.ts";
import type { BillingDeps } from "./deps.ts";
import { mirrorCredit } from "./mirror_credit.ts";
import { MAX_ACT_MINOR, tenantWithPlan } from "./tenant_terms.ts";
import { BY_BILLING } from "./update_tenant.ts";

type CreditDeps = Pick<BillingDeps, "clock" | "ids" | "tenants" | "plans" | "provider" | "store">;

const DEFAULT_PRIORITY = 50;

export interface CreditInput {
  readonly tenantId: string;
  readonly name: string;
  readonly category: "paid" | "promotional";
  /** Whole minor units of the plan's currency, positive. */
  readonly amountMinor: bigint;
  readonly expiresAtMs: number | null;
  readonly priority?: number;
  /** Makes a repeated request one credit. */
  readonly creditId?: string;
  /** Whose act it is; without one the service's own, which no second person has to agree to. */
  readonly act?: Act;
}

export type Granting =
  | { readonly state: "granted"; readonly credit: Credit }
  /** It waits for a second person, or one refused it. */
  | { readonly state: "pending" | "refused"; readonly proposal: CreditProposal };

/**
 * Grants prepaid or promotional money that later usage draws from, here and at Stripe. One that is
 * beyond what its author may do alone is a proposal until a second person approves it. Our row comes
 * first, so a repeated call completes one that was cut off. Errors: `not_found`, `invalid_amount`,
 * `invalid_expiry`, `conflict`.
 */
export async function grantCredit(deps: CreditDeps, input: CreditInput): Promise<Result<Granting>> {
  const known = await tenantWithPlan(deps, input.tenantId);
  if (!known.ok) return known;
  const { tenant, currency } = known.value;
  const creditId = input.creditId ?? deps.ids.next("crd");
  const earlier = await findGranting(deps, tenant, creditId);
  if (earlier !== null) return accept(earlier);
  const fault = creditFault(input, deps.clock.nowMs());
  if (fault !== null) return refuse(fault);
  const written = await write(deps, { tenant, creditId, currency, input });
  if (written === "conflict") {
    const same = await findGranting(deps, tenant, creditId);
    if (same !== null) return accept(same);
    return refuse({ code: "conflict", detail: `Credit ${creditId} is being granted; look again` });
  }
  if (written.state !== "granted") return accept(written);
  return accept({ ...written, credit: await mirrorCredit(deps, tenant, written.credit) });
}

/** What there is under this id by now, given to Stripe if it lacks it. */
async function findGranting(
  deps: CreditDeps,
  tenant: Tenant,
  creditId: string,
): Promise<Granting | null> {
  const { tenantId } = tenant;
  const credit = (await deps.store.credits(tenantId))
    .find(({ value }) => value.creditId === creditId)?.value;
  if (credit !== undefined) {
    return { state: "granted", credit: await mirrorCredit(deps, tenant, credit) };
  }
  const proposal = (await deps.store.creditProposal(tenantId, creditId))?.value;
  if (proposal === undefined || proposal.state === "granted") return null;
  return { state: proposal.state, proposal };
}

function creditFault({ amountMinor, expiresAtMs }: CreditInput, nowMs: number) {
  if (amountMinor <= 0n || amountMinor > MAX_ACT_MINOR) {
    return { code: "invalid_amount", detail: "A credit is a positive amount" };
  }
  if (expiresAtMs !== null && expiresAtMs <= nowMs) {
    return { code: "invalid_expiry", detail: "A credit expires in the future or never" };
  }
  return null;
}

async function write(
  deps: CreditDeps,
  { tenant: { tenantId }, creditId, currency, input }: {
    readonly tenant: Tenant;
    readonly creditId: string;
    readonly currency: string;
    readonly input: CreditInput;
  },
): Promise<Granting | "conflict"> {
  const { store, clock } = deps;
  const { name, category, amountMinor, expiresAtMs, act = BY_BILLING } = input;
  const createdAtMs = clock.nowMs();
  const terms = {
    creditId,
    tenantId,
    name,
    category,
    currency,
    amountMinor,
    priority: input.priority ?? DEFAULT_PRIORITY,
    expiresAtMs,
    createdAtMs,
  };
  const credit: Credit = { ...terms, creditGrantId: null, draws: [] };
  const { actor: { kind, id: createdBy } } = act;
  const proposal: CreditProposal = {
    ...terms,
    createdBy,
    state: "pending",
    approver: null,
    decidedAtMs: null,
  };
  const audit = (action: string, after: unknown) =>
    auditDraft(act, { chain: tenantId, atMs: createdAtMs, action, subject: creditId, after });
  if (kind === "system") {
    const { ok } = await store.putCredit(credit, null, audit("credit.granted", credit));
    return ok ? { state: "granted", credit } : "conflict";
  }
  let granting: Granting = { state: "pending", proposal };
  const planned = moneyAct({ author: createdBy, currency, amountMinor });
  const { ok } = await writeWithinAuthority(deps, planned, ({ waits, alone }) => {
    granting = waits ? { state: "pending", proposal } : { state: "granted", credit };
    return waits
      ? store.putCreditProposal(proposal, null, { audit: audit("credit.proposed", proposal) })
      : store.putCredit(credit, null, audit("credit.granted", credit), alone);
  });
  return ok ? granting : "conflict";
}
