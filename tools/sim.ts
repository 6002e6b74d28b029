/** `deno task sim`: plays seeded schedules of faults over the real metering code. */
import { parseArgs } from "node:util";
import { ABLATIONS } from "@/tests/simulation/ablations.ts";
import { Progress } from "@/tests/simulation/progress.ts";
import {
  codeVersion,
  readRunFile,
  type RunFile,
  runFileText,
  writeWhole,
} from "@/tests/simulation/run_file.ts";
import { type Played, runMany } from "@/tests/simulation/run_many.ts";
import { runSchedule } from "@/tests/simulation/schedule.ts";
import { emptyTally, replayCommand, tallyText } from "@/tests/simulation/tally.ts";

const HELP =
  `Plays seeded schedules of calls, kills, storage faults, Stripe faults and configuration
changes over the real code of metering and billing, and checks the books at every commit.

  deno task sim [options]

  --schedules N   how many seeds to play; default 20000. With 1, prints its history
  --seed S        the first of them; default 1
  --ablate NAME   take one protection away: violations are then expected
  --workers W     threads; default one per core
  --result FILE   write the outcome as JSON, now and then and at the end; default .data/sim.json
  --resume        go on from what --result FILE says of the same seeds and version
  --help          this text

Protections that --ablate takes away:
${ABLATIONS.map(({ name, removes }) => `  ${name.padEnd(26)}${removes}`).join("\n")}

Ctrl-C stops after what is under way, with exact counts in the file.

Exit code: 0 without violations, 1 with, 2 for wrong arguments, 3 when it was stopped early and had
found none.`;

const WRITE_EVERY_MS = 10_000;

if (import.meta.main) Deno.exit(await main(Deno.args));

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (typeof options === "string") {
    print(options);
    return options === HELP ? 0 : 2;
  }
  if (options.schedules === 1) return await replay(options.seed, options.ablation);
  return await play(options);
}

async function play(options: Options): Promise<number> {
  const { seed: fromSeed, schedules, ablation, workers, result } = options;
  const head = { version: await codeVersion(), fromSeed, schedules, ablation };
  const before = options.resume ? await readRunFile(result) : null;
  if (before !== null && !isSameRun(before, head)) {
    print(`${result} is of other seeds, another ablation or another version: ${before.version}`);
    return 2;
  }
  const doneBefore = before?.tally.schedules ?? 0;
  const progress = new Progress({ schedules, doneBefore });
  const startMs = performance.now();
  const fileOf = (played: Played): RunFile => {
    const seconds = (before?.seconds ?? 0) + (performance.now() - startMs) / 1_000;
    return { ...head, seconds, ...played };
  };
  let stopped = false;
  const stop = () => {
    stopped = true;
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, stop);
  let writtenAtMs = startMs;
  let writing = Promise.resolve();
  const played = await runMany({
    fromSeed,
    schedules,
    ablation,
    ...workers === null ? {} : { workers },
    played: before ?? { tally: emptyTally(), spans: [] },
    isStopped: () => stopped,
    onProgress(sofar) {
      progress.show(sofar.tally);
      if (performance.now() - writtenAtMs < WRITE_EVERY_MS) return;
      writtenAtMs = performance.now();
      const text = runFileText(fileOf(sofar));
      writing = writing.then(() => writeWhole(result, text));
    },
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.removeSignalListener(signal, stop);
  await writing;
  const file = fileOf(played);
  await writeWhole(result, runFileText(file));
  const { tally } = played;
  print(`\n${tallyText(tally, ablation)}`);
  print(`time               ${file.seconds.toFixed(1)} s`);
  print(`version            ${head.version}\nresult             ${result}`);
  if (tally.failed > 0) return 1;
  return tally.schedules < schedules ? 3 : 0;
}

function isSameRun(before: RunFile, head: Omit<RunFile, keyof Played | "seconds">): boolean {
  return before.version === head.version && before.fromSeed === head.fromSeed &&
    before.schedules === head.schedules && before.ablation === head.ablation;
}

interface Options {
  readonly seed: number;
  readonly schedules: number;
  readonly ablation: string | null;
  readonly workers: number | null;
  readonly result: string;
  readonly resume: boolean;
}

/** The text to print instead, when there is nothing to run. */
function readOptions(args: readonly string[]): Options | string {
  const string = { type: "string" } as const;
  let values;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        schedules: { ...string, default: "20000" },
        seed: { ...string, default: "1" },
        ablate: string,
        workers: string,
        result: { ...string, default: ".data/sim.json" },
        resume: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    }));
  } catch (error) {
    return `${error instanceof Error ? error.message : error}\n\n${HELP}`;
  }
  if (values.help) return HELP;
  const ablation = values.ablate ?? null;
  if (ablation !== null && !ABLATIONS.some(({ name }) => name === ablation)) {
    return `There is no ablation ${ablation}.\n\n${HELP}`;
  }
  const [seed, schedules] = [Number(values.seed), Number(values.schedules)];
  const workers = values.workers === undefined ? null : Number(values.workers);
  const whole = [seed, schedules, workers ?? 1].every((value) =>
    Number.isSafeInteger(value) && value >= 1
  );
  if (!whole) return `Seeds and counts are whole numbers from 1 on.\n\n${HELP}`;
  const { result, resume } = values;
  return { seed, schedules, ablation, workers, result, resume };
}

async function replay(seed: number, ablationName: string | null): Promise<number> {
  const ablation = ABLATIONS.find(({ name }) => name === ablationName) ?? null;
  const { lines, violations, traceHash, steps } = await runSchedule(seed, {
    ablation,
    verbose: true,
  });
  print(lines.join("\n"));
  print(`\nseed ${seed}: ${steps} events, trace ${traceHash}`);
  print(violations.length === 0 ? "no violations" : violations.join("\n"));
  print(replayCommand(seed, ablationName));
  return violations.length === 0 ? 0 : 1;
}

function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}
