import type { HomeModel, MoneyByCurrency } from "@/components/operator/HomePage.tsx";
import { billPeriod } from "@/lib/billing/period_bill.ts";
import { eachTenant } from "@/lib/catalog/each_tenant.ts";
import { periodAt } from "@/lib/domain/period.ts";
import type { PlanVersion } from "@/lib/domain/plan.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
import { isHeldTooLong } from "@/lib/ports/money_ledger.ts";
import type { TrafficCount } from "@/lib/ports/traffic.ts";
import type { BookLine } from "@/lib/ports/usage.ts";
import type { Services } from "@/lib/services.ts";
import { attentionOf } from "./attention.ts";
import { choreStates } from "./load_runs.ts";
import { type Figures, remembered } from "./remembered.ts";

export type HomeDeps = Pick<
  Services,
  | "clock"
  | "usage"
  | "traffic"
  | "billing"
  | "approvals"
  | "choreRuns"
  | "tenants"
  | "plans"
  | "figures"
>;

const HOUR_MS = 3_600_000;
const DAY_HOURS = 24;
const ANOMALIES_SHOWN = 5;
/** Read to count those of the last day. */
const ANOMALIES_READ = 100;
const CLOSES_READ = 100;
const APPROVALS_COUNTED = 100;
const MOVES_READ = 100;
/** Those of tenants that are no customers yet are among them. */
const CREDITS_READ = 500;
const RUNS_SHOWN = 5;
const FIGURES_MAX_AGE_MS = 60_000;
/** Counts up with every change of `HomeFigures`. */
const FIGURES_SHAPE = 1;
/** Bills that are priced at the same time. */
const TOGETHER = 32;

/** What runs, what it earns, and whether the books hold. */
export async function loadHome(deps: HomeDeps): Promise<HomeModel> {
  const { store } = deps.billing;
  const [pipeline, figures, runs, chores, anomalies, held, planMoves, credits, approvals] =
    await Promise.all([
      deps.usage.pipeline(),
      homeFigures(deps),
      deps.choreRuns.runs({ limit: RUNS_SHOWN }),
      choreStates(deps),
      store.anomalies({ limit: ANOMALIES_READ }),
      store.periodCloses({ state: "held", limit: CLOSES_READ }),
      store.planMoves({ limit: MOVES_READ }),
      store.creditsToMirror({ limit: CREDITS_READ }),
      deps.approvals.count(APPROVALS_COUNTED),
    ]);
  const facts = {
    pipeline,
    runs,
    chores,
    anomalies,
    heldCloses: held.items.length,
    longHeldCloses: held.items.filter((close) => isHeldTooLong(close, deps.clock.nowMs())).length,
    planMoves,
    failedCredits: credits.map(({ value }) => value).filter(({ detail }) => detail !== null),
    approvals,
    ...figures,
  };
  const shown = anomalies.slice(0, ANOMALIES_SHOWN);
  return {
    ...facts,
    anomalies: shown,
    names: await deps.tenants.tenantNames(shown.map(({ tenantId }) => tenantId)),
    attention: attentionOf(facts, deps.clock.nowMs()),
  };
}

type HomeFigures = Omit<
  HomeModel,
  | "pipeline"
  | "runs"
  | "chores"
  | "anomalies"
  | "names"
  | "heldCloses"
  | "longHeldCloses"
  | "planMoves"
  | "failedCredits"
  | "approvals"
  | "attention"
>;

const homeFigures = remembered<HomeDeps, HomeFigures>(loadFigures, {
  maxAgeMs: FIGURES_MAX_AGE_MS,
  nowMs: ({ clock }) => clock.nowMs(),
  kept: {
    async read({ figures }) {
      const found = await figures.read("home", FIGURES_SHAPE);
      // Under this number `keep` below has written nothing else.
      return found as Figures<HomeFigures> | null;
    },
    keep: ({ figures }, { value, atMs }) =>
      figures.keep("home", { shape: FIGURES_SHAPE, value, atMs }),
  },
});

