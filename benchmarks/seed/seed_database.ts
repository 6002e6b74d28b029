import { proposePlansFile, publishProposed } from "@/lib/catalog/apply_plans.ts";
import type { CatalogDeps } from "@/lib/catalog/deps.ts";
import { dryRunPlan } from "@/lib/catalog/dry_run.ts";
import { parsePlansFile } from "@/lib/catalog/plans_file.ts";
import { saveDraft } from "@/lib/catalog/save_draft.ts";
import { drawCredits } from "@/lib/billing/draw_credits.ts";
import { billPeriod } from "@/lib/billing/period_bill.ts";
import { reconcile } from "@/lib/billing/reconcile.ts";
import { periodAt, shiftPeriod } from "@/lib/domain/period.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "@/lib/domain/window.ts";
import { createKvAuditLog } from "@/lib/kv/audit_store.ts";
import { createKvBillingStore } from "@/lib/kv/billing_store.ts";
import { createKvChoreStore } from "@/lib/kv/chore_store.ts";
import { createKvDryRunStore } from "@/lib/kv/dry_run_store.ts";
import type { KvLike } from "@/lib/kv/kv_like.ts";
import { createKvPlanStore } from "@/lib/kv/plan_store.ts";
import { databaseEpoch } from "@/lib/kv/database_epoch.ts";
import { createKvSimulatorStore } from "@/lib/kv/simulator_store.ts";
import { createKvTenantStore } from "@/lib/kv/tenant_store.ts";
import { createUsageLog } from "@/lib/kv/usage_log.ts";
import { createUsageStore } from "@/lib/kv/usage_store.ts";
import { OPERATOR_CHAIN } from "@/lib/ports/audit.ts";
import type { PlanStore } from "@/lib/ports/tenancy.ts";
import { FixedClock } from "@/tests/support/fixed_effects.ts";
import { Random } from "@/tests/support/random.ts";
import { must, seededIds } from "./effects.ts";
import { ownerEmail, revisionAt, seedTenant } from "./seed_tenant.ts";
import { historyStartMs, type SeedOptions, type TenantShape, tenantShapes } from "./shape.ts";
import { StagingKv } from "./staging_kv.ts";
import { knownProvider, StripeSide } from "./stripe_side.ts";

export interface SeedTarget {
  /** Empty; the sandbox's own database. */
  readonly kv: KvLike;
  /** Empty; where the Stripe simulator of that sandbox keeps its state (`<database>.stripe`). */
  readonly stripeKv: KvLike;
  /** Text of `plans.json`. */
  readonly plansText: string;
}

export interface Seeded {
  /** Rows written into the database, and documents on Stripe's side. */
  readonly rows: number;
  readonly stripeDocuments: number;
  readonly untilMs: number;
  /** The one with the most usage, members, keys and audit rows; its owner may sign in. */
  readonly largest: { readonly tenantId: string; readonly ownerEmail: string };
}

/** How far a seeding is: a step by name, and how much of it is done. */
export type SeedProgress = (step: string, done: number, of: number) => void;

const QUIET = { debug() {}, info() {}, warn() {}, error() {} };
const OPERATOR_ROWS = 3_000;
const HELD_EVERY = 45;
const REPORTS_BY_HOUR = 12;
const REPORTS_BY_DAY = 14;
const FLUSHES_KEPT_MS = 14 * DAY_MS;

/** Fills an empty database with a made-up past, as the product itself would have left it. */
export async function seedDatabase(
  options: SeedOptions,
  { target, progress }: { readonly target: SeedTarget; readonly progress: SeedProgress },
): Promise<Seeded> {
  const { untilMs } = options;
  const shapes = tenantShapes(options);
  const [largest] = shapes;
  if (largest === undefined) throw new Error("There is at least one tenant");
  for await (const _ of target.kv.list({ prefix: [] }, { limit: 1 })) {
    throw new Error("The database is not empty");
  }
  const catalog = await Catalog.open(options, target.plansText);
  const stripe = new StripeSide(untilMs);
  progress("Opening accounts at Stripe", 0, shapes.length);
  await openAccounts(stripe, { shapes, catalog, options, progress });
  const epoch = await databaseEpoch(target.kv, `db_seed_${options.seed}`);
  const deps = {
    plans: catalog.plans,
    stripe,
    databaseEpoch: epoch,
    target: target.kv,
    secondVersionAtMs: catalog.secondVersionAtMs,
  };
  let rows = 0;
  for (const [at, shape] of shapes.entries()) {
    rows += await seedTenant(shape, { options, deps });
    progress("Living through the months", at + 1, shapes.length);
  }
  await seedOperations(options, catalog);
  rows += await catalog.empty(target.kv);
  const held = new Set(
    shapes.filter(({ index, size }) => index % HELD_EVERY === 7 && size !== "silent")
      .map(({ tenantId }) => tenantId),
  );
  progress("Billing the last period", 0, shapes.length);
  const invoices = await stripe.bill(held);
  await closeLastPeriod({ shapes, invoices, held, options, kv: target.kv, progress });
  await reconcileNow({ options, target, catalog, stripe, progress });
  const simulator = createKvSimulatorStore(target.stripeKv);
  const stripeDocuments = await stripe.writeTo(simulator);
  return {
    rows,
    stripeDocuments,
    untilMs,
    largest: { tenantId: largest.tenantId, ownerEmail: ownerEmail(largest) },
  };
}

