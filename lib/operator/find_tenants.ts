import type { FoundTenant } from "@/islands/CommandPalette.tsx";
import type { TenantStore } from "@/lib/ports/tenancy.ts";
import { filterText } from "./address.ts";

/** Of loaders whose pages speak of tenants by name. */
export interface TenantNaming {
  readonly tenants: Pick<TenantStore, "tenant" | "tenants" | "tenantNames">;
}

const FOUND_MAX = 8;
const LETTERS_MAX = 200;

/**
 * The tenant that a filter of the address names, by id or by a part of a name or id that no other
 * tenant has; else what was typed. Empty for all tenants.
 */
export async function wantedTenant(
  { tenants }: TenantNaming,
  query: URLSearchParams,
): Promise<string> {
  const typed = filterText(query, "tenant");
  if (typed === "" || await tenants.tenant(typed) !== null) return typed;
  const { items } = await tenants.tenants({ search: typed, limit: 2 });
  const [only, other] = items;
  return only !== undefined && other === undefined ? only.tenantId : typed;
}

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
