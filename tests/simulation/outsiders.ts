import type { ApiKey, Tenant } from "@/lib/domain/tenant.ts";
import { periodAt } from "@/lib/domain/period.ts";
import { createKvTenantStore } from "@/lib/kv/tenant_store.ts";
import { Actor } from "../support/virtual_scheduler.ts";
import { type ConfigChangeKind, MIDNIGHT_MS, STORM_MS } from "./scenario.ts";
import { keyIdOf, KEYS_PER_TENANT, TENANTS } from "../support/metered_tenants.ts";
import type { SimOffice } from "./sim_office.ts";
import type { RefusalReport } from "./stripe_server.ts";
import type { World } from "./world.ts";

const MINUTE_MS = 60_000;
/** Of one move that is refused while units wait. */
const MOVE_ATTEMPTS = 8;
/** Stripe tries to deliver a webhook for three days. */
const REPORT_DELAY_MAX_MS = 72 * 60 * MINUTE_MS;

/** The operator: revokes keys and changes plans while calls are served. */
export async function changeConfiguration(world: World): Promise<void> {
  const { scheduler, random, scenario } = world;
  const operator = new Actor("operator");
  for (const { afterCalls, kind } of scenario.changes) {
    await world.callsBegun(afterCalls);
    // Into the time that a call takes, where deciding and committing lie apart.
    await scheduler.sleep(operator, random.below(80));
    if (kind === "change_plan") await movePlan(world, operator);
    else await change(world, kind);
  }
}

/** Moves a tenant through some instance, again while it is told to come back. */
async function movePlan(world: World, operator: Actor): Promise<void> {
  const { scheduler, random } = world;
  const tenantId = random.pick(TENANTS);
  let from: string | null = null;
  for (let attempt = 0; attempt < MOVE_ATTEMPTS && !world.calm; attempt++) {
    if (world.living.length > 0) {
      const instance = random.pick(world.living);
      const moved = await world.tell(instance, () =>
        instance.work(async (office) => {
          from ??= await office.planOf(tenantId);
          return await office.changePlan(tenantId, from);
        }));
      if (moved === true) return;
    }
    await scheduler.sleep(operator, random.between(1, 60) * 1_000);
  }
}

async function change(
  { kv, random }: World,
  kind: Exclude<ConfigChangeKind, "change_plan">,
): Promise<void> {
  const tenants = createKvTenantStore(kv);
  const tenantId = random.pick(TENANTS);
  if (kind === "revoke_key") {
    const keyId = keyIdOf(tenantId, random.below(KEYS_PER_TENANT));
    const key = await tenants.apiKey(tenantId, keyId);
    if (key !== null) await tenants.putApiKey(revoked(key.value), key.versionstamp);
  } else {
    const tenant = await tenants.tenant(tenantId);
    if (tenant !== null) await tenants.putTenant(renamed(tenant.value), tenant.versionstamp);
  }
}

function revoked(key: ApiKey): ApiKey {
  return { ...key, revokedAtMs: key.revokedAtMs ?? 1 };
}

function renamed(tenant: Tenant): Tenant {
  return { ...tenant, name: `${tenant.name}.` };
}

/** Stripe's webhooks: late, by days at times, sometimes twice, and until somebody has taken them. */
export async function deliverReports(world: World): Promise<void> {
  const { scheduler, random, stripe } = world;
  const self = new Actor("webhooks");
  const delayedUntilMs = new Map<RefusalReport, number>();
  while (!world.ended) {
    await scheduler.sleep(self, random.between(1, world.calm ? 5 : 60) * MINUTE_MS);
    for (const report of [...stripe.reports]) {
      if (world.living.length === 0) break;
      if (!delayedUntilMs.has(report)) {
        const delayMs = random.chance(0.2) ? random.below(REPORT_DELAY_MAX_MS) : 0;
        delayedUntilMs.set(report, scheduler.nowMs + delayMs);
      }
      if (!world.calm && scheduler.nowMs < (delayedUntilMs.get(report) ?? 0)) continue;
      const instance = random.pick(world.living);
      const outcome = await world.ask(self, instance, () => instance.reject(report))
        .catch(() => "unavailable");
      const again = outcome === "unavailable" || random.chance(0.2);
      if (!again) stripe.reports.splice(stripe.reports.indexOf(report), 1);
    }
  }
}