/** The plans: a first version of each at the start, and a second one of one of them halfway. */
class Catalog {
  /** Of what concerns no single tenant: the plans, and the operator's own log, which both write. */
  readonly staging: StagingKv;
  readonly plans: PlanStore;

  private constructor(
    private readonly options: SeedOptions,
    readonly clock: FixedClock,
    readonly secondVersionAtMs: number,
  ) {
    this.staging = new StagingKv(clock);
    this.plans = createKvPlanStore(this.staging);
  }

  static async open(options: SeedOptions, plansText: string): Promise<Catalog> {
    const clock = new FixedClock(historyStartMs(options) - 3 * DAY_MS);
    const middle = shiftPeriod(
      periodAt(options.untilMs, "month"),
      -Math.floor(options.months / 2),
      "month",
    );
    const catalog = new Catalog(options, clock, middle.startMs);
    await catalog.#publish(plansText);
    clock.atMs = middle.startMs - DAY_MS;
    await catalog.#publish(dearer(plansText));
    return catalog;
  }

  /** For changing plans in a database, and replaying its usage under them. */
  deps(kv: StagingKv | KvLike): CatalogDeps {
    const { clock } = this;
    const log = createUsageLog({ kv });
    return {
      clock,
      ids: seededIds(clock, new Random(this.options.seed, 3)),
      plans: createKvPlanStore(kv),
      tenants: createKvTenantStore(kv),
      usage: createUsageStore({ kv, log, clock }),
      dryRuns: createKvDryRunStore(kv),
      provider: knownProvider(new StripeSide(this.options.untilMs)) as CatalogDeps["provider"],
    };
  }

  empty(target: KvLike): Promise<number> {
    return this.staging.empty(target, { atMs: this.options.untilMs });
  }

  async #publish(text: string): Promise<void> {
    const deps = this.deps(this.staging);
    const proposed = must(await proposePlansFile(deps, must(parsePlansFile(text))));
    must(await publishProposed(deps, proposed));
  }
}

/** One plan with a higher fee. */
function dearer(plansText: string): string {
  const file = JSON.parse(plansText);
  for (const plan of file.plans) if (plan.plan_id === "growth") plan.base_fee = "319.00";
  return JSON.stringify(file);
}

async function openAccounts(
  stripe: StripeSide,
  { shapes, catalog, options, progress }: {
    readonly shapes: readonly TenantShape[];
    readonly catalog: Catalog;
    readonly options: SeedOptions;
    readonly progress: SeedProgress;
  },
): Promise<void> {
  const accounts = [];
  for (const shape of shapes) {
    if (shape.isNew) continue;
    const revision = revisionAt(shape, options.untilMs, catalog.secondVersionAtMs);
    const plan = (await catalog.plans.plan(revision))?.value;
    if (plan === undefined) throw new Error(`No plan ${revision}`);
    accounts.push({ shape, plan, email: ownerEmail(shape) });
  }
  await stripe.open(accounts, (done) => {
    progress("Opening accounts at Stripe", done, accounts.length);
  });
}

/** Cron runs of two weeks and the operator's own audit log. */
async function seedOperations(
  { seed, untilMs }: SeedOptions,
  { clock, staging: kv }: Catalog,
): Promise<void> {
  const ids = seededIds(clock, new Random(seed, 4));
  const chores = createKvChoreStore(kv);
  const note = (name: "flush" | "watch" | "hourly" | "daily", everyMs: number) => async () => {
    for (let atMs = untilMs - FLUSHES_KEPT_MS; atMs < untilMs; atMs += everyMs) {
      clock.atMs = atMs;
      const report = { sent: 12, sealed: 12, held: 0 };
      await chores.note({ name, startedAtMs: atMs, endedAtMs: atMs + 900, ok: true, report });
    }
  };
  await note("flush", MINUTE_MS)();
  await note("watch", 5 * MINUTE_MS)();
  await note("hourly", HOUR_MS)();
  await note("daily", DAY_MS)();
  const audit = createKvAuditLog(kv);
  for (let at = 0; at < OPERATOR_ROWS; at++) {
    clock.atMs = untilMs - (OPERATOR_ROWS - at) * HOUR_MS;
    await audit.append({
      chain: OPERATOR_CHAIN,
      atMs: clock.atMs,
      actor: { kind: "operator", id: "operator" },
      action: at % 4 === 0 ? "session.started" : "plan.drafted",
      subject: at % 4 === 0 ? "operator" : "growth@2",
      before: null,
      after: { method: "passkey" },
      ip: "192.0.2.9",
      requestId: ids.next("req"),
    });
  }
}

