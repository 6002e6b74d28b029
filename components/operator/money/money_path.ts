import { tenantPath } from "../TenantLink.tsx";

/** The page of a tenant's credits, adjustments and corrections. */
export function moneyPath(tenantId: string): string {
  return tenantPath(tenantId, "money");
}

/** The page with what Stripe has and the books lack; Stripe is asked for it. */
export function gapsPath(tenantId: string): string {
  return `${moneyPath(tenantId)}?gaps=1#gaps`;
}

/** Where the page asks for a decision, with the bill as it would become. */
export function decidePath(tenantId: string, id: string): string {
  return `${moneyPath(tenantId)}?${new URLSearchParams({ decide: id })}`;
}
