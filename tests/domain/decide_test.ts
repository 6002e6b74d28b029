import { assertEquals } from "@std/assert";
import {
  decideBudget,
  decideFeature,
  decideStatus,
  decideUnits,
  effectiveLimits,
  effectiveQuota,
} from "@/lib/domain/decide.ts";
import type { Quota } from "@/lib/domain/plan.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
import { emptyPlan, sampleTenant, usd } from "@/tests/support/samples.ts";

function plan(quota: Quota | null = null) {
  return emptyPlan({
    features: ["batch"],
    meters: [{
      meter: "risk_score",
      price: { model: "per_unit", unitAmount: 1n },
      includedUnits: 0n,
      quota,
    }],
  });
}

function code(result: { ok: true } | { ok: false; error: { code: string } }): string {
  return result.ok ? "ok" : result.error.code;
}

Deno.test("a past-due tenant is served until its grace period ends, to the millisecond", () => {
  const tenant = sampleTenant({ status: "past_due", graceUntilMs: 1_000 });
  assertEquals(code(decideStatus(tenant, 999)), "ok");
  assertEquals(code(decideStatus(tenant, 1_000)), "payment_overdue");
  const at = (status: Tenant["status"]) => code(decideStatus(sampleTenant({ status }), 0));
  assertEquals([at("active"), at("suspended"), at("closed")], [
    "ok",
    "tenant_suspended",
    "tenant_closed",
  ]);
});

Deno.test("an operator's exception outranks the plan's features, both ways", () => {
  const terms = (features: Record<string, boolean>) => ({
    tenant: sampleTenant({ overrides: { features } }),
    plan: plan(),
  });
  assertEquals(code(decideFeature(terms({}), "batch")), "ok");
  assertEquals(code(decideFeature(terms({}), "greeks")), "feature_not_in_plan");
  assertEquals(code(decideFeature(terms({ greeks: true }), "greeks")), "ok");
  assertEquals(code(decideFeature(terms({ batch: false }), "batch")), "feature_not_in_plan");
  assertEquals(code(decideFeature(terms({}), "toString")), "feature_not_in_plan");
});

Deno.test("a hard quota refuses exactly the call that would pass it", () => {
  const terms = { tenant: sampleTenant(), plan: plan({ units: 10n, enforcement: "hard" }) };
  const ask = (usedUnits: bigint, requestedUnits: bigint) =>
    decideUnits(terms, { meter: "risk_score", usedUnits, requestedUnits });
  assertEquals(ask(9n, 1n), { ok: true, value: { remaining: 0n, overSoftQuota: false } });
  assertEquals(code(ask(9n, 2n)), "quota_exceeded");
  assertEquals(code(ask(10n, 1n)), "quota_exceeded");
});

Deno.test("a soft quota serves and says so", () => {
  const terms = { tenant: sampleTenant(), plan: plan({ units: 10n, enforcement: "soft" }) };
  const verdict = decideUnits(terms, { meter: "risk_score", usedUnits: 10n, requestedUnits: 1n });
  assertEquals(verdict, { ok: true, value: { remaining: 0n, overSoftQuota: true } });
});

Deno.test("a meter that the plan does not have is refused", () => {
  const terms = { tenant: sampleTenant(), plan: plan() };
  const ask = (meter: string) =>
    code(decideUnits(terms, { meter, usedUnits: 0n, requestedUnits: 1n }));
  assertEquals([ask("risk_score"), ask("greeks")], ["ok", "meter_not_in_plan"]);
});

Deno.test("a budget stops the call that would pass it, but never a free one", () => {
  const budget = { amount: usd("1"), stop: true };
  const terms = { tenant: sampleTenant({ budget }), plan: plan() };
  const ask = (spent: string, cost: string) =>
    code(decideBudget(terms, { spent: usd(spent), cost: usd(cost) }));
  assertEquals([ask("0.5", "0.5"), ask("0.5", "0.51"), ask("2", "0")], [
    "ok",
    "budget_exceeded",
    "ok",
  ]);
  const watched = { ...terms, tenant: sampleTenant({ budget: { ...budget, stop: false } }) };
  assertEquals(decideBudget(watched, { spent: usd("1"), cost: usd("1") }), {
    ok: true,
    value: { overBudget: true },
  });
});

Deno.test("operator's limits and quotas replace the plan's", () => {
  const quota: Quota = { units: 5n, enforcement: "soft" };
  const tenant = sampleTenant({ overrides: { burst: 7, quotas: { risk_score: quota } } });
  const terms = { tenant, plan: plan({ units: 10n, enforcement: "hard" }) };
  assertEquals(effectiveLimits(terms), { requestsPerSecond: 50, burst: 7 });
  assertEquals(effectiveQuota(terms, "risk_score"), quota);
  assertEquals(effectiveQuota(terms, "greeks"), null);
});
