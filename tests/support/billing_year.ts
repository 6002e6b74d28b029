import type { BillingDeps } from "@/lib/billing/deps.ts";
import { changePlan } from "@/lib/billing/change_plan.ts";
import { closeDuePeriods } from "@/lib/billing/close_period.ts";
import { provisionTenant } from "@/lib/billing/provision_tenant.ts";
import { FINAL_AFTER_MS } from "@/lib/domain/period.ts";
import { parsePlansFile } from "@/lib/catalog/plans_file.ts";
import { createKvBillingStore } from "@/lib/kv/billing_store.ts";
import type { ProviderInvoice } from "@/lib/ports/billing_provider.ts";
import type { FaultAction } from "@/lib/stripe/simulator/faults.ts";
import { openStripeWorld } from "@/tests/stripe/stripe_world.ts";
import { CountingIds, MemoryLogger } from "./fixed_effects.ts";
import { createMemoryPlanStore } from "./memory_plan_store.ts";
import { MemoryTenants } from "./memory_tenants.ts";
import { type NaivePlan, naiveUsageCents } from "./naive_bill.ts";
import { Random } from "./random.ts";
import { sampleTenant } from "./samples.ts";
import { YearBooks } from "./year_books.ts";

export interface YearOptions {
  readonly seed: number;
  readonly tenants: number;
  readonly months: number;
}

export interface YearFigures {
  readonly tenants: number;
  /** Invoices that closed a period. */
  readonly invoices: number;
  /** Tenant-months whose money was recomputed. */
  readonly compared: number;
  readonly planChanges: number;
  readonly refusals: number;
  readonly retries: number;
  /** Closes that held the draft at first. */
  readonly heldAttempts: number;
  readonly meterEvents: number;
  readonly billedCents: bigint;
  /** Sum of absolute differences, Stripe's invoices against the recomputation. */
  readonly differenceCents: bigint;
}

/** One acknowledged usage, kept apart from all books. */
interface RawUse {
  readonly tenantId: string;
  readonly planId: string;
  readonly meter: string;
  readonly month: number;
  readonly units: bigint;
}

const DAY_MS = 86_400_000;
const METERS_PER_TENANT = 3;
const CHANGE_CHANCE = 0.06;
const FAULT_CHANCE = 0.25;
const CLOSE_ROUNDS = 12;
const FAULTS: readonly FaultAction[] = [
  { kind: "lose_reply" },
  { kind: "error_before" },
  { kind: "error_after" },
  { kind: "rate_limit" },
  { kind: "refuse", code: "archived_meter" },
];

/**
 * A year of a few tenants against the Stripe simulator: usage, faults while sending, plan changes,
 * late units, closes. Afterwards every invoice is compared with a recomputation from the raw uses.
 */
export async function runBillingYear({ seed, tenants, months }: YearOptions): Promise<YearFigures> {
  const random = new Random(seed);
  const text = await Deno.readTextFile(new URL("../../plans.json", import.meta.url));
  const naive: readonly NaivePlan[] = JSON.parse(text).plans;
  const world = await openYear(text);
  const raw: RawUse[] = [];
  /** Plans that a tenant's month saw, in order. */
  const seen = new Map<string, string[]>();
  let planChanges = 0;
  let heldAttempts = 0;
  let invoices = 0;
  const ids = Array.from({ length: tenants }, (_, at) => `ten_${String(at).padStart(4, "0")}`);
  for (const [at, tenantId] of ids.entries()) {
    await world.join(tenantId, naive[at % naive.length]?.plan_id ?? "");
  }
  for (let month = 0; month < months; month++) {
    const startMs = Date.UTC(2026, month, 1);
    for (const tenantId of ids) seen.set(monthKey(tenantId, month), [world.planOf(tenantId)]);
    for (const step of monthSteps({ random, ids, startMs })) {
      world.clock.atMs = step.atMs;
      const tenant = world.tenants.get(step.tenantId);
      const planId = world.planOf(step.tenantId);
      if (step.change) {
        const other = random.pick(naive.filter((plan) => plan.plan_id !== planId));
        const planRevision = `${other.plan_id}@1`;
        await changePlan(world.deps, { tenantId: step.tenantId, planRevision });
        seen.get(monthKey(step.tenantId, month))?.push(other.plan_id);
        planChanges += 1;
        continue;
      }
      const plan = naive.find((candidate) => candidate.plan_id === planId);
      for (const { meter } of plan?.meters.slice(0, METERS_PER_TENANT) ?? []) {
        const units = BigInt(random.below(10 ** random.between(1, 6)));
        raw.push({ tenantId: step.tenantId, planId, meter, month, units });
        world.books.use({
          tenantId: step.tenantId,
          meter,
          planRevision: tenant.planRevision,
          atMs: step.atMs,
          units,
        });
      }
      if (random.unit() < FAULT_CHANCE) world.fault(random.pick(FAULTS));
      const periodId = new Date(startMs).toISOString().slice(0, 10);
      if (random.unit() < 0.5) await world.books.flush({ tenantId: step.tenantId, periodId });
    }
    await world.goTo(Date.UTC(2026, month + 1, 1) + 60_000);
    for (let round = 0; round < CLOSE_ROUNDS; round++) {
      const closed = await closeDuePeriods(world.deps);
      invoices += closed.finalized;
      heldAttempts += closed.held;
      if (closed.held + closed.waiting === 0) break;
      await world.goTo(world.clock.atMs + FINAL_AFTER_MS);
    }
  }
  const verdict = await compare(world, { ids, months, naive, raw, seen });
  const { refusals, retries, events } = world.books;
  await world.close();
  return {
    tenants,
    invoices,
    planChanges,
    refusals,
    retries,
    heldAttempts,
    meterEvents: events,
    ...verdict,
  };
}

