import type { FoundTenant } from "@/islands/CommandPalette.tsx";
import type { TenantStore } from "@/lib/ports/tenancy.ts";

/** Of loaders whose pages speak of tenants by name. */
export interface TenantNaming {
  readonly tenants: Pick<TenantStore, "tenantNames">;
}

const FOUND_MAX = 8;
const LETTERS_MAX = 200;

/** A few tenants by name or id; none for an empty word. */
export async function findTenants(
  { tenants }: { readonly tenants: Pick<TenantStore, "tenants"> },
  query: string,
): Promise<readonly FoundTenant[]> {
  const search = query.trim().slice(0, LETTERS_MAX);
  if (search === "") return [];
  const { items } = await tenants.tenants({ search, limit: FOUND_MAX });
  return items.map(({ tenantId, name }) => ({ tenantId, name }));
}
