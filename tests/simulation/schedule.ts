import { Deadlock } from "../support/virtual_scheduler.ts";
import type { Ablation } from "./ablations.ts";
import type { CallRecord } from "../support/call.ts";
import { runClient } from "./clients.ts";
import {
  changeConfiguration,
  closePeriods,
  deliverReports,
  operate,
  stampede,
} from "./outsiders.ts";
import { drawScenario, STORM_MS } from "./scenario.ts";
import { settle } from "./settle.ts";
import type { SimInstance } from "./sim_instance.ts";
import { customerOf, firstRevision, seedTenants, TENANTS } from "../support/metered_tenants.ts";
import { checkBooks, judge, type Totals } from "./verdict.ts";
import { World } from "./world.ts";

const STEPS_MAX = 100_000;
const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;

export interface ScheduleResult {
  readonly seed: number;
  readonly violations: readonly string[];
  readonly traceHash: string;
  readonly steps: number;
  readonly totals: Totals;
  /** Logs and all events, when asked for. */
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
  const { quota, unlinked } = world.scenario;
  const customers = (tenantId: string) => {
    if (unlinked && tenantId === TENANTS[0]) return null;
    world.stripe.subscribe(tenantId, firstRevision(tenantId), 0);
    return customerOf(tenantId);
  };
  await seedTenants(world.kv, { quota, customers });
  let records: readonly CallRecord[] | null = null;
  try {
    records = await world.scheduler.run(() => play(world), { maxSteps: STEPS_MAX });
  } catch (error) {
    if (!(error instanceof Deadlock)) throw error;
    world.defects.push(`stuck: ${error.message}`);
  }
  const verdict = await judge(world, records);
  return {
    seed,
    violations: [...world.defects, ...world.auditor.violations, ...verdict.violations],
    traceHash: world.scheduler.traceHash,
    steps: world.scheduler.steps,
    totals: verdict.totals,
    lines: verbose ? [...world.lines, ...world.scheduler.history] : [],
  };
}

async function play(world: World): Promise<CallRecord[]> {
  const { scheduler, scenario, director } = world;
  for (let count = 0; count < scenario.instances; count++) live(world, world.start());
  for (const step of scenario.killsAtStep) scheduler.atStep(step, () => strike(world));
  for (const step of scenario.auditsAtStep) {
    scheduler.atStep(step, async () => {
      world.defects.push(...await checkBooks(world));
    });
  }
  const outsiders = [
    changeConfiguration(world),
    deliverReports(world),
    operate(world),
    closePeriods(world),
    stampede(world),
  ];
  const clients = Array.from({ length: scenario.clients }, (_, index) => runClient(world, index));
  const records = (await Promise.all(clients)).flat();
  world.noteCall(Infinity);
  await scheduler.sleep(director, Math.max(0, scenario.calmAtMs - scheduler.nowMs));
  await settle(world);
  world.ended = true;
  await Promise.all(outsiders);
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
        : random.between(1, 7 * 60) * MINUTE_MS;
      await scheduler.sleep(instance.actor, pauseMs);
      if (world.calm) return;
      await (random.chance(storm ? 0.7 : 0.2) ? instance.tick() : instance.flush());
      if (random.chance(0.5)) await instance.work((office) => office.followMoves());
      if (scenario.confirmed && !storm) await instance.work((office) => office.confirm());
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
    world.tell(victim, () => victim.stop());
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
