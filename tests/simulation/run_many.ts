import type { RangeDone, SeedRange } from "./sim_worker.ts";
import { addTally, emptyTally, type Tally } from "./tally.ts";

/** Seeds from the first on, before the second. */
export type SeedSpan = readonly [fromSeed: number, toSeed: number];

/** What is played already, in any order; a run can go on from it. */
export interface Played {
  readonly tally: Tally;
  /** Ascending, none touching the next. */
  readonly spans: readonly SeedSpan[];
}

export interface RunOptions {
  readonly fromSeed: number;
  readonly schedules: number;
  readonly ablation?: string | null;
  readonly workers?: number;
  /** Of an earlier run over the same seeds. */
  readonly played?: Played;
  readonly onProgress?: (played: Played) => void;
  /** `true`: what is begun is finished, nothing more is begun. */
  readonly isStopped?: () => boolean;
}

const CHUNK = 50;
const WORKERS_MAX = 8;

/** Plays many seeds on all cores. The outcome does not depend on how they are shared out. */
export async function runMany(options: RunOptions): Promise<Played> {
  const { fromSeed, schedules, ablation = null } = options;
  const cores = options.workers ?? navigator.hardwareConcurrency;
  const count = Math.max(1, Math.min(cores, WORKERS_MAX, Math.ceil(schedules / CHUNK)));
  const tally = emptyTally();
  if (options.played !== undefined) addTally(tally, options.played.tally);
  let spans = options.played?.spans ?? [];
  let nextSeed = fromSeed;
  const takeRange = (): SeedRange | null => {
    for (const [from, to] of spans) if (nextSeed >= from && nextSeed < to) nextSeed = to;
    const end = Math.min(fromSeed + schedules, nextPlayed(spans, nextSeed));
    if (nextSeed >= end || options.isStopped?.() === true) return null;
    const range = { fromSeed: nextSeed, count: Math.min(CHUNK, end - nextSeed), ablation };
    nextSeed += range.count;
    return range;
  };
  const work = async () => {
    const worker = new Worker(import.meta.resolve("./sim_worker.ts"), { type: "module" });
    try {
      for (let range = takeRange(); range !== null; range = takeRange()) {
        addTally(tally, (await runRange(worker, range)).tally);
        spans = withSpan(spans, [range.fromSeed, range.fromSeed + range.count]);
        options.onProgress?.({ tally, spans });
      }
    } finally {
      worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: count }, work));
  tally.failures.sort((left, right) => left.seed - right.seed);
  return { tally, spans };
}

/** Adds a span that none of the others overlaps. */
function withSpan(spans: readonly SeedSpan[], added: SeedSpan): readonly SeedSpan[] {
  const merged: [number, number][] = [];
  for (const [from, to] of [...spans, added].sort(([a], [b]) => a - b)) {
    const last = merged.at(-1);
    if (last !== undefined && last[1] === from) last[1] = to;
    else merged.push([from, to]);
  }
  return merged;
}

function nextPlayed(spans: readonly SeedSpan[], seed: number): number {
  return spans.find(([from]) => from > seed)?.[0] ?? Infinity;
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
