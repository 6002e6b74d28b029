import { eachTenant } from "@/lib/catalog/each_tenant.ts";
import { meterEventName } from "@/lib/domain/meter.ts";
import { type BillingPeriod, periodAt, shiftPeriod } from "@/lib/domain/period.ts";
import type { MeterName, PlanVersion, Units } from "@/lib/domain/plan.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
import type { ReconcilePart, ReconcileReport, ReconcileRow } from "@/lib/ports/report_store.ts";
import type { BookLine, OutboxEntry, OutboxState } from "@/lib/ports/usage.ts";
import type { BillingDeps } from "./deps.ts";
import {
  deliveredOf,
  explainRow,
  isDifference,
  isSettled,
  type RowFacts,
} from "./reconcile_row.ts";

type ReconcileDeps =
  & Pick<
    BillingDeps,
    "clock" | "ids" | "logger" | "tenants" | "plans" | "provider" | "store"
  >
  & { readonly usage: Pick<BillingDeps["usage"], "books" | "outbox"> };

const MINUTE_MS = 60_000;
/** Stripe takes no events older than 35 days, so an older period can't change any more. */
const OPEN_PERIOD_MS = 35 * 86_400_000;
const ENTRIES_PER_READ = 500;
/** Entries read per tenant; the figures stay exact beyond it, the evidence gets thinner. */
const MAX_ENTRY_READS = 100;

export interface ReconcileResult {
  readonly report: ReconcileReport;
  readonly rows: readonly ReconcileRow[];
}

/**
 * Compares our ledger with Stripe's summaries and invoice previews, per customer and meter, for
 * this billing period and the one before while it can still change. Stored as a report, rows that
 * differ first. One tenant's failure is reported and holds up no other.
 */
export async function reconcile(
  deps: ReconcileDeps,
  { tenantId }: { readonly tenantId?: string } = {},
): Promise<ReconcileResult> {
  const startedAtMs = deps.clock.nowMs();
  const parts: ReconcilePart[] = [];
  for await (const tenant of tenantsToCheck(deps, tenantId)) {
    parts.push(await partOf(deps, tenant));
  }
  return await storeReport(deps, { parts, reportId: deps.ids.next("rec"), startedAtMs });
}

/** What one tenant adds to a report; never rejects for the tenant's sake. */
export async function partOf(deps: ReconcileDeps, tenant: Tenant): Promise<ReconcilePart> {
  try {
    return { rows: await reconcileTenant(deps, tenant), failure: null };
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    return { rows: [], failure: { tenantId: tenant.tenantId, detail } };
  }
}

/** Stores the report of all parts, rows that differ first; repeating it stores the same rows. */
export async function storeReport(
  deps: Pick<ReconcileDeps, "clock" | "logger" | "store">,
  { parts, reportId, startedAtMs }: {
    readonly parts: readonly ReconcilePart[];
    readonly reportId: string;
    readonly startedAtMs: number;
  },
): Promise<ReconcileResult> {
  const rows = parts.flatMap((part) => part.rows)
    .sort((a, b) => Number(isDifference(b)) - Number(isDifference(a)));
  const failures = parts.flatMap(({ failure }) => failure === null ? [] : [failure]);
  const finishedAtMs = deps.clock.nowMs();
  const report = summarize(rows, { reportId, startedAtMs, finishedAtMs, failures });
  await deps.store.putReport(report, rows);
  if (report.differences > 0 || failures.length > 0) {
    const { differences } = report;
    deps.logger.error("reconcile_difference", { reportId, differences, failures: failures.length });
  }
  return { report, rows };
}

/** One tenant's meters in one period, against Stripe, now. Nothing is stored. */
export async function reconcilePeriod(
  deps: ReconcileDeps,
  of: { readonly tenant: Tenant; readonly period: BillingPeriod },
): Promise<readonly ReconcileRow[]> {
  const facts = await periodFacts(deps, of);
  const rows = facts.map(explainRow);
  if (!rows.some(isDifference)) return rows;
  // Units that went out between the questions to the books and to Stripe are no difference.
  const { tenant: { tenantId }, period: { periodId } } = of;
  const after = await meteredBooks(deps, await deps.usage.books({ tenantId, periodId }));
  return facts.map((one) =>
    explainRow({ ...one, booksAfter: after.filter(({ meter }) => meter === one.meter) })
  );
}

