import type { PlanRevision } from "@/lib/domain/plan.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
import type { TenantStore } from "@/lib/ports/tenancy.ts";

const TENANTS_PER_READ = 100;
/** Bounds one pass; far above what one deployment holds. */
const MAX_READS = 10_000;

/** All tenants by id, or those on one plan version; read page by page, so that no pass holds more. */
export async function* eachTenant(
  store: Pick<TenantStore, "tenants">,
  filter: { readonly planRevision?: PlanRevision } = {},
): AsyncGenerator<Tenant> {
  let cursor: string | undefined;
  for (let read = 0; read < MAX_READS; read++) {
    const page = await store.tenants({
      ...filter,
      limit: TENANTS_PER_READ,
      ...(cursor === undefined ? {} : { cursor }),
    });
    yield* page.items;
    if (page.cursor === null) return;
    cursor = page.cursor;
  }
}
