import type { Units } from "@/lib/domain/plan.ts";
import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import type { StatementLine } from "@/lib/domain/statement.ts";
import type { RequestRecord, TrafficStore } from "@/lib/ports/traffic.ts";
import type { UsagePoint } from "@/lib/ports/usage.ts";
import type { BillingDeps } from "./deps.ts";
import { findPeriodBill, type StatementDeps } from "./invoice_statement.ts";

export type ExplainDeps = StatementDeps & {
  readonly usage: Pick<BillingDeps["usage"], "books" | "series">;
  readonly traffic: Pick<TrafficStore, "recent">;
};

const HOUR_MS = 3_600_000;
/** Pages of recent calls that are searched for an hour's. */
const MAX_TRAFFIC_READS = 50;
const CALLS_PER_READ = 200;

/** Usage in a span of time, and how much of it the line bills. */
export interface ExplainedSpan {
  readonly startMs: number;
  readonly units: Units;
  /** The part that falls into the line's rung: its units in `(fromUnits, toUnits]`. */
  readonly billedUnits: Units;
}

export interface ExplainedLine {
  readonly line: StatementLine;
  /** Hours with usage, oldest first. */
  readonly hours: readonly ExplainedSpan[];
  /** Units of the line that no hour shows; 0n unless units moved between plan versions. */
  readonly unplacedUnits: Units;
}

export interface ExplainedHour {
  readonly windows: readonly UsagePoint[];
  /** Calls still kept, newest first; the ledger outlives them. */
  readonly calls: readonly RequestRecord[];
}

/**
 * Opens a usage line into the hours that made it: walking the period's hours in order, each unit has
 * a rank, and the line bills the ranks of its rung. Errors as for `invoiceStatement`, and
 * `line_not_found`.
 */
export async function explainLine(
  deps: ExplainDeps,
  query: { readonly tenantId: string; readonly periodId?: string; readonly lineId: string },
): Promise<Result<ExplainedLine>> {
  const found = await findPeriodBill(deps, query);
  if (!found.ok) return found;
  const { tenant, bill } = found.value;
  const line = bill.statement.lines.find(({ lineId }) => lineId === query.lineId);
  if (line === undefined) {
    return refuse({ code: "line_not_found", detail: `No line ${query.lineId} in this statement` });
  }
  const { meter, part } = line;
  if (meter === null || part === null) return accept({ line, hours: [], unplacedUnits: 0n });
  const use = bill.uses.find(({ plan }) => plan.planRevision === line.planRevision);
  const share = use?.share ?? { fromMs: bill.period.startMs, toMs: bill.period.endMs };
  const series = await deps.usage.series({
    tenantId: tenant.tenantId,
    fromMs: share.fromMs,
    toMs: share.toMs,
    granularity: "hour",
    meter,
  });
  const hours = rankHours(series, part);
  const placed = hours.reduce((sum, hour) => sum + hour.billedUnits, 0n);
  return accept({ line, hours, unplacedUnits: line.units - placed });
}

/** Opens one hour of a line into its usage windows and the calls that are still kept. */
export async function explainHour(
  deps: ExplainDeps,
  { tenantId, meter, hourStartMs }: {
    readonly tenantId: string;
    readonly meter: string;
    readonly hourStartMs: number;
  },
): Promise<ExplainedHour> {
  const toMs = hourStartMs + HOUR_MS;
  const [windows, calls] = await Promise.all([
    deps.usage.series({ tenantId, fromMs: hourStartMs, toMs, granularity: "window", meter }),
    callsBetween(deps, { tenantId, fromMs: hourStartMs, toMs }),
  ]);
  return { windows, calls };
}

function rankHours(
  series: readonly UsagePoint[],
  { fromUnits, toUnits }: { readonly fromUnits: Units; readonly toUnits: Units },
): readonly ExplainedSpan[] {
  let rank = 0n;
  return [...series].sort((a, b) => a.startMs - b.startMs).flatMap(({ startMs, units }) => {
    const low = rank > fromUnits ? rank : fromUnits;
    rank += units;
    const high = rank < toUnits ? rank : toUnits;
    return high > low ? [{ startMs, units, billedUnits: high - low }] : [];
  });
}

async function callsBetween(
  deps: ExplainDeps,
  { tenantId, fromMs, toMs }: {
    readonly tenantId: string;
    readonly fromMs: number;
    readonly toMs: number;
  },
): Promise<readonly RequestRecord[]> {
  const found: RequestRecord[] = [];
  let cursor: string | null = null;
  for (let read = 0; read < MAX_TRAFFIC_READS; read++) {
    const page: Awaited<ReturnType<TrafficStore["recent"]>> = await deps.traffic.recent({
      tenantId,
      limit: CALLS_PER_READ,
      ...(cursor === null ? {} : { cursor }),
    });
    found.push(
      ...page.items.filter(({ atMs, units }) => atMs >= fromMs && atMs < toMs && units > 0n),
    );
    const oldest = page.items.at(-1);
    if (page.cursor === null || oldest === undefined || oldest.atMs < fromMs) break;
    cursor = page.cursor;
  }
  return found;
}
