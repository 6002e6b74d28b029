import type { Units } from "@/lib/domain/plan.ts";
import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import type { StatementLine } from "@/lib/domain/statement.ts";
import type { RequestRecord, TrafficStore } from "@/lib/ports/traffic.ts";
import type { UsagePoint } from "@/lib/ports/usage.ts";
import type { BillingDeps } from "./deps.ts";
import { findPeriodBill, type StatementDeps } from "./invoice_statement.ts";

export type ExplainDeps = StatementDeps & {
  readonly usage: Pick<BillingDeps["usage"], "billableTotals" | "series">;
  readonly traffic: Pick<TrafficStore, "recent">;
};

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Calls of an hour that are told; the request log has all. */
const CALLS_SHOWN = 100;
/** Pages of calls that are searched for them: those without units are left out. */
const MAX_TRAFFIC_READS = 5;
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
  /** UTC days with usage, oldest first. */
  readonly days: readonly ExplainedSpan[];
  /** Hours with usage of the opened day, oldest first; empty while none is open. */
  readonly hours: readonly ExplainedSpan[];
  /** Units of the line that no day shows; 0n unless units moved between plan versions. */
  readonly unplacedUnits: Units;
}

export interface ExplainedHour {
  readonly windows: readonly UsagePoint[];
  /** Calls still kept, the newest ones; the ledger outlives them. */
  readonly calls: readonly RequestRecord[];
  readonly moreCalls: boolean;
}

/**
 * Opens a usage line into the days that made it, and one of them into its hours: walking the period
 * in order, each unit has a rank, and the line bills the ranks of its rung. Errors as for
 * `invoiceStatement`, and `line_not_found`.
 */
export async function explainLine(
  deps: ExplainDeps,
  { dayMs = null, ...query }: {
    readonly tenantId: string;
    readonly periodId?: string;
    readonly lineId: string;
    /** Start of the opened day. */
    readonly dayMs?: number | null;
  },
): Promise<Result<ExplainedLine>> {
  const found = await findPeriodBill(deps, query);
  if (!found.ok) return found;
  const { tenant, bill } = found.value;
  const line = bill.statement.lines.find(({ lineId }) => lineId === query.lineId);
  if (line === undefined) {
    return refuse({ code: "line_not_found", detail: `No line ${query.lineId} in this statement` });
  }
  const { meter, part } = line;
  if (meter === null || part === null) {
    return accept({ line, days: [], hours: [], unplacedUnits: 0n });
  }
  const use = bill.uses.find(({ plan }) => plan.planRevision === line.planRevision);
  const share = use?.share ?? { fromMs: bill.period.startMs, toMs: bill.period.endMs };
  const owner = { tenantId: tenant.tenantId, meter };
  const series = await usageByDay(deps, { ...owner, ...share });
  const days = mergeDays(rankSpans(series, part));
  const placed = days.reduce((sum, day) => sum + day.billedUnits, 0n);
  const hours = dayMs === null
    ? []
    : await hoursOfDay(deps, { ...owner, dayMs, share, series, part });
  return accept({ line, days, hours, unplacedUnits: line.units - placed });
}

interface Owner {
  readonly tenantId: string;
  readonly meter: string;
}

/**
 * Whole days from their own totals. Where a plan version's time begins or ends within a day, the hours
 * of that day: its total holds the other version's usage too.
 */
async function usageByDay(
  deps: ExplainDeps,
  { fromMs, toMs, ...owner }: Owner & { readonly fromMs: number; readonly toMs: number },
): Promise<readonly UsagePoint[]> {
  const firstDayMs = Math.min(Math.ceil(fromMs / DAY_MS) * DAY_MS, toMs);
  const lastDayMs = Math.max(Math.floor(toMs / DAY_MS) * DAY_MS, firstDayMs);
  const parts = [
    { fromMs, toMs: firstDayMs, granularity: "hour" },
    { fromMs: firstDayMs, toMs: lastDayMs, granularity: "day" },
    { fromMs: lastDayMs, toMs, granularity: "hour" },
  ] as const;
  const read = parts.filter((part) => part.fromMs < part.toMs)
    .map((part) => deps.usage.series({ ...owner, ...part }));
  return (await Promise.all(read)).flat();
}

async function hoursOfDay(
  deps: ExplainDeps,
  { dayMs, share, series, part, ...owner }: Owner & {
    readonly dayMs: number;
    readonly share: { readonly fromMs: number; readonly toMs: number };
    readonly series: readonly UsagePoint[];
    readonly part: Rung;
  },
): Promise<readonly ExplainedSpan[]> {
  const fromMs = Math.max(dayMs, share.fromMs);
  const toMs = Math.min(dayMs + DAY_MS, share.toMs);
  if (fromMs >= toMs) return [];
  const before = series.filter(({ startMs }) => startMs < dayMs)
    .reduce((sum, { units }) => sum + units, 0n);
  const hours = await deps.usage.series({ ...owner, fromMs, toMs, granularity: "hour" });
  return rankSpans(hours, part, before);
}

function mergeDays(spans: readonly ExplainedSpan[]): readonly ExplainedSpan[] {
  const byDay = Map.groupBy(spans, ({ startMs }) => Math.floor(startMs / DAY_MS) * DAY_MS);
  return [...byDay].map(([startMs, parts]) => ({
    startMs,
    units: parts.reduce((sum, { units }) => sum + units, 0n),
    billedUnits: parts.reduce((sum, { billedUnits }) => sum + billedUnits, 0n),
  }));
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
  return { windows, calls: calls.calls, moreCalls: calls.more };
}

/** Units that a line bills, by rank: `(fromUnits, toUnits]`. */
interface Rung {
  readonly fromUnits: Units;
  readonly toUnits: Units;
}

function rankSpans(
  series: readonly UsagePoint[],
  { fromUnits, toUnits }: Rung,
  before: Units = 0n,
): readonly ExplainedSpan[] {
  let rank = before;
  return [...series].sort((a, b) => a.startMs - b.startMs).flatMap(({ startMs, units }) => {
    const low = rank > fromUnits ? rank : fromUnits;
    rank += units;
    const high = rank < toUnits ? rank : toUnits;
    return high > low ? [{ startMs, units, billedUnits: high - low }] : [];
  });
}

/** The newest ones that used units; `more` says that there are others. */
async function callsBetween(
  deps: ExplainDeps,
  { tenantId, ...between }: {
    readonly tenantId: string;
    readonly fromMs: number;
    readonly toMs: number;
  },
): Promise<{ readonly calls: readonly RequestRecord[]; readonly more: boolean }> {
  const calls: RequestRecord[] = [];
  let cursor: string | null = null;
  for (let read = 0; read < MAX_TRAFFIC_READS && calls.length <= CALLS_SHOWN; read++) {
    const page: Awaited<ReturnType<TrafficStore["recent"]>> = await deps.traffic.recent({
      tenantId,
      between,
      limit: CALLS_PER_READ,
      status: "ok",
      ...(cursor === null ? {} : { cursor }),
    });
    calls.push(...page.items.filter(({ units }) => units > 0n));
    cursor = page.cursor;
    if (cursor === null) break;
  }
  const more = calls.length > CALLS_SHOWN || cursor !== null;
  return { calls: calls.slice(0, CALLS_SHOWN), more };
}
