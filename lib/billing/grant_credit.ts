import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
import type { Credit } from "@/lib/ports/billing_store.ts";
import { type Act, auditDraft } from "@/lib/tenancy/act.ts";
import type { BillingDeps } from "./deps.ts";
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
  readonly act?: Act;
}

/**
 * Grants prepaid or promotional money that later usage draws from, here and at Stripe. Our row comes
 * first, so a repeated call completes one that was cut off. Errors: `not_found`, `invalid_amount`,
 * `invalid_expiry`, `conflict`.
 */
export async function grantCredit(deps: CreditDeps, input: CreditInput): Promise<Result<Credit>> {
  const known = await tenantWithPlan(deps, input.tenantId);
  if (!known.ok) return known;
  if (input.amountMinor <= 0n || input.amountMinor > MAX_ACT_MINOR) {
    return refuse({ code: "invalid_amount", detail: "A credit is a positive amount" });
  }
  if (input.expiresAtMs !== null && input.expiresAtMs <= deps.clock.nowMs()) {
    return refuse({ code: "invalid_expiry", detail: "A credit expires in the future or never" });
  }
  const creditId = input.creditId ?? deps.ids.next("crd");
  const { tenant, currency } = known.value;
  const earlier = (await deps.store.credits(tenant.tenantId))
    .find(({ value }) => value.creditId === creditId);
  const credit: Credit = earlier?.value ?? {
    creditId,
    tenantId: tenant.tenantId,
    name: input.name,
    category: input.category,
    currency,
    amountMinor: input.amountMinor,
    priority: input.priority ?? DEFAULT_PRIORITY,
    expiresAtMs: input.expiresAtMs,
    createdAtMs: deps.clock.nowMs(),
    creditGrantId: null,
    draws: [],
  };
  if (earlier === undefined) {
    const written = await deps.store.putCredit(
      credit,
      null,
      auditDraft(input.act ?? BY_BILLING, {
        chain: tenant.tenantId,
        atMs: credit.createdAtMs,
        action: "credit.granted",
        subject: creditId,
        after: credit,
      }),
    );
    if (!written.ok) return refuse({ code: "conflict", detail: `Credit ${creditId} exists` });
  }
  return accept(await mirrorCredit(deps, tenant, credit));
}

/** Gives Stripe the credit too, once the tenant is a customer there. */
async function mirrorCredit(deps: CreditDeps, tenant: Tenant, credit: Credit): Promise<Credit> {
  const { stripeCustomerId } = tenant;
  if (credit.creditGrantId !== null || stripeCustomerId === null) return credit;
  const { creditId, name, category, currency, amountMinor, expiresAtMs } = credit;
  const { creditGrantId } = await deps.provider.ensureCredit({
    key: creditId,
    stripeCustomerId,
    name,
    category,
    currency,
    amountMinor,
    expiresAtMs,
  });
  const stored = (await deps.store.credits(tenant.tenantId))
    .find(({ value }) => value.creditId === creditId);
  if (stored === undefined) return credit;
  const mirrored = { ...stored.value, creditGrantId };
  const written = await deps.store.putCredit(mirrored, stored.versionstamp);
  return written.ok ? mirrored : credit;
}
