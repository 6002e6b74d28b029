/// <reference lib="deno.worker" />
/** Runs ranges of seeds off the main thread. */
import { ABLATIONS } from "./ablations.ts";
import { runSchedule } from "./schedule.ts";
import { addResult, emptyTally, type Tally } from "./tally.ts";

export interface SeedRange {
  readonly fromSeed: number;
  readonly count: number;
  readonly ablation: string | null;
}

export interface RangeDone {
  readonly range: SeedRange;
  readonly tally: Tally;
}

self.onmessage = async ({ data }: MessageEvent<SeedRange>) => {
  self.postMessage(await runRange(data));
};

async function runRange(range: SeedRange): Promise<RangeDone> {
  const ablation = ABLATIONS.find(({ name }) => name === range.ablation) ?? null;
  const tally = emptyTally();
  for (let seed = range.fromSeed; seed < range.fromSeed + range.count; seed++) {
    addResult(tally, await runSchedule(seed, { ablation }));
  }
  return { range, tally };
}
