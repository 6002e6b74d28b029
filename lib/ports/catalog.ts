import type { PlanRevision, Units } from "../domain/plan.ts";
import type { TenantId } from "../domain/tenant.ts";

/** One tenant's bill over the replayed periods, before and after. Whole minor units. */
export interface DryRunRow {
  readonly tenantId: TenantId;
  readonly name: string;
  readonly currentRevision: PlanRevision;
  readonly beforeMinor: bigint;
  readonly afterMinor: bigint;
  readonly changeMinor: bigint;
  /** Meters used that the new version has no price for. */
  readonly unpricedMeters: readonly string[];
  /** Units that a hard quota of the new version would have refused. */
  readonly refusedUnits: Units;
}

/** A price change replayed over real past usage; what a publish must show. */
export interface DryRun {
  readonly dryRunId: string;
  readonly planRevision: PlanRevision;
  /** Hex SHA-256 of the terms that were replayed. */
  readonly termsHash: string;
  readonly currency: string;
  readonly createdAtMs: number;
  /** Replayed billing periods, oldest first. */
  readonly periodIds: readonly string[];
  readonly tenants: number;
  readonly winners: number;
  readonly losers: number;
  readonly unchanged: number;
  readonly beforeMinor: bigint;
  readonly afterMinor: bigint;
  readonly changeMinor: bigint;
}

export interface DryRunStore {
  putDryRun(dryRun: DryRun, rows: readonly DryRunRow[]): Promise<void>;
  dryRun(dryRunId: string): Promise<DryRun | null>;
  /** Rows by size of change, largest first. */
  dryRunRows(
    query: { dryRunId: string; cursor?: string; limit: number },
  ): Promise<{ rows: readonly DryRunRow[]; cursor: string | null }>;
  /** Newest first. */
  dryRuns(query: { planRevision?: PlanRevision; limit: number }): Promise<readonly DryRun[]>;
}
