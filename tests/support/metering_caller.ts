import type { CallerConfig } from "@/lib/ports/tenancy.ts";
import { samplePlan } from "@/tests/contracts/plan_store.ts";

/** A caller of tenant `acme` on a monthly plan with the meter `risk_score`. */
export function sampleCaller(): CallerConfig {
  return {
    epoch: null,
    plan: samplePlan("growth", 1),
    tenant: {
      tenantId: "acme",
      name: "Acme",
      status: "active",
      planRevision: "growth@1",
      graceUntilMs: null,
      stripeCustomerId: "cus_acme",
      stripeSubscriptionId: null,
      budget: null,
      overrides: {},
      branding: { displayName: "Acme", logoUrl: null, color: "#123456" },
      timeZone: "UTC",
      locale: "en",
      createdAtMs: 0,
    },
    key: {
      keyId: "key_1",
      tenantId: "acme",
      name: "Key",
      hash: "",
      mode: "test",
      hint: "",
      scopes: ["*"],
      ipAllowList: null,
      createdAtMs: 0,
      expiresAtMs: null,
      revokedAtMs: null,
    },
  };
}
