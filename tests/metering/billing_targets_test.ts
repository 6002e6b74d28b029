import { assertEquals } from "@std/assert";
import { createBillingTargets } from "@/lib/metering/billing_targets.ts";
import type { PlanVersion } from "@/lib/domain/plan.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
import { sampleCaller } from "@/tests/support/metering_caller.ts";

function targets(tenant: Tenant | null, plan: PlanVersion | null) {
  const versioned = <T>(value: T | null) =>
    Promise.resolve(value === null ? null : { value, versionstamp: "1" });
  return createBillingTargets({
    tenants: { tenant: () => versioned(tenant) },
    plans: { plan: () => versioned(plan) },
    eventNameOf: (meter) => `clawmeter_${meter}`,
  });
}

Deno.test("a line is billed where its tenant's customer and its plan's price say", async () => {
  const { tenant, plan } = sampleCaller();
  const line = { tenantId: "acme", meter: "risk_score", planRevision: "growth@1" };
  assertEquals(await targets(tenant, plan).target(line), {
    kind: "billable",
    eventName: "clawmeter_risk_score",
    stripeCustomerId: "cus_acme",
    interval: "month",
    prices: { kind: "in_force", sinceMs: 0 },
  });
});

Deno.test("each reason why a line can't be billed has its own word", async () => {
  const { tenant, plan } = sampleCaller();
  const line = { tenantId: "acme", meter: "risk_score", planRevision: "growth@1" };
  const flat = plan.meters.map((meter) => ({
    ...meter,
    price: { model: "flat", amount: 1n } as const,
  }));
  const cases = [
    [targets(null, plan), line],
    [targets(tenant, null), line],
    [targets({ ...tenant, stripeCustomerId: null }, plan), line],
    [targets(tenant, plan), { ...line, meter: "other" }],
    [targets(tenant, { ...plan, meters: flat }), line],
  ] as const;
  const reasons = await Promise.all(cases.map(async ([resolver, asked]) => {
    const target = await resolver.target(asked);
    return target.kind === "unbillable" ? target.reason : target.kind;
  }));
  assertEquals(reasons, [
    "tenant_unknown",
    "plan_unknown",
    "no_stripe_customer",
    "meter_not_in_plan",
    "flat_price",
  ]);
});