/** Those of its meters of which not every unit is at Stripe for good, by what is known now. */
export async function unsettledRows(
  deps: ReconcileDeps,
  of: { readonly tenant: Tenant; readonly period: BillingPeriod },
): Promise<readonly ReconcileRow[]> {
  return (await periodFacts(deps, of)).filter((facts) => !isSettled(facts)).map(explainRow);
}

async function periodFacts(
  deps: ReconcileDeps,
  { tenant, period }: { readonly tenant: Tenant; readonly period: BillingPeriod },
): Promise<readonly RowFacts[]> {
  const { tenantId, stripeCustomerId } = tenant;
  const nowMs = deps.clock.nowMs();
  const { periodId } = period;
  const books = await meteredBooks(deps, await deps.usage.books({ tenantId, periodId }));
  const meters = [...new Set(books.map(({ meter }) => meter))].sort();
  const invoiced = await previewUnits(deps, { tenant, period, nowMs });
  const stripe = new Map(
    await Promise.all(meters.map(async (meter) => {
      if (stripeCustomerId === null) return [meter, 0n] as const;
      const units = await stripeUnits(deps, { stripeCustomerId, meter, period, nowMs });
      return [meter, units] as const;
    })),
  );
  const lists = [await entriesOf(deps, { tenantId })];
  // Sent entries are many and only explain what a summary does not show yet, or may hide.
  const behind = meters.some((meter) =>
    deliveredOf(books.filter((line) => line.meter === meter)) !== stripe.get(meter)
  );
  if (behind || books.some(({ corrected }) => corrected)) {
    lists.push(await entriesOf(deps, { tenantId, state: "sent" }));
  }
  const entries = lists.flat().filter((entry) => entry.periodId === periodId);
  return meters.map((meter) => ({
    tenantId,
    meter,
    periodId,
    books: books.filter((line: BookLine) => line.meter === meter),
    entries: entries.filter((entry) => entry.meter === meter),
    stripe: stripe.get(meter) ?? 0n,
    invoiced: invoiced?.get(meter) ?? null,
    nowMs,
  }));
}

async function* tenantsToCheck(
  deps: ReconcileDeps,
  tenantId: string | undefined,
): AsyncGenerator<Tenant> {
  if (tenantId === undefined) return yield* eachTenant(deps.tenants);
  const tenant = (await deps.tenants.tenant(tenantId))?.value;
  if (tenant !== undefined) yield tenant;
}

async function reconcileTenant(
  deps: ReconcileDeps,
  tenant: Tenant,
): Promise<readonly ReconcileRow[]> {
  if (tenant.stripeCustomerId === null) return [];
  const rows: ReconcileRow[] = [];
  for (const period of await changingPeriods(deps, tenant)) {
    rows.push(...await reconcilePeriod(deps, { tenant, period }));
  }
  return rows;
}

/** The present billing period, after the one before it while that can still change. */
async function changingPeriods(
  { clock, plans }: Pick<ReconcileDeps, "clock" | "plans">,
  { planRevision }: Tenant,
): Promise<readonly BillingPeriod[]> {
  const plan = (await plans.plan(planRevision))?.value;
  const interval = plan?.interval ?? "month";
  const nowMs = clock.nowMs();
  const current = periodAt(nowMs, interval);
  const previous = shiftPeriod(current, -1, interval);
  return nowMs - previous.endMs < OPEN_PERIOD_MS ? [previous, current] : [current];
}

/** Those, and the one that has begun by clocks that are ahead of ours. */
export async function periodsByAnyClock(
  deps: Pick<ReconcileDeps, "clock" | "plans">,
  tenant: Tenant,
): Promise<readonly BillingPeriod[]> {
  const periods = await changingPeriods(deps, tenant);
  const plan = (await deps.plans.plan(tenant.planRevision))?.value;
  const endMs = periods.at(-1)?.endMs ?? deps.clock.nowMs();
  return [...periods, periodAt(endMs, plan?.interval ?? "month")];
}