type Year = Awaited<ReturnType<typeof openYear>>;

async function openYear(plansText: string) {
  const stripe = await openStripeWorld();
  stripe.clock.atMs = Date.UTC(2026, 0, 1);
  const kv = await Deno.openKv(":memory:");
  const plans = createMemoryPlanStore();
  const file = parsePlansFile(plansText);
  if (!file.ok) throw new Error(file.error.detail);
  for (const terms of file.value.plans) {
    const planRevision = `${terms.planId}@1`;
    const status = "published" as const;
    await plans.putPlan({ ...terms, revision: 1, planRevision, status, createdAtMs: 0 }, null);
  }
  const tenants = new MemoryTenants();
  const books = new YearBooks(
    stripe.clock,
    stripe.provider,
    (tenantId) => tenants.get(tenantId).stripeCustomerId ?? "",
  );
  const store = createKvBillingStore(kv);
  tenants.ledger = store;
  const deps: BillingDeps = {
    clock: stripe.clock,
    ids: new CountingIds(),
    logger: new MemoryLogger(),
    tenants,
    plans,
    usage: books.reader,
    metering: books,
    provider: stripe.provider,
    store,
  };
  return {
    deps,
    books,
    tenants,
    clock: stripe.clock,
    provider: stripe.provider,
    planOf: (tenantId: string) => tenants.get(tenantId).planRevision.slice(0, -2),
    async join(tenantId: string, planId: string) {
      const createdAtMs = stripe.clock.nowMs();
      tenants.set(sampleTenant({ tenantId, planRevision: `${planId}@1`, createdAtMs }));
      const collection = { kind: "invoice", daysUntilDue: 30 } as const;
      const joined = await provisionTenant(deps, { tenantId, email: null, collection });
      if (!joined.ok) throw new Error(joined.error.detail);
    },
    /** One at a time: Stripe does not both take an event and refuse it. */
    fault(action: FaultAction) {
      stripe.simulator.control.clearFaults();
      stripe.simulator.control.addFault({
        method: "POST",
        path: "/v1/billing/meter_events",
        action,
      });
    },
    async goTo(atMs: number) {
      stripe.clock.atMs = atMs;
      await stripe.simulator.tick();
    },
    async close() {
      kv.close();
      await stripe.close();
    },
  };
}

interface Step {
  readonly atMs: number;
  readonly tenantId: string;
  readonly change: boolean;
}

/** A few days of usage per tenant, and now and then one plan change, in order of time. */
function monthSteps(
  { random, ids, startMs }: { random: Random; ids: readonly string[]; startMs: number },
): readonly Step[] {
  const at = () => startMs + random.between(1, 26) * DAY_MS + random.below(DAY_MS);
  const steps = ids.flatMap((tenantId): Step[] => {
    const uses = Array.from(
      { length: random.between(1, 4) },
      () => ({ tenantId, atMs: at(), change: false }),
    );
    const moves = random.unit() < CHANGE_CHANCE;
    return moves ? [...uses, { tenantId, atMs: at(), change: true }] : uses;
  });
  return steps.sort((a, b) => a.atMs - b.atMs);
}

/** Stripe's usage lines of a tenant's month, on whatever invoices they are, against the raw uses. */
async function compare(
  world: Year,
  { ids, months, naive, raw, seen }: {
    readonly ids: readonly string[];
    readonly months: number;
    readonly naive: readonly NaivePlan[];
    readonly raw: readonly RawUse[];
    readonly seen: ReadonlyMap<string, readonly string[]>;
  },
): Promise<Pick<YearFigures, "compared" | "billedCents" | "differenceCents">> {
  let compared = 0;
  let billedCents = 0n;
  let differenceCents = 0n;
  for (const tenantId of ids) {
    const stripeCustomerId = world.tenants.get(tenantId).stripeCustomerId ?? "";
    const invoices = await world.provider.invoices({ stripeCustomerId, limit: 200 });
    const own = raw.filter((use) => use.tenantId === tenantId);
    for (let month = 0; month < months; month++) {
      const startMs = Date.UTC(2026, month, 1);
      const endMs = Date.UTC(2026, month + 1, 1);
      const billed = usageCents(invoices, { startMs, endMs });
      const uses = own.filter((use) => use.month === month);
      const plans = seen.get(monthKey(tenantId, month)) ?? [];
      const expected = expectedCents(naive.filter((plan) => plans.includes(plan.plan_id)), uses);
      const gap = billed - expected;
      compared += 1;
      billedCents += billed;
      differenceCents += gap < 0n ? -gap : gap;
    }
  }
  return { compared, billedCents, differenceCents };
}

function usageCents(
  invoices: readonly ProviderInvoice[],
  { startMs, endMs }: { readonly startMs: number; readonly endMs: number },
): bigint {
  return invoices.flatMap(({ lines }) => lines)
    .filter((line) =>
      line.meter !== null && line.periodStartMs >= startMs && line.periodStartMs < endMs &&
      line.periodEndMs <= endMs
    )
    .reduce((sum, line) => sum + line.amountMinor, 0n);
}

/** All meters of every plan that the month saw; a meter without usage may still owe a flat fee. */
function expectedCents(plans: readonly NaivePlan[], uses: readonly RawUse[]): bigint {
  return plans.reduce((total, plan) => {
    const meters = plan.meters.map(({ meter }) =>
      naiveUsageCents(
        plan,
        meter,
        uses.filter((use) => use.planId === plan.plan_id && use.meter === meter)
          .reduce((sum, { units }) => sum + units, 0n),
      )
    );
    return meters.reduce((sum, value) => sum + value, total);
  }, 0n);
}

function monthKey(tenantId: string, month: number): string {
  return `${tenantId} ${month}`;
}
