import type { ApiKey, Tenant } from "@/lib/domain/tenant.ts";
import { createKvTenantStore } from "@/lib/kv/tenant_store.ts";
import { ConnectionLost, Deadlock } from "../support/virtual_scheduler.ts";
import type { Ablation } from "./ablations.ts";
import type { CallRecord } from "./call.ts";
import { runClient } from "./clients.ts";
import { type ConfigChangeKind, drawScenario, STORM_MS } from "./scenario.ts";
import type { SimInstance } from "./sim_instance.ts";
import { keyIdOf, KEYS_PER_TENANT, nextRevision, seedTenants, TENANTS } from "./tenants.ts";
import { judge, type Totals } from "./verdict.ts";
import { World } from "./world.ts";

const STEPS_MAX = 60_000;
const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
/** Rounds of the calm, and the virtual time between them: nothing may need longer. */
const CALM_ROUNDS_MAX = 24;
const CALM_ROUND_MS = 10 * 60_000;

export interface ScheduleResult {
  readonly seed: number;
  readonly violations: readonly string[];
  readonly traceHash: string;
  readonly steps: number;
  readonly totals: Totals;
  /** Only when asked for. */
  readonly lines: readonly string[];
}

export interface ScheduleOptions {
  readonly ablation?: Ablation | null;
  readonly verbose?: boolean;
}

/** Plays one seed from the first call to the last settled unit, and says what was wrong. */
export async function runSchedule(
  seed: number,
  { ablation = null, verbose = false }: ScheduleOptions = {},
): Promise<ScheduleResult> {
  const world = new World(drawScenario(seed), ablation, verbose);
  await seedTenants(world.kv, world.scenario.quota);
  const violations: string[] = [];
  let records: readonly CallRecord[] = [];
  try {
    records = await world.scheduler.run(() => play(world), { maxSteps: STEPS_MAX });
  } catch (error) {
    if (!(error instanceof Deadlock)) throw error;
    violations.push(`stuck: ${error.message}`);
  }
  const verdict = judge(world, records);
  return {
    seed,
    violations: [
      ...violations,
      ...world.defects,
      ...world.auditor.violations,
      ...verdict.violations,
    ],
    traceHash: world.scheduler.traceHash,
    steps: world.scheduler.steps,
    totals: verdict.totals,
    lines: verbose ? [...world.lines, ...world.scheduler.recent] : [],
  };
}

async function play(world: World): Promise<CallRecord[]> {
  const { scheduler, scenario, director } = world;
  for (let count = 0; count < scenario.instances; count++) live(world, world.start());
  for (const step of scenario.killsAtStep) scheduler.atStep(step, () => strike(world));
  const operator = changeConfiguration(world);
  const clients = Array.from({ length: scenario.clients }, (_, index) => runClient(world, index));
  const records = (await Promise.all(clients)).flat();
  await operator;
  await scheduler.sleep(director, Math.max(0, scenario.calmAtMs - scheduler.nowMs));
  await settle(world);
  return records;
}

/** The background of one instance, until it dies or the calm begins. */
function live(world: World, instance: SimInstance): void {
  const { scheduler, random, scenario } = world;
  const loop = async () => {
    for (;;) {
      const storm = scheduler.nowMs < scenario.startMs + STORM_MS;
      const pauseMs = storm
        ? random.between(2, 20) * SECOND_MS
        : random.between(1, 7 * 60) * 60_000;
      await scheduler.sleep(instance.actor, pauseMs);
      if (world.calm) return;
      await instance.tend();
    }
  };
  loop().catch((error) => world.defects.push(`${instance.actor.name} threw ${error}`));
}

/** Kills somebody, or has it stop in good order; another takes its place a little later. */
function strike(world: World): void {
  const { random, scheduler, director } = world;
  if (world.calm || world.living.length === 0) return;
  const victim = random.pick(world.living);
  if (random.chance(0.2)) {
    world.forget(victim);
    world.ask(director, victim, () => victim.stop()).catch(ignoreLoss);
  } else {
    world.kill(victim);
  }
  scheduler.after(random.below(60 * SECOND_MS), {
    owner: director,
    label: "restart",
    run: () => {
      if (!world.calm) live(world, world.start());
    },
  });
}

function ignoreLoss(error: unknown): void {
  if (!(error instanceof ConnectionLost)) throw error;
}

async function changeConfiguration(world: World): Promise<void> {
  const { scheduler, scenario, director } = world;
  const tenants = createKvTenantStore(world.kv);
  for (const { afterMs, kind } of scenario.changes) {
    await scheduler.sleep(director, Math.max(0, scenario.startMs + afterMs - scheduler.nowMs));
    const tenantId = world.random.pick(TENANTS);
    if (kind === "revoke_key") {
      const keyId = keyIdOf(tenantId, world.random.below(KEYS_PER_TENANT));
      const key = await tenants.apiKey(tenantId, keyId);
      if (key !== null) await tenants.putApiKey(revoked(key.value), key.versionstamp);
    } else {
      const tenant = await tenants.tenant(tenantId);
      if (tenant !== null) {
        await tenants.putTenant(changed(tenant.value, kind), tenant.versionstamp);
      }
    }
  }
}

function revoked(key: ApiKey): ApiKey {
  return { ...key, revokedAtMs: key.revokedAtMs ?? 1 };
}

function changed(tenant: Tenant, kind: ConfigChangeKind): Tenant {
  if (kind !== "change_plan") return { ...tenant, name: `${tenant.name}.` };
  return { ...tenant, planRevision: nextRevision(tenant.planRevision) };
}

/** No more faults: one instance at least is there, and everything that can be done is done. */
async function settle(world: World): Promise<void> {
  const { scheduler, director, scenario } = world;
  world.calm = true;
  // Dead instances are believed dead, and hung calls have timed out.
  await scheduler.sleep(director, HOUR_MS / 20);
  if (world.living.length === 0) world.start();
  for (let round = 0; round < CALM_ROUNDS_MAX; round++) {
    for (const instance of world.living) await world.ask(director, instance, () => instance.tend());
    await scheduler.sleep(director, CALM_ROUND_MS);
  }
  for (const instance of [...world.living]) {
    await world.ask(director, instance, () => instance.stop()).catch(ignoreLoss);
  }
  void scenario;
}
