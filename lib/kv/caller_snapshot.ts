import type { PlanVersion } from "@/lib/domain/plan.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
import type { ConfigEpoch } from "@/lib/ports/usage.ts";
import { configEpochKey, planKey, tenantKey } from "./keys.ts";
import type { KvLike } from "./kv_like.ts";
import { splitRevision } from "./plan_store.ts";

/** A credential with the terms that it acts under, all of one moment. */
export interface CallerRows<Credential> {
  readonly epoch: ConfigEpoch;
  readonly credential: Credential;
  readonly tenant: Tenant;
  readonly plan: PlanVersion;
}

/** The tenant's plan may change between finding out which it is and reading it: look again. */
const MAX_READS = 5;

/** Reads credential, tenant, plan and epoch in one snapshot; `null` when any of them is missing. */
export async function readCallerRows<Credential>(
  kv: KvLike,
  { tenantId, credentialKey }: { tenantId: string; credentialKey: Deno.KvKey },
): Promise<CallerRows<Credential> | null> {
  let planRevision = (await kv.get<Tenant>(tenantKey(tenantId))).value?.planRevision;
  for (let read = 0; read < MAX_READS && planRevision !== undefined; read++) {
    const id = splitRevision(planRevision);
    if (id === null) return null;
    const [epoch, credential, tenant, plan] = await kv.getMany<
      [unknown, Credential, Tenant, PlanVersion]
    >([
      configEpochKey(),
      credentialKey,
      tenantKey(tenantId),
      planKey(id.planId, id.revision),
    ]);
    if (credential.value === null || tenant.value === null) return null;
    if (tenant.value.planRevision === planRevision) {
      if (plan.value === null) return null;
      return {
        epoch: epoch.versionstamp,
        credential: credential.value,
        tenant: tenant.value,
        plan: plan.value,
      };
    }
    planRevision = tenant.value.planRevision;
  }
  return null;
}