async function closeLastPeriod(
  { shapes, invoices, held, options, kv, progress }: {
    readonly shapes: readonly TenantShape[];
    readonly invoices: ReadonlyMap<string, string>;
    readonly held: ReadonlySet<string>;
    readonly options: SeedOptions;
    readonly kv: KvLike;
    readonly progress: SeedProgress;
  },
): Promise<void> {
  const current = periodAt(options.untilMs, "month");
  const period = shiftPeriod(current, -1, "month");
  const clock = new FixedClock(options.untilMs);
  const store = createKvBillingStore(kv);
  const usage = createUsageStore({ kv, log: createUsageLog({ kv }), clock });
  const plans = createKvPlanStore(kv);
  const tenants = createKvTenantStore(kv);
  for (const [at, { tenantId }] of shapes.entries()) {
    progress("Billing the last period", at + 1, shapes.length);
    const invoiceId = invoices.get(tenantId);
    const tenant = (await tenants.tenant(tenantId))?.value;
    if (invoiceId === undefined || tenant === undefined) continue;
    const isHeld = held.has(tenantId);
    if (!isHeld && (await store.credits(tenantId)).length > 0) {
      const bill = must(await billPeriod({ plans, store, usage }, { tenant, period }));
      await drawCredits({ store }, tenantId, bill);
    }
    await store.putPeriodClose({
      tenantId,
      periodId: period.periodId,
      state: isHeld ? "held" : "finalized",
      invoiceId,
      reasons: isHeld
        ? [{ code: "amounts_differ", detail: "risk_score: we price 12000, Stripe bills 11800" }]
        : [],
      attempts: isHeld ? 40 : 1,
      updatedAtMs: current.startMs + 2 * HOUR_MS,
      closingSinceMs: null,
    }, null);
  }
}

/** A draft with its dry run, and reports: one comparison of now, told again for earlier hours. */
async function reconcileNow(
  { options, target, catalog, stripe, progress }: {
    readonly options: SeedOptions;
    readonly target: SeedTarget;
    readonly catalog: Catalog;
    readonly stripe: StripeSide;
    readonly progress: SeedProgress;
  },
): Promise<void> {
  const { untilMs, seed } = options;
  const { kv } = target;
  progress("Comparing with Stripe", 0, REPORTS_BY_HOUR + REPORTS_BY_DAY);
  catalog.clock.atMs = untilMs;
  const deps = catalog.deps(kv);
  const [growth] = must(parsePlansFile(dearer(target.plansText).replaceAll("319.00", "339.00")))
    .plans.filter(({ planId }) => planId === "growth");
  const drafted = growth === undefined ? null : must(await saveDraft(deps, growth)).draft;
  if (drafted !== null) must(await dryRunPlan(deps, drafted.planRevision));
  const clock = new FixedClock(untilMs);
  const ids = seededIds(clock, new Random(seed, 5));
  const store = createKvBillingStore(kv);
  const usage = createUsageStore({ kv, log: createUsageLog({ kv }), clock });
  const billing = {
    clock,
    ids,
    logger: QUIET,
    store,
    usage,
    plans: createKvPlanStore(kv),
    tenants: createKvTenantStore(kv),
    provider: await stripe.providerAt(untilMs),
  };
  const found = await reconcile(billing);
  for (let back = 1; back < REPORTS_BY_HOUR + REPORTS_BY_DAY; back++) {
    const ageMs = back < REPORTS_BY_HOUR ? back * HOUR_MS : (back - REPORTS_BY_HOUR + 1) * DAY_MS;
    clock.atMs = untilMs - ageMs;
    const [startedAtMs, finishedAtMs] = [clock.atMs, clock.atMs + 20_000];
    const reportId = ids.next("rec");
    await store.putReport({ ...found.report, reportId, startedAtMs, finishedAtMs }, found.rows);
    progress("Comparing with Stripe", back + 1, REPORTS_BY_HOUR + REPORTS_BY_DAY);
  }
}
