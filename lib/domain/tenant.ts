import type { Amount, PlanRevision, Quota } from "./plan.ts";

export type TenantId = string;

export type TenantStatus = "active" | "past_due" | "suspended" | "closed";

/** The billed party. Everything it owns is stored under its id. */
export interface Tenant {
  readonly tenantId: TenantId;
  readonly name: string;
  readonly status: TenantStatus;
  readonly planRevision: PlanRevision;
  /** Set while `past_due`: served until then, refused after. */
  readonly graceUntilMs: number | null;
  readonly stripeCustomerId: string | null;
  readonly stripeSubscriptionId: string | null;
  /**
   * The first whole minute that Stripe bills at this plan version; `null` from a move on until Stripe
   * has followed. Absent: it never had another one.
   */
  readonly pricesSinceMs?: number | null;
  /** Stops (or only alerts on) spend within a billing period; `null` is no budget. */
  readonly budget: { readonly amount: Amount; readonly stop: boolean } | null;
  /** Operator's exceptions to the plan. */
  readonly overrides: {
    readonly requestsPerSecond?: number;
    readonly burst?: number;
    readonly features?: Readonly<Record<string, boolean>>;
    readonly quotas?: Readonly<Record<string, Quota>>;
  };
  readonly branding: {
    readonly displayName: string;
    readonly logoUrl: string | null;
    readonly color: string;
  };
  /** IANA zone and BCP 47 tag for display only; billing is UTC. */
  readonly timeZone: string;
  readonly locale: string;
  readonly createdAtMs: number;
}

/** A caller's secret, stored only as its SHA-256. */
export interface ApiKey {
  readonly keyId: string;
  readonly tenantId: TenantId;
  readonly name: string;
  /** Lowercase hex SHA-256 of the whole key text. */
  readonly hash: string;
  readonly mode: "live" | "test";
  /** Shown to people in place of the secret, e.g. `cm_live_3fK…x9Qa`. */
  readonly hint: string;
  /** `ratings:read`, `prices:write`, `events:write`, `usage:read`, … ; `*` is all. */
  readonly scopes: readonly string[];
  readonly ipAllowList: readonly string[] | null;
  readonly createdAtMs: number;
  readonly expiresAtMs: number | null;
  readonly revokedAtMs: number | null;
}
