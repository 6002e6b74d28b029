import type { ApiKey, Tenant, TenantId } from "../domain/tenant.ts";
import type { PlanRevision, PlanVersion } from "../domain/plan.ts";
import type { AuditDraft } from "./audit.ts";
import type { PlanStep } from "./subscription_ledger.ts";
import type { ConfigEpoch } from "./usage.ts";

/** Everything a metered call must know about its caller, read in one snapshot with its epoch. */
export interface CallerConfig {
  readonly epoch: ConfigEpoch;
  readonly key: ApiKey;
  readonly tenant: Tenant;
  readonly plan: PlanVersion;
}

/** A write that finds another version than it was made for. */
export type WriteOutcome = { readonly ok: true } | {
  readonly ok: false;
  readonly code: "conflict";
};

/**
 * Configuration. Every write also moves the config epoch in the same commit, so that no instance
 * can acknowledge a unit under the old configuration afterwards.
 */
export interface TenantStore {
  epoch(): Promise<ConfigEpoch>;
  callerByKeyHash(hash: string): Promise<CallerConfig | null>;
  tenant(tenantId: TenantId): Promise<Versioned<Tenant> | null>;
  /** Ordered by tenant id; `search` matches name or id, case-insensitively. */
  tenants(
    query: {
      cursor?: string;
      limit: number;
      search?: string;
      /** Only tenants on this version. */
      planRevision?: PlanRevision;
    },
  ): Promise<Page<Tenant>>;
  /** Names by id, of those that exist. */
  tenantNames(tenantIds: Iterable<TenantId>): Promise<ReadonlyMap<TenantId, string>>;
  /** Tenants that are not closed, by plan version; versions without any are left out. */
  planCounts(): Promise<ReadonlyMap<PlanRevision, number>>;
  /**
   * `versionstamp: null` creates. The audit row, the row that dates a move to another plan version and
   * the move that Stripe has to follow, if given, are in the same commit.
   */
  putTenant(
    tenant: Tenant,
    versionstamp: string | null,
    audit?: AuditDraft,
    plan?: PlanStep,
  ): Promise<WriteOutcome>;
  apiKey(tenantId: TenantId, keyId: string): Promise<Versioned<ApiKey> | null>;
  apiKeys(tenantId: TenantId): Promise<readonly ApiKey[]>;
  putApiKey(key: ApiKey, versionstamp: string | null, audit?: AuditDraft): Promise<WriteOutcome>;
}

/**
 * Somebody else's token service that may speak for a tenant. Its tokens name the tenant in `aud`,
 * and nothing but this record says where its keys are and what it may ask for.
 */
export interface JwtIssuer {
  readonly issuerId: string;
  readonly tenantId: TenantId;
  /** The exact `iss`. */
  readonly issuer: string;
  readonly jwksUrl: string;
  /** Asymmetric JWS algorithms, e.g. `ES256`. */
  readonly algorithms: readonly string[];
  readonly mode: "live" | "test";
  /** Most that its tokens can be granted. */
  readonly scopes: readonly string[];
  readonly createdAtMs: number;
  readonly revokedAtMs: number | null;
}

/** What a JWT call must know, in one snapshot with its epoch. */
export interface IssuerConfig {
  readonly epoch: ConfigEpoch;
  readonly issuer: JwtIssuer;
  readonly tenant: Tenant;
  readonly plan: PlanVersion;
}

/** Registered issuers; every write moves the config epoch in the same commit. */
export interface IssuerStore {
  callerByIssuer(query: { tenantId: TenantId; issuer: string }): Promise<IssuerConfig | null>;
  issuers(tenantId: TenantId): Promise<readonly JwtIssuer[]>;
  issuer(tenantId: TenantId, issuer: string): Promise<Versioned<JwtIssuer> | null>;
  putIssuer(
    issuer: JwtIssuer,
    versionstamp: string | null,
    audit?: AuditDraft,
  ): Promise<WriteOutcome>;
}

export interface PlanStore {
  plan(planRevision: PlanRevision): Promise<Versioned<PlanVersion> | null>;
  /** All versions of one plan, newest first; all plans when `planId` is absent. */
  plans(planId?: string): Promise<readonly PlanVersion[]>;
  putPlan(
    plan: PlanVersion,
    versionstamp: string | null,
    audit?: AuditDraft,
  ): Promise<WriteOutcome>;
}

export interface Versioned<T> {
  readonly value: T;
  readonly versionstamp: string;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly cursor: string | null;
}