/** Operators: link a tenant to Stripe, correct units, end a tenant; they repeat what failed. */
export async function operate(world: World): Promise<void> {
  const { scheduler, random, scenario } = world;
  const self = new Actor("operators");
  if (scenario.unlinked) world.duties.add((office) => office.provision(TENANTS[0]));
  repeatDuties(world).catch((error) => world.defects.push(`duties: ${error}`));
  for (const { afterCalls, kind } of scenario.acts) {
    await world.callsBegun(afterCalls);
    await scheduler.sleep(self, random.below(2_000));
    const tenantId = random.pick(TENANTS);
    // Nobody could be billed for a tenant that is closed before it has a customer.
    if (kind === "close_tenant" && scenario.unlinked) continue;
    if (kind === "close_tenant") {
      world.duties.add((office) => office.closeTenant(tenantId));
      continue;
    }
    const units = BigInt(random.between(1, 20)) * (random.chance(0.3) ? -1n : 1n);
    if (world.living.length === 0 || world.calm) continue;
    const instance = random.pick(world.living);
    await world.tell(instance, () => instance.work((office) => office.correct(tenantId, units)));
  }
}

async function repeatDuties(world: World): Promise<void> {
  const { scheduler, random, scenario } = world;
  const self = new Actor("duties");
  while (!world.calm) {
    const storm = scheduler.nowMs < scenario.startMs + STORM_MS;
    await scheduler.sleep(self, random.between(1, storm ? 60 : 2 * 3_600) * 1_000);
    if (!world.calm && world.living.length > 0) await world.doDuties(random.pick(world.living));
  }
}

/** The month ends at Stripe, and every few minutes somebody tries to close its bills. */
export async function closePeriods(world: World): Promise<void> {
  const { scheduler, random, scenario, stripe } = world;
  if (!scenario.billed || !world.crossesMonth) return;
  const self = new Actor("stripe");
  await scheduler.sleep(self, MIDNIGHT_MS - scheduler.nowMs);
  const outage = scenario.outages.find(({ endMs }) => endMs > scheduler.nowMs);
  stripe.endPeriod(MIDNIGHT_MS, outage === undefined ? 0 : outage.endMs);
  for (;;) {
    const unheld = stripe.invoices.invoices.some(({ finalizesAtMs }) => finalizesAtMs !== null);
    const pauseMs = random.between(1, unheld ? 10 : 6 * 60) * MINUTE_MS;
    // Nothing can be closed in an outage, but some try.
    const reachableAtMs = random.chance(0.8) && outage !== undefined ? outage.endMs : 0;
    await scheduler.sleep(self, Math.max(pauseMs, reachableAtMs - scheduler.nowMs));
    if (world.calm) return;
    if (world.living.length === 0) continue;
    if (random.chance(0.9)) correctMeanwhile(world, self);
    const instance = random.pick(world.living);
    await world.tell(instance, () => instance.work((office) => office.closePeriods()));
  }
}

/** Somebody corrects units of the ended period while it is being closed. */
async function correctMeanwhile(world: World, self: Actor): Promise<void> {
  const { scheduler, random } = world;
  const tenantId = random.pick(TENANTS);
  await scheduler.sleep(self, random.below(random.pick([40, 150])) * world.scenario.kvLatencyMs);
  if (world.calm || world.living.length === 0) return;
  const instance = random.pick(world.living);
  const { periodId } = periodAt(MIDNIGHT_MS - 1, "month");
  const correct = (office: SimOffice) => office.correct(tenantId, 3n, periodId);
  await world.tell(instance, () => instance.work(correct));
}

/** At times all instances flush at once, as when cron and people do. */
export async function stampede(world: World): Promise<void> {
  const { scheduler, random, scenario } = world;
  const self = new Actor("stampede");
  for (const atMs of scenario.stampedesAtMs) {
    await scheduler.sleep(self, atMs - scheduler.nowMs);
    if (world.calm) return;
    for (const instance of world.living) {
      scheduler.after(random.below(300), {
        owner: instance.actor,
        label: "stampede",
        run: () => void world.tell(instance, () => instance.flush()),
      });
    }
  }
}
