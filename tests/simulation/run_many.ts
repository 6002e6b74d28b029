import type { RangeDone, SeedRange } from "./sim_worker.ts";
import { addTally, emptyTally, type Tally } from "./tally.ts";

export interface RunOptions {
  readonly fromSeed: number;
  readonly schedules: number;
  readonly ablation?: string | null;
  readonly workers?: number;
  readonly onProgress?: (tally: Tally) => void;
}

const CHUNK = 50;
const WORKERS_MAX = 8;

/** Plays many seeds on all cores. The outcome does not depend on how they are shared out. */
export async function runMany(options: RunOptions): Promise<Tally> {
  const { fromSeed, schedules, ablation = null } = options;
  const cores = options.workers ?? navigator.hardwareConcurrency;
  const count = Math.max(1, Math.min(cores, WORKERS_MAX, Math.ceil(schedules / CHUNK)));
  const tally = emptyTally();
  let nextSeed = fromSeed;
  const takeRange = (): SeedRange | null => {
    const left = fromSeed + schedules - nextSeed;
    if (left <= 0) return null;
    const range = { fromSeed: nextSeed, count: Math.min(CHUNK, left), ablation };
    nextSeed += range.count;
    return range;
  };
  const work = async () => {
    const worker = new Worker(import.meta.resolve("./sim_worker.ts"), { type: "module" });
    try {
      for (let range = takeRange(); range !== null; range = takeRange()) {
        addTally(tally, (await runRange(worker, range)).tally);
        options.onProgress?.(tally);
      }
    } finally {
      worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: count }, work));
  tally.failures.sort((left, right) => left.seed - right.seed);
  return tally;
}

function runRange(worker: Worker, range: SeedRange): Promise<RangeDone> {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<RangeDone>) => resolve(data);
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new Error(`A worker failed at seeds from ${range.fromSeed}: ${event.message}`));
    };
    worker.postMessage(range);
  });
}
