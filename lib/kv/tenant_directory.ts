import type { PlanRevision } from "@/lib/domain/plan.ts";
import type { Tenant, TenantId, TenantStatus } from "@/lib/domain/tenant.ts";
import type { ConfigEpoch } from "@/lib/ports/usage.ts";
import { configEpochKey, tenantsPrefix } from "./keys.ts";
import type { KvLike } from "./kv_like.ts";

/** What a tenant is looked for by. */
export interface DirectoryRow {
  readonly tenantId: TenantId;
  /** Name and id in lowercase, to search in. */
  readonly text: string;
  readonly planRevision: PlanRevision;
  readonly status: TenantStatus;
}

export interface TenantDirectory {
  /** Every tenant by id, as of now. */
  rows(): Promise<readonly DirectoryRow[]>;
}

/**
 * All tenants in memory, a hundred bytes each, under the config epoch that they were read under. Every
 * write of a tenant moves the epoch in the same commit, so one read tells whether they still are what
 * is stored; they are read anew when they are not.
 */
export function createTenantDirectory(kv: KvLike): TenantDirectory {
  let known: { readonly epoch: ConfigEpoch; readonly rows: readonly DirectoryRow[] } | null = null;
  let reading: Promise<readonly DirectoryRow[]> | null = null;

  async function read(epoch: ConfigEpoch): Promise<readonly DirectoryRow[]> {
    const rows: DirectoryRow[] = [];
    const selector = { prefix: tenantsPrefix() };
    for await (const { value } of kv.list<Tenant>(selector, { batchSize: 500 })) {
      const { tenantId, name, planRevision, status } = value;
      const text = `${name}\n${tenantId}`.toLowerCase();
      rows.push({ tenantId, text, planRevision, status });
    }
    // A tenant that changed meanwhile has moved the epoch on, so that the next call reads again.
    known = { epoch, rows };
    return rows;
  }

  return {
    async rows() {
      const { versionstamp: epoch } = await kv.get(configEpochKey());
      if (known !== null && known.epoch === epoch) return known.rows;
      reading ??= read(epoch).finally(() => reading = null);
      return await reading;
    },
  };
}