async function stripeUnits(
  deps: ReconcileDeps,
  { stripeCustomerId, meter, period, nowMs }: {
    readonly stripeCustomerId: string;
    readonly meter: MeterName;
    readonly period: BillingPeriod;
    readonly nowMs: number;
  },
): Promise<Units> {
  const untilMs = Math.min(period.endMs, Math.ceil(nowMs / MINUTE_MS) * MINUTE_MS);
  if (untilMs <= period.startMs) return 0n;
  const summaries = await deps.provider.summaries({
    eventName: meterEventName(meter),
    stripeCustomerId,
    startMs: period.startMs,
    endMs: untilMs,
  });
  return summaries.reduce((sum, { units }) => sum + units, 0n);
}

/**
 * Units per meter on the invoice that Stripe would make now. Only for the open period, and only
 * without a plan change in it: then the usage before the change is on lines of its own.
 */
async function previewUnits(
  deps: ReconcileDeps,
  { tenant, period, nowMs }: {
    readonly tenant: Tenant;
    readonly period: BillingPeriod;
    readonly nowMs: number;
  },
): Promise<ReadonlyMap<MeterName, Units> | null> {
  const { stripeCustomerId, stripeSubscriptionId } = tenant;
  if (stripeCustomerId === null || stripeSubscriptionId === null) return null;
  if (nowMs < period.startMs || nowMs >= period.endMs || tenant.status === "closed") return null;
  const changes = await deps.store.planChanges(tenant.tenantId);
  if (changes.some(({ atMs, from }) => from !== null && atMs >= period.startMs)) return null;
  const plan = (await deps.plans.plan(tenant.planRevision))?.value;
  if (plan === undefined) return null;
  const invoice = await deps.provider.previewInvoice({ stripeCustomerId, stripeSubscriptionId });
  const units = new Map(meteredNames(plan).map((meter) => [meter, 0n]));
  for (const line of invoice.lines) {
    const known = line.meter === null ? undefined : units.get(line.meter);
    if (line.meter !== null && known !== undefined) units.set(line.meter, known + line.units);
  }
  return units;
}

/** A flat price bills no units, so none are sent and none are looked for. */
async function meteredBooks(
  { plans }: ReconcileDeps,
  books: readonly BookLine[],
): Promise<readonly BookLine[]> {
  const metered: BookLine[] = [];
  for (const line of books) {
    const plan = (await plans.plan(line.planRevision))?.value;
    const offered = plan?.meters.find(({ meter }) => meter === line.meter);
    if (offered?.price.model !== "flat") metered.push(line);
  }
  return metered;
}

function meteredNames(plan: PlanVersion): readonly MeterName[] {
  return plan.meters.filter(({ price }) => price.model !== "flat").map(({ meter }) => meter);
}

/** Without a state: every entry that still needs something done. */
async function entriesOf(
  deps: ReconcileDeps,
  query: { readonly tenantId: string; readonly state?: OutboxState },
): Promise<readonly OutboxEntry[]> {
  const found: OutboxEntry[] = [];
  let cursor: string | null = null;
  for (let read = 0; read < MAX_ENTRY_READS; read++) {
    const page: Awaited<ReturnType<typeof deps.usage.outbox>> = await deps.usage.outbox({
      ...query,
      limit: ENTRIES_PER_READ,
      ...(cursor === null ? {} : { cursor }),
    });
    found.push(...page.entries);
    if (page.cursor === null) break;
    cursor = page.cursor;
  }
  return found;
}

function summarize(
  rows: readonly ReconcileRow[],
  head: Pick<ReconcileReport, "reportId" | "startedAtMs" | "finishedAtMs" | "failures">,
): ReconcileReport {
  const sum = (pick: (row: ReconcileRow) => Units) =>
    rows.reduce((total, row) => total + pick(row), 0n);
  return {
    ...head,
    rows: rows.length,
    differences: rows.filter(isDifference).length,
    pending: sum((row) => row.pending),
    late: sum((row) => row.late),
    refused: sum((row) => row.refused),
    doubtful: sum((row) => row.doubtful),
    unexplained: sum((row) => row.unexplained < 0n ? -row.unexplained : row.unexplained),
  };
}
