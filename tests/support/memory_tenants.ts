import type { ApiKey, Tenant } from "@/lib/domain/tenant.ts";
import type { AuditDraft } from "@/lib/ports/audit.ts";
import type { PlanStep, SubscriptionLedger } from "@/lib/ports/subscription_ledger.ts";
import type { Page, Versioned, WriteOutcome } from "@/lib/ports/tenancy.ts";

/** Tenants in memory, with the versions and pages of the stored ones. */
export class MemoryTenants {
  #tenants = new Map<string, Versioned<Tenant>>();
  #writes = 0;
  /** Where moves to another plan version are dated. */
  ledger: Pick<SubscriptionLedger, "putPlanChange" | "putPlanMove"> | null = null;

  constructor(...tenants: readonly Tenant[]) {
    for (const tenant of tenants) this.set(tenant);
  }

  set(tenant: Tenant): void {
    this.#writes += 1;
    const versionstamp = String(this.#writes).padStart(20, "0");
    this.#tenants.set(tenant.tenantId, { value: tenant, versionstamp });
  }

  get(tenantId: string): Tenant {
    const found = this.#tenants.get(tenantId);
    if (found === undefined) throw new Error(`No tenant ${tenantId}`);
    return found.value;
  }

  tenant(tenantId: string): Promise<Versioned<Tenant> | null> {
    return Promise.resolve(this.#tenants.get(tenantId) ?? null);
  }

  tenants(
    query: { cursor?: string; limit: number; planRevision?: string },
  ): Promise<Page<Tenant>> {
    const { cursor, planRevision } = query;
    const ids = [...this.#tenants.keys()].sort()
      .filter((id) => cursor === undefined || id > cursor)
      .filter((id) => planRevision === undefined || this.get(id).planRevision === planRevision);
    const items = ids.slice(0, query.limit).map((id) => this.get(id));
    const last = items.at(-1)?.tenantId ?? null;
    return Promise.resolve({ items, cursor: ids.length > query.limit ? last : null });
  }

  tenantNames(tenantIds: Iterable<string>): Promise<ReadonlyMap<string, string>> {
    const known = [...tenantIds].filter((id) => this.#tenants.has(id));
    return Promise.resolve(new Map(known.map((id) => [id, this.get(id).name])));
  }

  async putTenant(
    tenant: Tenant,
    versionstamp: string | null,
    _audit?: AuditDraft,
    plan?: PlanStep,
  ): Promise<WriteOutcome> {
    const known = this.#tenants.get(tenant.tenantId)?.versionstamp ?? null;
    if (known !== versionstamp) return { ok: false, code: "conflict" };
    this.set(tenant);
    const { change = null, move = null } = plan ?? {};
    if (change !== null) await this.ledger?.putPlanChange(change);
    if (move !== null) await this.ledger?.putPlanMove(move, null);
    return { ok: true };
  }

  apiKeys(): Promise<readonly ApiKey[]> {
    return Promise.resolve([]);
  }
}
