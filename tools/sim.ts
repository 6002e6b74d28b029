/** `deno task sim`: plays seeded schedules of faults over the real metering code. */
import { parseArgs } from "node:util";
import { ABLATIONS } from "@/tests/simulation/ablations.ts";
import { runMany } from "@/tests/simulation/run_many.ts";
import { runSchedule } from "@/tests/simulation/schedule.ts";
import { replayCommand, type Tally, tallyText } from "@/tests/simulation/tally.ts";

const HELP =
  `Plays seeded schedules of calls, kills, storage faults, Stripe faults and configuration
changes over the real metering code, and checks the books at every commit.

  deno task sim [options]

  --schedules N   how many seeds to play; default 20000. With 1, prints its history
  --seed S        the first of them; default 1
  --ablate NAME   take one protection away: violations are then expected
  --workers W     threads; default one per core
  --result FILE   write the outcome as JSON; default .data/sim.json
  --help          this text

Protections that --ablate takes away:
${ABLATIONS.map(({ name, removes }) => `  ${name.padEnd(26)}${removes}`).join("\n")}

Exit code: 0 without violations, 1 with, 2 for wrong arguments.`;

const BAR_WIDTH = 30;

if (import.meta.main) Deno.exit(await main(Deno.args));

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (typeof options === "string") {
    print(options);
    return options === HELP ? 0 : 2;
  }
  const { seed, schedules, ablation, workers, result } = options;
  if (schedules === 1) return await replay(seed, ablation);
  const startMs = performance.now();
  const tally = await runMany({
    fromSeed: seed,
    schedules,
    ablation,
    ...workers === null ? {} : { workers },
    onProgress: (sofar) => showProgress(sofar, { schedules, startMs }),
  });
  const seconds = (performance.now() - startMs) / 1_000;
  print(`\n${tallyText(tally, ablation)}\ntime               ${seconds.toFixed(1)} s`);
  await writeResult(result, { fromSeed: seed, ablation, seconds, ...tally });
  return tally.failed === 0 ? 0 : 1;
}

interface Options {
  readonly seed: number;
  readonly schedules: number;
  readonly ablation: string | null;
  readonly workers: number | null;
  readonly result: string;
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
  return { seed, schedules, ablation, workers, result: values.result };
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

function showProgress(
  { schedules: done, failed }: Tally,
  { schedules, startMs }: { readonly schedules: number; readonly startMs: number },
): void {
  const filled = Math.round(BAR_WIDTH * done / schedules);
  const bar = "#".repeat(filled) + "-".repeat(BAR_WIDTH - filled);
  const perSecond = Math.round(done / (performance.now() - startMs) * 1_000);
  const text = `[${bar}] ${done}/${schedules}  ${perSecond}/s  violations ${failed}`;
  if (Deno.stderr.isTerminal()) Deno.stderr.writeSync(new TextEncoder().encode(`\r${text}`));
}

async function writeResult(path: string, result: Record<string, unknown>): Promise<void> {
  const at = path.lastIndexOf("/");
  if (at > 0) await Deno.mkdir(path.slice(0, at), { recursive: true });
  const exact = (_: string, value: unknown) => typeof value === "bigint" ? value.toString() : value;
  await Deno.writeTextFile(path, `${JSON.stringify(result, exact, 2)}\n`);
  print(`result             ${path}`);
}

function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}
