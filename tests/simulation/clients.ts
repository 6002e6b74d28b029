import { Actor, ConnectionLost } from "../support/virtual_scheduler.ts";
import type { Call, CallOutcome, CallRecord } from "../support/call.ts";
import { MIDNIGHT_MS, STORM_MS } from "./scenario.ts";
import { keyHashOf, KEYS_PER_TENANT, TENANTS } from "../support/metered_tenants.ts";
import type { World } from "./world.ts";

const ATTEMPTS_MAX = 25;
/** Events come up to this late; some are too old to be taken. */
const EVENT_AGES_MS = [10, 10 * 60, 30 * 3_600, 36 * 86_400].map((seconds) => seconds * 1_000);

/** A caller: makes its calls one after another and retries those that are safe to retry. */
export async function runClient(world: World, index: number): Promise<CallRecord[]> {
  const self = new Actor(`c${index}`);
  const { scheduler, random, scenario } = world;
  const records: CallRecord[] = [];
  const pauseMs = 2 * STORM_MS / scenario.callsPerClient;
  for (let count = 0; count < scenario.callsPerClient; count++) {
    // Bursts that share commits, and pauses that let minutes close.
    await scheduler.sleep(self, random.chance(0.5) ? random.below(20) : random.below(pauseMs));
    const call = drawCall(world, index, count);
    const record = { call, acknowledged: false, unknown: false };
    records.push(record);
    await makeCall(world, self, record);
  }
  if (index === 0 && scenario.billed && world.crossesMonth) {
    records.push(await makeLateCall(world, self));
  }
  return records;
}

/** An event of the month that is over, while its bill is being made. */
async function makeLateCall(world: World, self: Actor): Promise<CallRecord> {
  const { scheduler, random } = world;
  const arrivesAtMs = MIDNIGHT_MS + random.below(90 * 60_000);
  await scheduler.sleep(self, Math.max(0, arrivesAtMs - scheduler.nowMs));
  const drawn = drawCall(world, 0, world.scenario.callsPerClient);
  const call = { ...drawn, guard: "event", atMs: MIDNIGHT_MS - 1 } as const;
  const record = { call, acknowledged: false, unknown: false };
  await makeCall(world, self, record);
  return record;
}

async function makeCall(world: World, self: Actor, record: CallRecord): Promise<void> {
  const attempts = record.call.guard === null ? 1 : ATTEMPTS_MAX;
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const outcome = await attemptCall(world, self, record.call);
    if (outcome === "counted") record.acknowledged = true;
    if (outcome === "unavailable") record.unknown = true;
    if (outcome !== "unavailable") return;
    await world.scheduler.sleep(self, world.random.below(5_000));
  }
}

async function attemptCall(world: World, self: Actor, call: Call): Promise<CallOutcome> {
  if (world.living.length === 0) return "unavailable";
  const instance = world.random.pick(world.living);
  world.noteCall();
  try {
    return await world.ask(self, instance, () => instance.serve(call));
  } catch (error) {
    if (error instanceof ConnectionLost) return "unavailable";
    throw error;
  }
}

function drawCall({ random, scheduler }: World, client: number, count: number): Call {
  const tenantId = random.pick(TENANTS);
  const guard = random.pick<Call["guard"]>(["reply", "reply", "event", "event", null]);
  const late = guard === "event" && random.chance(0.7);
  return {
    ...late ? { atMs: scheduler.nowMs - random.below(random.pick(EVENT_AGES_MS)) } : {},
    callId: `call_${client}_${count}`,
    tenantId,
    keyHash: keyHashOf(tenantId, random.below(KEYS_PER_TENANT)),
    units: BigInt(random.between(1, 30)),
    guard,
  };
}
