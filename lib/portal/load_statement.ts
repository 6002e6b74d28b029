import type { LineModel, StatementModel } from "@/components/portal/StatementPage.tsx";
import { billPeriod, parsePeriodId, type PeriodBill } from "@/lib/billing/period_bill.ts";
import type { PlanVersion } from "@/lib/domain/plan.ts";
import { formatDecimal, formatMinorDecimal } from "@/lib/domain/money.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
import { csvText } from "./csv.ts";
import type { PortalDeps } from "./deps.ts";
import { alignRange } from "./usage_range.ts";
import { usageSeries } from "./usage_series.ts";

type StatementDeps = Pick<PortalDeps, "clock" | "usage" | "plans" | "store">;

interface StatementQuery {
  readonly tenant: Tenant;
  readonly plan: PlanVersion;
  /** As in the address; anything that is no period of this tenant gives `null`. */
  readonly periodId: string;
}

export async function loadStatement(
  deps: StatementDeps,
  query: StatementQuery,
): Promise<StatementModel | null> {
  const bill = await billOf(deps, query);
  if (bill === null) return null;
  const { period } = bill;
  return {
    periodId: period.periodId,
    period,
    open: deps.clock.nowMs() < period.endMs,
    tenantName: query.tenant.name,
    statement: bill.statement,
    csvHref: `/portal/invoices/${period.periodId}/csv`,
  };
}

/** Explains one line; `null` when the statement has no such line. */
export async function loadLine(
  deps: StatementDeps,
  { lineId, ...query }: StatementQuery & { readonly lineId: string },
): Promise<LineModel | null> {
  const bill = await billOf(deps, query);
  const line = bill?.statement.lines.find((one) => one.lineId === lineId);
  if (bill === null || line === undefined || line.meter === null) return null;
  const { tenantId } = query.tenant;
  const { meter } = line;
  const range = alignRange({
    fromMs: bill.period.startMs,
    toMs: Math.min(bill.period.endMs, deps.clock.nowMs()),
    granularity: "day",
  });
  const [points, books] = await Promise.all([
    deps.usage.series({ tenantId, meter, ...range, granularity: "day" }),
    deps.usage.books({ tenantId, periodId: bill.period.periodId }),
  ]);
  const mine = books.filter((book) =>
    book.meter === meter && book.planRevision === line.planRevision
  );
  const sum = (pick: (book: typeof mine[number]) => bigint) =>
    mine.reduce((total, book) => total + pick(book), 0n);
  return {
    periodId: bill.period.periodId,
    line,
    currency: bill.statement.currency,
    days: usageSeries(points, { range, order: [meter], filters: { meter } }),
    books: [
      { term: "Acknowledged", units: sum(({ acknowledged }) => acknowledged) },
      { term: "Being collected", units: sum(({ log, windows }) => log + windows) },
      { term: "Waiting to be sent", units: sum(({ outbox }) => outbox) },
      { term: "Sent to Stripe", units: sum(({ sent, rejected }) => sent - rejected) },
      { term: "Confirmed by Stripe", units: sum(({ confirmed }) => confirmed) },
    ],
    requestsHref: "/portal/requests",
  };
}

/** The lines as they stand on the page; amounts as billed, and exact before rounding. */
export function statementCsv({ statement, periodId }: StatementModel): string {
  const { currency } = statement;
  return csvText(
    ["period", "line", "kind", "meter", "plan", "tier", "units", "unit_amount", "exact", "amount"],
    statement.lines.map((line) => [
      periodId,
      line.lineId,
      line.kind,
      line.meter,
      line.planRevision,
      line.part?.tier ?? null,
      line.units,
      line.part === null ? null : formatDecimal(line.part.unitAmount, currency),
      formatDecimal(line.amount, currency),
      formatMinorDecimal(line.amountMinor, currency),
    ]),
  );
}

async function billOf(
  deps: StatementDeps,
  { tenant, plan, periodId }: StatementQuery,
): Promise<PeriodBill | null> {
  const period = parsePeriodId(periodId, plan.interval);
  if (period === null || period.startMs > deps.clock.nowMs()) return null;
  if (period.endMs <= tenant.createdAtMs) return null;
  const bill = await billPeriod(deps, { tenant, period });
  return bill.ok ? bill.value : null;
}
