import { fromMinor } from "@/lib/domain/money.ts";
import type { PlanVersion } from "@/lib/domain/plan.ts";
import type { ApiKey, Tenant } from "@/lib/domain/tenant.ts";
import { createKvPlanStore } from "@/lib/kv/plan_store.ts";
import { createKvTenantStore } from "@/lib/kv/tenant_store.ts";
import type { KvLike } from "@/lib/kv/kv_like.ts";
import { emptyPlan, sampleTenant } from "./samples.ts";

export const METER = "risk_score";
export const EVENT_NAME = "risk_score";
/** Only this tenant has a hard quota. */
export const LIMITED_TENANT = "ten_limited";
export const TENANTS = ["ten_free", LIMITED_TENANT] as const;
export const KEYS_PER_TENANT = 2;
const REVISIONS = 4;

export const customerOf = (tenantId: string) => `cus_${tenantId}`;
export const subscriptionOf = (tenantId: string) => `sub_${tenantId}`;
export const keyIdOf = (tenantId: string, index: number) => `key_${tenantId}_${index}`;
export const keyHashOf = (tenantId: string, index: number) => `hash_${tenantId}_${index}`;

/** Tenants, keys and plan versions as the service starts with them. */
export async function seedTenants(
  kv: KvLike,
  { quota, customers = customerOf }: {
    readonly quota: bigint;
    /** `null`: has no customer and no subscription yet. */
    readonly customers?: (tenantId: string) => string | null;
  },
): Promise<void> {
  const tenants = createKvTenantStore(kv);
  const plans = createKvPlanStore(kv);
  for (const tenantId of TENANTS) {
    for (let revision = 1; revision <= REVISIONS; revision++) {
      await plans.putPlan(planOf(tenantId, revision, quota), null);
    }
    await tenants.putTenant(tenantOf(tenantId, customers(tenantId)), null);
    for (let index = 0; index < KEYS_PER_TENANT; index++) {
      await tenants.putApiKey(apiKeyOf(tenantId, index), null);
    }
  }
}

export function firstRevision(tenantId: string): string {
  return `plan_${tenantId}@1`;
}

/** Of one unit, in minor units: another one in each version. */
export function priceOf(planRevision: string): bigint {
  return BigInt(planRevision.split("@")[1] ?? "0");
}

/** The plan after the one given, round and round. */
export function nextRevision(planRevision: string): string {
  const [planId, revision] = planRevision.split("@");
  return `${planId}@${Number(revision) % REVISIONS + 1}`;
}

function planOf(tenantId: string, revision: number, quota: bigint): PlanVersion {
  return emptyPlan({
    planId: `plan_${tenantId}`,
    revision,
    meters: [{
      meter: METER,
      price: { model: "per_unit", unitAmount: fromMinor(BigInt(revision)) },
      includedUnits: 0n,
      quota: tenantId === LIMITED_TENANT ? { units: quota, enforcement: "hard" } : null,
    }],
  });
}

function tenantOf(tenantId: string, stripeCustomerId: string | null): Tenant {
  return sampleTenant({
    tenantId,
    planRevision: firstRevision(tenantId),
    stripeCustomerId,
    stripeSubscriptionId: stripeCustomerId === null ? null : subscriptionOf(tenantId),
  });
}

function apiKeyOf(tenantId: string, index: number): ApiKey {
  return {
    keyId: keyIdOf(tenantId, index),
    tenantId,
    name: "simulated",
    hash: keyHashOf(tenantId, index),
    mode: "live",
    hint: "cm_live_sim",
    scopes: ["*"],
    ipAllowList: null,
    createdAtMs: 0,
    expiresAtMs: null,
    revokedAtMs: null,
  };
}
