import type { BillingDeps } from "@/lib/billing/deps.ts";
import { provisionTenant } from "@/lib/billing/provision_tenant.ts";
import type { PlanVersion } from "@/lib/domain/plan.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
import { tierLadder } from "@/lib/domain/tiers.ts";
import { createKvBillingStore } from "@/lib/kv/billing_store.ts";
import { FakeProvider } from "./fake_provider.ts";
import { FakeUsage } from "./fake_usage.ts";
import { CountingIds, FixedClock, MemoryLogger } from "./fixed_effects.ts";
import { createMemoryPlanStore } from "./memory_plan_store.ts";
import { MemoryTenants } from "./memory_tenants.ts";
import { emptyPlan, sampleTenant, usd } from "./samples.ts";

export const GROWTH: PlanVersion = emptyPlan({
  planId: "growth",
  baseFee: usd("49"),
  meters: [
    {
      meter: "risk_score",
      price: {
        model: "graduated",
        tiers: tierLadder(
          { upTo: 1_000n, unitAmount: usd("0.01"), flatAmount: 0n },
          { upTo: null, unitAmount: usd("0.005"), flatAmount: 0n },
        ),
      },
      includedUnits: 100n,
      quota: { units: 10_000n, enforcement: "soft" },
    },
    {
      meter: "screening",
      price: { model: "per_unit", unitAmount: usd("0.02") },
      includedUnits: 0n,
      quota: null,
    },
  ],
});

export const SCALE: PlanVersion = emptyPlan({
  ...GROWTH,
  planId: "scale",
  planRevision: "scale@1",
  baseFee: usd("99"),
  meters: GROWTH.meters.map((meter) => ({
    ...meter,
    price: { model: "per_unit", unitAmount: usd("0.004") },
  })),
});

/** Everything billing needs: real stores over KV, the fake provider and the fake books. */
export async function billingWorld(...tenants: readonly Tenant[]) {
  const kv = await Deno.openKv(":memory:");
  const clock = new FixedClock(Date.UTC(2026, 4, 15, 12));
  const provider = new FakeProvider(clock);
  const usage = new FakeUsage(clock, provider);
  const logger = new MemoryLogger();
  const plans = createMemoryPlanStore();
  for (const plan of [GROWTH, SCALE]) await plans.putPlan(plan, null);
  const memoryTenants = new MemoryTenants(
    ...(tenants.length > 0 ? tenants : [sampleTenant({ createdAtMs: Date.UTC(2026, 3, 1) })]),
  );
  const store = createKvBillingStore(kv);
  memoryTenants.ledger = store;
  const deps: BillingDeps = {
    clock,
    ids: new CountingIds(),
    logger,
    tenants: memoryTenants,
    plans,
    usage,
    metering: usage,
    provider,
    store,
  };
  return {
    deps,
    clock,
    provider,
    usage,
    logger,
    plans,
    tenants: memoryTenants,
    tenant: (tenantId = "ten_a") => memoryTenants.get(tenantId),
    provision: (tenantId = "ten_a") => provisionTenant(deps, { tenantId, email: null }),
    close: () => kv.close(),
  };
}

/** One use of 1 hour and 1 meter; day and hour are of May 2026 unless a month is given. */
export function use(
  units: bigint,
  {
    tenantId = "ten_a",
    meter = "risk_score",
    planRevision = "growth@1",
    month = 4,
    day = 3,
    hour = 9,
  }: {
    tenantId?: string;
    meter?: string;
    planRevision?: string;
    month?: number;
    day?: number;
    hour?: number;
  } = {},
) {
  return { tenantId, meter, planRevision, units, atMs: Date.UTC(2026, month, day, hour, 30) };
}
