import { assert, assertEquals } from "@std/assert";
import { closeDuePeriods } from "@/lib/billing/close_period.ts";
import type { BillingDeps } from "@/lib/billing/deps.ts";
import { followMoves } from "@/lib/billing/follow_move.ts";
import { billPeriod } from "@/lib/billing/period_bill.ts";
import { provisionTenant } from "@/lib/billing/provision_tenant.ts";
import { meterEventName } from "@/lib/domain/meter.ts";
import { FINAL_AFTER_MS, periodAt } from "@/lib/domain/period.ts";
import { usageMinor } from "@/lib/domain/statement.ts";
import { createKvBillingStore } from "@/lib/kv/billing_store.ts";
import { createOutboxStore } from "@/lib/kv/outbox_store.ts";
import { createKvPlanStore } from "@/lib/kv/plan_store.ts";
import { createQuotaStore } from "@/lib/kv/quota_store.ts";
import { createKvTenantStore } from "@/lib/kv/tenant_store.ts";
import { createUsageLog } from "@/lib/kv/usage_log.ts";
import { createUsageStore } from "@/lib/kv/usage_store.ts";
import { createBillingTargets } from "@/lib/metering/billing_targets.ts";
import { MeteringEngine } from "@/lib/metering/engine.ts";
import { openStripeWorld } from "@/tests/stripe/stripe_world.ts";
import { GROWTH, SCALE } from "./billing_world.ts";
import { CountingIds } from "./fixed_effects.ts";
import { ManualScheduler } from "./metering_world.ts";
import { sampleTenant } from "./samples.ts";

export const MAY = Date.UTC(2026, 4, 1);
export const JUNE = Date.UTC(2026, 5, 1);
export const DAY = 86_400_000;
export const MINUTE = 60_000;
const LITE = { ...GROWTH, planId: "lite", planRevision: "lite@1" };

/** One tenant on `growth@1` at the simulator, ten days into May. */
export async function openPlanWorld(
  { provisioned = true, createdAtMs = MAY }: {
    readonly provisioned?: boolean;
    readonly createdAtMs?: number;
  } = {},
) {
  const stripe = await openStripeWorld();
  const { clock, logger, provider } = stripe;
  clock.atMs = MAY;
  const kv = await Deno.openKv(":memory:");
  const ids = new CountingIds();
  const tenants = createKvTenantStore(kv);
  const plans = createKvPlanStore(kv);
  for (const plan of [GROWTH, SCALE, LITE]) await plans.putPlan(plan, null);
  await tenants.putTenant(
    sampleTenant({ createdAtMs }),
    null,
  );
  const log = createUsageLog({ kv });
  const outbox = createOutboxStore({ kv, databaseEpoch: "epoch" });
  const targets = createBillingTargets({ tenants, plans, eventNameOf: meterEventName });
  const openEngine = (durability: "commit" | "buffer") =>
    new MeteringEngine({
      log,
      outbox,
      quotas: createQuotaStore({ kv }),
      targets,
      provider,
      clock,
      ids,
      scheduler: new ManualScheduler(clock),
      logger,
      windowMs: 5_000,
      durability,
      sending: true,
    });
  const engine = openEngine("commit");
  const deps = {
    clock,
    ids,
    logger,
    tenants,
    plans,
    usage: createUsageStore({ kv, log, clock }),
    metering: engine,
    provider,
    store: createKvBillingStore(kv),
  } satisfies BillingDeps;
  const collection = { kind: "invoice", daysUntilDue: 30 } as const;
  const provision = async () => {
    const made = await provisionTenant(deps, { tenantId: "ten_a", email: null, collection });
    assert(made.ok, made.ok ? "" : made.error.detail);
  };
  if (provisioned) await provision();
  clock.atMs = MAY + 10 * DAY;
  const tenant = async () => {
    const found = await tenants.tenant("ten_a");
    assert(found !== null);
    return found.value;
  };
  return {
    deps,
    kv,
    engine,
    outbox,
    targets,
    clock,
    simulator: stripe.simulator,
    tenant,
    /** Units of the version that the tenant is on, or of another one, decided before. */
    async use(units: bigint, { meter = "screening", by = engine, ...line }: {
      readonly meter?: string;
      readonly planRevision?: string;
      readonly periodId?: string;
      readonly by?: MeteringEngine;
    } = {}) {
      const { planRevision } = await tenant();
      const { periodId } = periodAt(clock.nowMs(), "month");
      const entry = { tenantId: "ten_a", meter, planRevision, periodId, ...line };
      const recorded = await by.recorder.record({
        epoch: await tenants.epoch(),
        entries: [{ ...entry, keyId: "key_1", units }],
      });
      assertEquals(recorded.kind, "committed");
    },
    provision,
    /** Another instance on the same database. */
    another: () => openEngine("commit"),
    /** One that answers before it writes. */
    buffering: () => openEngine("buffer"),
    /** What runs every minute, for so many minutes. */
    async minutes(count: number) {
      for (let minute = 0; minute < count; minute++) {
        clock.advance(MINUTE);
        await engine.flushDue();
        await followMoves(deps);
      }
    },
    /** Closes May; usage as we price it and as Stripe bills it, on all invoices together. */
    async close() {
      clock.atMs = Math.max(clock.atMs, JUNE + MINUTE);
      await stripe.simulator.tick();
      await closeDuePeriods(deps);
      clock.atMs = Math.max(clock.atMs, JUNE + FINAL_AFTER_MS);
      await stripe.simulator.tick();
      const counts = await closeDuePeriods(deps);
      const { stripeCustomerId } = await tenant();
      const invoices = await provider.invoices({
        stripeCustomerId: stripeCustomerId ?? "",
        limit: 9,
      });
      const lines = invoices.flatMap((invoice) => invoice.lines);
      const madeUp = lines.filter(({ key }) => key?.includes(":made_up-"));
      const bill = await billPeriod(deps, {
        tenant: await tenant(),
        period: periodAt(MAY, "month"),
      });
      assert(bill.ok);
      return {
        finalized: counts.finalized,
        oursMinor: usageMinor(bill.value.statement),
        stripeMinor: sumOf([...lines.filter(({ meter }) => meter !== null), ...madeUp]),
        madeUpMinor: sumOf(madeUp),
      };
    },
    /** The plan version of the subscription at Stripe. */
    async atStripe() {
      const { stripeSubscriptionId } = await tenant();
      return (await provider.subscription(stripeSubscriptionId ?? ""))?.planRevision;
    },
    /** Usage on all invoices when May is over. */
    async invoicedUsage() {
      clock.atMs = JUNE + MINUTE;
      await stripe.simulator.tick();
      const { stripeCustomerId } = await tenant();
      const invoices = await provider.invoices({
        stripeCustomerId: stripeCustomerId ?? "",
        limit: 9,
      });
      const lines = invoices.flatMap(({ lines }) => lines).filter(({ meter }) => meter !== null);
      return {
        units: lines.reduce((sum, { units }) => sum + units, 0n),
        amountMinor: lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0n),
      };
    },
    async [Symbol.asyncDispose]() {
      kv.close();
      await stripe.close();
    },
  };
}

function sumOf(lines: readonly { readonly amountMinor: bigint }[]): bigint {
  return lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
}
