import type { Tenant } from "@/lib/domain/tenant.ts";
import type { TenantStore } from "@/lib/ports/tenancy.ts";

const TENANTS_PER_READ = 100;
/** Bounds one pass; far above what one deployment holds. */
const MAX_READS = 10_000;

/** All tenants by id, read page by page, so a pass never holds more than a page. */
export async function* eachTenant(store: Pick<TenantStore, "tenants">): AsyncGenerator<Tenant> {
  let cursor: string | undefined;
  for (let read = 0; read < MAX_READS; read++) {
    const page = await store.tenants({
      limit: TENANTS_PER_READ,
      ...(cursor === undefined ? {} : { cursor }),
    });
    yield* page.items;
    if (page.cursor === null) return;
    cursor = page.cursor;
  }
}
