import type { PlanRevision } from "@/lib/domain/plan.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
import type { TenantStore } from "@/lib/ports/tenancy.ts";

const TENANTS_PER_READ = 100;
/** Bounds one pass; far above what one deployment holds. */
const MAX_READS = 10_000;

/**
 * All tenants by id, or those on one plan version; read page by page, so that no pass holds more.
 * `onPage` hears how many are done whenever a page is done and another follows.
 */
export async function* eachTenant(
  store: Pick<TenantStore, "tenants">,
  { onPage, ...filter }: {
    readonly planRevision?: PlanRevision;
    readonly onPage?: (done: number) => void;
  } = {},
): AsyncGenerator<Tenant> {
  let cursor: string | undefined;
  let done = 0;
  for (let read = 0; read < MAX_READS; read++) {
    const page = await store.tenants({
      ...filter,
      limit: TENANTS_PER_READ,
      ...(cursor === undefined ? {} : { cursor }),
    });
    yield* page.items;
    done += page.items.length;
    if (page.cursor === null) return;
    onPage?.(done);
    cursor = page.cursor;
  }
}
