import type { TenantsModel } from "@/components/operator/TenantsPage.tsx";
import type { TenantStore } from "@/lib/ports/tenancy.ts";

const PAGE_SIZE = 50;
const MAX_SEARCH = 200;

export async function loadTenants(
  { tenants }: { readonly tenants: Pick<TenantStore, "tenants"> },
  query: URLSearchParams,
): Promise<TenantsModel> {
  const search = (query.get("search") ?? "").trim().slice(0, MAX_SEARCH);
  const cursor = query.get("cursor");
  const page = await tenants.tenants({
    limit: PAGE_SIZE,
    ...(search === "" ? {} : { search }),
    ...(cursor === null ? {} : { cursor }),
  });
  const hrefOf = (place: Record<string, string>) => {
    const parameters = new URLSearchParams({ ...(search === "" ? {} : { search }), ...place });
    return parameters.size === 0 ? "/operator/tenants" : `/operator/tenants?${parameters}`;
  };
  return {
    search,
    tenants: page.items,
    firstHref: cursor === null ? null : hrefOf({}),
    nextHref: page.cursor === null ? null : hrefOf({ cursor: page.cursor }),
  };
}
