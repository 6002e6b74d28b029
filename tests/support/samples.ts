import type { OutboxEntry } from "@/lib/domain/outbox.ts";
import type { PlanVersion } from "@/lib/domain/plan.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
import { parseMoney } from "@/lib/domain/money.ts";

/** Money in tests, `usd("12.50")`; throws on what the product would refuse. */
export function usd(text: string): bigint {
  const negative = text.startsWith("-");
  const result = parseMoney(negative ? text.slice(1) : text, "usd");
  if (!result.ok) throw new Error(result.error.detail);
  return negative ? -result.value : result.value;
}

export function sampleTenant(changes: Partial<Tenant> = {}): Tenant {
  return {
    tenantId: "ten_a",
    name: "Acme Markets",
    status: "active",
    planRevision: "growth@1",
    graceUntilMs: null,
    stripeCustomerId: null,
    stripeSubscriptionId: null,
    budget: null,
    overrides: {},
    branding: { displayName: "Acme", logoUrl: null, color: "#0b5fff" },
    timeZone: "UTC",
    locale: "en",
    createdAtMs: Date.UTC(2026, 0, 1),
    ...changes,
  };
}

export function emptyPlan(changes: Partial<PlanVersion> = {}): PlanVersion {
  const planId = changes.planId ?? "growth";
  const revision = changes.revision ?? 1;
  return {
    planId,
    revision,
    planRevision: `${planId}@${revision}`,
    name: "Growth",
    description: "For teams",
    currency: "usd",
    interval: "month",
    baseFee: 0n,
    minimumCommitment: 0n,
    meters: [],
    features: [],
    limits: { requestsPerSecond: 50, burst: 100 },
    graceDays: 14,
    status: "published",
    createdAtMs: Date.UTC(2026, 0, 1),
    ...changes,
  };
}

/** Sealed and never tried. */
export function sampleEntry(changes: Partial<OutboxEntry> = {}): OutboxEntry {
  const { entryId = "cm_1", timestampMs = Date.UTC(2026, 4, 15, 12) } = changes;
  return {
    entryId,
    identifier: entryId,
    tenantId: "ten_a",
    meter: "risk_score",
    planRevision: "growth@1",
    periodId: "2026-05-01",
    eventName: "risk_score",
    stripeCustomerId: "cus_a",
    units: 1n,
    timestampMs,
    sealedAtMs: timestampMs,
    state: "ready",
    reason: null,
    attempts: 0,
    firstAttemptAtMs: null,
    lastAttemptAtMs: null,
    nextAttemptAtMs: timestampMs,
    burnt: false,
    claim: null,
    decision: null,
    ...changes,
  };
}
