import type { Amount, Units } from "../domain/plan.ts";
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

/** Calls of one tenant in one hour, by HTTP status. */
export interface TrafficCount {
  readonly tenantId: TenantId;
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
}

export interface TrafficStore {
  /** Appends a chunk of records (one tenant, newest last) and adds the counts. Best effort. */
  append(
    chunk: { readonly tenantId: TenantId; readonly records: readonly RequestRecord[] },
    counts: readonly TrafficCount[],
  ): Promise<void>;
  /** Newest first. */
  recent(query: RequestQuery): Promise<Page<RequestRecord>>;
  counts(
    query: { readonly tenantId?: TenantId; readonly fromMs: number; readonly toMs: number },
  ): Promise<readonly TrafficCount[]>;
}
