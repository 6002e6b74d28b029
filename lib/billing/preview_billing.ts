import type { MeterName, Units } from "@/lib/domain/plan.ts";
import { type DayUsage, type Projection, projectUsage } from "@/lib/domain/projection.ts";
import { accept, type Result } from "@/lib/domain/result.ts";
import { priceStatement, type Statement } from "@/lib/domain/statement.ts";
import type { BillingDeps } from "./deps.ts";
import { findPeriodBill, type StatementDeps } from "./invoice_statement.ts";

export type PreviewDeps = StatementDeps & {
  readonly usage: Pick<BillingDeps["usage"], "billableTotals" | "series">;
};

const DAY_MS = 86_400_000;
/** Days of history that a projection looks at. */
const HISTORY_DAYS = 56;

export interface BillingPreview {
  readonly asOfMs: number;
  readonly period: { readonly periodId: string; readonly startMs: number; readonly endMs: number };
  readonly planRevision: string;
  /** What is due if the period ended now. */
  readonly statement: Statement;
  readonly meters: readonly {
    readonly meter: MeterName;
    readonly units: Units;
    readonly projection: Projection;
  }[];
  /** The projected usage at the present plan; an estimate. */
  readonly projected: {
    readonly low: Statement;
    readonly likely: Statement;
    readonly high: Statement;
  };
}

/** The bill so far and where it is heading. Errors as for `invoiceStatement`. */
export async function previewBilling(
  deps: PreviewDeps,
  { tenantId }: { readonly tenantId: string },
): Promise<Result<BillingPreview>> {
  const found = await findPeriodBill(deps, { tenantId });
  if (!found.ok) return found;
  const { bill } = found.value;
  const asOfMs = deps.clock.nowMs();
  const days = await deps.usage.series({
    tenantId,
    fromMs: startOfDay(asOfMs) - HISTORY_DAYS * DAY_MS,
    toMs: asOfMs,
    granularity: "day",
  });
  const names = new Set([...bill.plan.meters.map(({ meter }) => meter), ...bill.units.keys()]);
  const meters = [...names].map((meter) => {
    const units = bill.units.get(meter) ?? 0n;
    const own = fillDays(days.filter((point) => point.meter === meter), asOfMs);
    const input = { period: bill.period, nowMs: asOfMs, unitsSoFar: units, days: own };
    return { meter, units, projection: projectUsage(input) };
  });
  const priced = (pick: (projection: Projection) => Units) =>
    priceStatement(bill.plan, new Map(meters.map((row) => [row.meter, pick(row.projection)])));
  return accept({
    asOfMs,
    period: bill.period,
    planRevision: bill.plan.planRevision,
    statement: bill.statement,
    meters,
    projected: {
      low: priced(({ low }) => low),
      likely: priced(({ units }) => units),
      high: priced(({ high }) => high),
    },
  });
}

/** Days without usage have no point but count as days, from the first one that has. */
function fillDays(points: readonly DayUsage[], nowMs: number): readonly DayUsage[] {
  const units = new Map(points.map((point) => [startOfDay(point.startMs), point.units]));
  const first = Math.min(...units.keys());
  const days: DayUsage[] = [];
  for (let startMs = first; startMs + DAY_MS <= nowMs && days.length <= HISTORY_DAYS;) {
    days.push({ startMs, units: units.get(startMs) ?? 0n });
    startMs += DAY_MS;
  }
  return days;
}

function startOfDay(atMs: number): number {
  return Math.floor(atMs / DAY_MS) * DAY_MS;
}
