import { type Attempts, INVITATION_PER_EMAIL, INVITATION_PER_TENANT } from "@/lib/auth/attempts.ts";
import type { TenantId } from "@/lib/domain/tenant.ts";
import type { Result } from "@/lib/domain/result.ts";

/**
 * Whether one more invitation may go out: few to one address, whoever sends them, and not too many of
 * one tenant. Error: `rate_limited`.
 */
export async function mayInvite(
  attempts: Attempts,
  { tenantId, email }: { readonly tenantId: TenantId; readonly email: string },
): Promise<Result<"allowed">> {
  const byTenant = await attempts.allow(INVITATION_PER_TENANT, tenantId);
  if (!byTenant.ok) return byTenant;
  return await attempts.allow(INVITATION_PER_EMAIL, email.trim().toLowerCase());
}
