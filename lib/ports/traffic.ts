import type { Amount, MeterName, Units } from "../domain/plan.ts";
import type { TenantId } from "../domain/tenant.ts";
import type { Page } from "./tenancy.ts";

/** One answered call, for people to look at. Not money: the ledger never reads it. */
export interface RequestRecord {
  readonly requestId: string;
  readonly tenantId: TenantId;
  readonly keyId: string;
  readonly atMs: number;
  /** Method and route pattern, e.g. `POST /v1/ratings`. */
  readonly route: string;
  readonly status: number;
  /** Problem code of a refused call. */
  readonly code: string | null;
  readonly units: Units;
  readonly cost: Amount;
  readonly latencyMicros: number;
}

/** What a call used, by meter; empty for one that was refused. */
export type MeterUnits = ReadonlyMap<MeterName, Units>;

/** Calls of one tenant in one hour or UTC day that share key, route and status. */
export interface CallCount {
  readonly tenantId: TenantId;
  readonly startMs: number;
  readonly keyId: string;
  readonly route: string;
  readonly status: number;
  readonly calls: number;
  readonly units: MeterUnits;
}

export type CallKind = Pick<CallCount, "route" | "status">;

export interface CallCountQuery {
  readonly tenantId: TenantId;
  readonly fromMs: number;
  readonly toMs: number;
  readonly granularity: "hour" | "day";
}

/** Calls in one hour, by HTTP status. */
export interface TrafficCount {
  readonly hourStartMs: number;
  readonly status: number;
  readonly calls: number;
}

export interface RequestQuery {
  readonly tenantId: TenantId;
  readonly limit: number;
  readonly cursor?: string;
  readonly status?: "ok" | "refused";
  readonly keyId?: string;
  /** Only calls answered in `[fromMs, toMs)`; others are not looked at. */
  readonly between?: { readonly fromMs: number; readonly toMs: number };
  readonly route?: string;
  readonly requestId?: string;
}

/** Calls of one tenant as they are kept. */
export interface TrafficChunk {
  readonly tenantId: TenantId;
  /** Newest last. */
  readonly records: readonly RequestRecord[];
  /** When keys were last used, by key id; an earlier time than the stored one changes nothing. */
  readonly uses: ReadonlyMap<string, number>;
}

/** What the calls of one tenant left to be written. */
export interface TenantTraffic {
  readonly chunk: TrafficChunk;
  readonly counts: readonly CallCount[];
}

export interface TrafficStore {
  /**
   * Appends a chunk of records and adds counts by the hour to the rollups. Best effort: after a
   * failure, a part of it may be written.
   */
  append(chunk: TrafficChunk, counts: readonly CallCount[]): Promise<void>;
  /** The same for many tenants in few commits; each failure goes to `onFailure`, with whom it hit. */
  appendAll(
    traffic: readonly TenantTraffic[],
    onFailure: (error: unknown, tenantIds: readonly TenantId[]) => void,
  ): Promise<void>;
  /** Newest first. */
  recent(query: RequestQuery): Promise<Page<RequestRecord>>;
  /** Of one tenant, or of all together. */
  counts(
    query: { readonly tenantId?: TenantId; readonly fromMs: number; readonly toMs: number },
  ): Promise<readonly TrafficCount[]>;
  /** Rollups by key, route and status, ascending by time. */
  callCounts(query: CallCountQuery): Promise<readonly CallCount[]>;
  /** Every route and status that a tenant's calls ever had. */
  callKinds(tenantId: TenantId): Promise<readonly CallKind[]>;
  /** When each key of a tenant was last used, by key id. */
  lastUses(tenantId: TenantId): Promise<ReadonlyMap<string, number>>;
}
