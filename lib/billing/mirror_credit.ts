import type { Tenant } from "@/lib/domain/tenant.ts";
import type { Credit } from "@/lib/ports/money_ledger.ts";
import type { BillingDeps } from "./deps.ts";

/** Gives Stripe the credit too, once the tenant is a customer there; repeating it changes nothing. */
export async function mirrorCredit(
  deps: Pick<BillingDeps, "provider" | "store">,
  { tenantId, stripeCustomerId }: Tenant,
  credit: Credit,
): Promise<Credit> {
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
  const stored = (await deps.store.credits(tenantId))
    .find(({ value }) => value.creditId === creditId);
  if (stored === undefined) return credit;
  const mirrored = { ...stored.value, creditGrantId };
  const written = await deps.store.putCredit(mirrored, stored.versionstamp);
  return written.ok ? mirrored : credit;
}
