/**
 * Exactly once, played to death: the real metering over a store and a Stripe that fail by seed.
 * `deno task sim --help` runs more.
 */
import { assert, assertEquals, AssertionError, assertNotEquals } from "@std/assert";
import { ABLATIONS } from "./ablations.ts";
import { runMany } from "./run_many.ts";
import { runSchedule } from "./schedule.ts";
import { tallyText } from "./tally.ts";

const SCHEDULES = 20_000;
const FIRST_SEED = 1;
/** An ablation that this many seeds do not catch means that the simulation is too weak. */
const ABLATION_SEEDS = 4_000;

Deno.test("one seed is one history, to the last event", async () => {
  const [first, again] = [await runSchedule(11), await runSchedule(11)];
  assertEquals(first, again);
  assertNotEquals(first.traceHash, (await runSchedule(12)).traceHash);
});

Deno.test("no acknowledged unit is lost and none is billed twice, whatever fails", async () => {
  const { tally } = await runMany({ fromSeed: FIRST_SEED, schedules: SCHEDULES });
  const text = tallyText(tally, null);
  console.info(text);
  assertEquals(tally.failed, 0, text);
  assertEquals(tally.schedules, SCHEDULES);
  const due = tally.totals.unitsCounted + tally.totals.unitsAdjusted;
  assertEquals(due, tally.totals.unitsSent);
  assertEquals(due, tally.totals.unitsBilled);
  assert(tally.totals.kills > 0n && tally.totals.lostReplies > 0n, "the faults did strike");
});

for (const ablation of ABLATIONS) {
  const { name, removes } = ablation;
  Deno.test(`the simulation notices the loss of ${removes}`, async () => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + ABLATION_SEEDS; seed++) {
      const { violations: [violation] } = await runSchedule(seed, { ablation });
      if (violation === undefined) continue;
      console.info(`${name}: caught by seed ${seed}: ${violation.slice(0, 100)}`);
      return;
    }
    throw new AssertionError(`${name} survived ${ABLATION_SEEDS} seeds`);
  });
}