async function loadFigures(deps: HomeDeps): Promise<HomeFigures> {
  const asOfMs = deps.clock.nowMs();
  const toMs = Math.floor(asOfMs / HOUR_MS) * HOUR_MS + HOUR_MS;
  const fromMs = toMs - DAY_HOURS * HOUR_MS;
  const [counts, books, evidence, tenants] = await Promise.all([
    deps.traffic.counts({ fromMs, toMs }),
    deps.usage.books(),
    deps.usage.evidence(),
    tenantFigures(deps),
  ]);
  return { asOfMs, hours: hoursOf(counts, fromMs), books: sumBooks(books), evidence, ...tenants };
}

/** Calls per hour, also for hours without any. */
export function hoursOf(counts: readonly TrafficCount[], fromMs: number): HomeModel["hours"] {
  return Array.from({ length: DAY_HOURS }, (_, at) => {
    const startMs = fromMs + at * HOUR_MS;
    const own = counts.filter(({ hourStartMs }) => hourStartMs === startMs);
    return {
      startMs,
      served: sumCalls(own, (status) => status < 400),
      refused: sumCalls(own, (status) => status >= 400 && status < 500),
      failed: sumCalls(own, (status) => status >= 500),
    };
  });
}

/** All lines as one; a difference that more and less would hide from a sum is counted by size. */
export function sumBooks(lines: readonly BookLine[]): HomeModel["books"] {
  const sum = (pick: (line: BookLine) => bigint) =>
    lines.reduce((total, line) => total + pick(line), 0n);
  const wrong = lines.filter(({ difference, moving }) => difference !== 0n && !moving);
  return {
    lines: lines.length,
    acknowledged: sum(({ acknowledged, adjusted }) => acknowledged + adjusted),
    log: sum(({ log }) => log),
    windows: sum(({ windows }) => windows),
    outbox: sum(({ outbox }) => outbox),
    atStripe: sum(({ sent, rejected }) => sent - rejected),
    confirmed: sum(({ confirmed }) => confirmed),
    writtenOff: sum(({ writtenOff }) => writtenOff),
    differingLines: wrong.length,
    difference: wrong.reduce(
      (total, { difference }) => total + (difference < 0n ? -difference : difference),
      0n,
    ),
  };
}

async function tenantFigures(
  deps: HomeDeps,
): Promise<Pick<HomeModel, "revenue" | "statuses" | "unpricedTenants" | "unsubscribedTenants">> {
  const plans = new Map((await deps.plans.plans()).map((plan) => [plan.planRevision, plan]));
  const statuses = { active: 0, past_due: 0, suspended: 0, closed: 0 };
  const revenue = new Map<string, bigint>();
  let unpricedTenants = 0;
  let unsubscribedTenants = 0;
  let batch: Promise<MoneyByCurrency | null>[] = [];
  const settle = async () => {
    for (const bill of await Promise.all(batch)) {
      if (bill === null) unpricedTenants += 1;
      else revenue.set(bill.currency, (revenue.get(bill.currency) ?? 0n) + bill.amountMinor);
    }
    batch = [];
  };
  for await (const tenant of eachTenant(deps.tenants)) {
    statuses[tenant.status] += 1;
    if (tenant.status === "closed") continue;
    if (tenant.stripeSubscriptionId === null) unsubscribedTenants += 1;
    batch.push(billSoFar(deps, { tenant, plan: plans.get(tenant.planRevision) }));
    if (batch.length === TOGETHER) await settle();
  }
  await settle();
  return {
    statuses,
    unpricedTenants,
    unsubscribedTenants,
    revenue: [...revenue].map(([currency, amountMinor]) => ({ currency, amountMinor }))
      .sort((a, b) => a.currency < b.currency ? -1 : 1),
  };
}

async function billSoFar(
  { clock, billing }: HomeDeps,
  { tenant, plan }: { readonly tenant: Tenant; readonly plan: PlanVersion | undefined },
): Promise<MoneyByCurrency | null> {
  if (plan === undefined) return null;
  const bill = await billPeriod(billing, {
    tenant,
    period: periodAt(clock.nowMs(), plan.interval),
  });
  if (!bill.ok) return null;
  const { currency, subtotalMinor } = bill.value.statement;
  return { currency, amountMinor: subtotalMinor };
}

function sumCalls(counts: readonly TrafficCount[], wanted: (status: number) => boolean): number {
  return counts.filter(({ status }) => wanted(status))
    .reduce((total, { calls }) => total + calls, 0);
}
