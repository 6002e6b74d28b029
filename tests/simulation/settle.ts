import type { OutboxEntry } from "@/lib/domain/outbox.ts";
import { FINAL_AFTER_MS } from "@/lib/domain/period.ts";
import { MIDNIGHT_MS } from "./scenario.ts";
import type { SimInstance } from "./sim_instance.ts";
import { OPEN_KINDS, openCorrections } from "./verdict.ts";
import type { World } from "./world.ts";

const MINUTE_MS = 60_000;
/** Rounds of the calm, and the virtual time between them: nothing may need longer. */
const CALM_ROUNDS_MAX = 30;
const CALM_ROUND_MS = 10 * MINUTE_MS;
/** An hour is compared with Stripe's summary when it is over and the summary has settled. */
const CONFIRM_AFTER_MS = 3 * 60 * MINUTE_MS;

/** No more faults: whoever is left stops in good order, and a newcomer finishes everything. */
export async function settle(world: World): Promise<void> {
  const { scheduler, director, scenario } = world;
  world.calm = true;
  // Hung calls time out, and who is dead is believed dead.
  await scheduler.sleep(director, 2 * MINUTE_MS);
  for (const instance of [...world.living]) {
    await world.tell(instance, () => instance.flush());
    await world.tell(instance, () => instance.stop());
    world.forget(instance);
  }
  const heir = world.start();
  const billing = scenario.billed && world.crossesMonth;
  if (billing) await sleepUntil(world, MIDNIGHT_MS + FINAL_AFTER_MS + 5 * MINUTE_MS);
  for (let round = 0; round < CALM_ROUNDS_MAX && !isQuiet(world); round++) {
    await finish(world, heir);
    if (billing) await world.tell(heir, () => heir.work((office) => office.closePeriods()));
    await scheduler.sleep(director, CALM_ROUND_MS);
  }
  if (!scenario.confirmed) return;
  await scheduler.sleep(director, CONFIRM_AFTER_MS);
  const differing = await world.tell(heir, () => heir.work((office) => office.confirm()));
  if (differing !== 0) world.defects.push(`${differing} hours differ from Stripe's summaries`);
}

async function finish(world: World, heir: SimInstance): Promise<void> {
  await world.tell(heir, () => heir.flush());
  await world.tell(heir, () => heir.work((office) => office.followMoves()));
  for (const { entryId, burnt } of heldEntries(world)) {
    // What may have arrived is never given up.
    const givenUp = burnt && world.random.chance(0.2);
    await world.tell(
      heir,
      () => heir.work((office) => givenUp ? office.writeOff(entryId) : office.retry(entryId)),
    );
  }
  for (const { tenantId, correctionId } of openCorrections(world)) {
    await world.tell(heir, () => heir.work((office) => office.approve(tenantId, correctionId)));
  }
  await world.doDuties(heir);
}

/** Everything acknowledged has reached Stripe, and Stripe has said all that it had to say. */
function isQuiet(world: World): boolean {
  const { store, stripe, duties } = world;
  return stripe.reports.length === 0 && duties.size === 0 &&
    openCorrections(world).length === 0 &&
    stripe.invoices.invoices.every(({ final }) => final !== null) &&
    OPEN_KINDS.every((kind) => store.entries([kind]).length === 0);
}

function heldEntries({ store }: World): OutboxEntry[] {
  return store.entries(["outbox"]).map(({ value }) => value as OutboxEntry)
    .filter(({ state }) => state === "held");
}

async function sleepUntil({ scheduler, director }: World, atMs: number): Promise<void> {
  await scheduler.sleep(director, Math.max(0, atMs - scheduler.nowMs));
}
