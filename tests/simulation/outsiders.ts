import type { ApiKey, Tenant } from "@/lib/domain/tenant.ts";
import { createKvTenantStore } from "@/lib/kv/tenant_store.ts";
import { Actor } from "../support/virtual_scheduler.ts";
import type { ConfigChangeKind } from "./scenario.ts";
import { keyIdOf, KEYS_PER_TENANT, nextRevision, TENANTS } from "../support/metered_tenants.ts";
import type { World } from "./world.ts";

const MINUTE_MS = 60_000;

/** The operator: revokes keys and changes plans while calls are served. */
export async function changeConfiguration(world: World): Promise<void> {
  const { scheduler, random, scenario } = world;
  const operator = new Actor("operator");
  for (const { afterCalls, kind } of scenario.changes) {
    await world.callsBegun(afterCalls);
    // Into the time that a call takes, where deciding and committing lie apart.
    await scheduler.sleep(operator, random.below(80));
    await change(world, kind);
  }
}

async function change({ kv, random }: World, kind: ConfigChangeKind): Promise<void> {
  const tenants = createKvTenantStore(kv);
  const tenantId = random.pick(TENANTS);
  if (kind === "revoke_key") {
    const keyId = keyIdOf(tenantId, random.below(KEYS_PER_TENANT));
    const key = await tenants.apiKey(tenantId, keyId);
    if (key !== null) await tenants.putApiKey(revoked(key.value), key.versionstamp);
  } else {
    const tenant = await tenants.tenant(tenantId);
    if (tenant !== null) await tenants.putTenant(changed(tenant.value, kind), tenant.versionstamp);
  }
}

function revoked(key: ApiKey): ApiKey {
  return { ...key, revokedAtMs: key.revokedAtMs ?? 1 };
}

function changed(tenant: Tenant, kind: ConfigChangeKind): Tenant {
  if (kind !== "change_plan") return { ...tenant, name: `${tenant.name}.` };
  return { ...tenant, planRevision: nextRevision(tenant.planRevision) };
}

/** Stripe's webhooks: late, sometimes twice, and again until somebody has taken them. */
export async function deliverReports(world: World): Promise<void> {
  const { scheduler, random, stripe } = world;
  const self = new Actor("webhooks");
  while (!world.ended) {
    await scheduler.sleep(self, random.between(1, world.calm ? 5 : 60) * MINUTE_MS);
    for (const report of [...stripe.reports]) {
      if (world.living.length === 0) break;
      const instance = random.pick(world.living);
      const outcome = await world.ask(self, instance, () => instance.reject(report))
        .catch(() => "unavailable");
      const again = outcome === "unavailable" || random.chance(0.2);
      if (!again) stripe.reports.splice(stripe.reports.indexOf(report), 1);
    }
  }
}
