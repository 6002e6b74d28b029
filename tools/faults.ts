/** `deno task faults`: kills real processes under load and reconciles to the unit. */
import { parseArgs } from "node:util";
import { runOnRemote } from "@/tests/faults/remote_run.ts";
import { reportText } from "@/tests/faults/report_text.ts";
import { runOnSqlite } from "@/tests/faults/sqlite_run.ts";
import { findDenoKv } from "@/tests/support/denokv.ts";

const HELP = `Runs several processes of the real metering on one store, under load, with a TCP proxy
that cuts, delays and truncates on the way to a simulated Stripe; kills them at random with SIGKILL,
replaces them, and compares the books with Stripe's at the end.

  deno task faults [options]

  --kills N     how many processes to kill; default 50
  --workers W   processes at a time; default 3
  --clients C   callers at a time; default 6
  --seed S      of the load and the faults; the operating system adds its own; default 1
  --remote      on a denokv server that loses half of its replies to commits, instead of on one
                SQLite file; tools/install_denokv.sh builds the server
  --help        this text

Exit code: 0 when the books agree to the unit, 1 when not, 2 for wrong arguments, 3 when --remote
finds no denokv.`;

if (import.meta.main) Deno.exit(await main(Deno.args));

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (typeof options === "string") {
    print(options);
    return options === HELP ? 0 : 2;
  }
  const { remote, ...run } = {
    ...options,
    onProgress: (kills: number) => showProgress(`killed ${kills} of ${options.kills}`),
  };
  const binary = remote ? await findDenoKv() : null;
  if (remote && binary === null) {
    print("There is no denokv; tools/install_denokv.sh builds it.");
    return 3;
  }
  const report = await (binary === null ? runOnSqlite(run) : runOnRemote({ ...run, binary }));
  print(`\n${reportText(report)}`);
  return report.violations.length === 0 ? 0 : 1;
}

interface Options {
  readonly kills: number;
  readonly workers: number;
  readonly clients: number;
  readonly seed: number;
  readonly remote: boolean;
}

/** The text to print instead, when there is nothing to run. */
function readOptions(args: readonly string[]): Options | string {
  const string = { type: "string" } as const;
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        kills: { ...string, default: "50" },
        workers: { ...string, default: "3" },
        clients: { ...string, default: "6" },
        seed: { ...string, default: "1" },
        remote: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) return HELP;
    const counts = {
      kills: Number(values.kills),
      workers: Number(values.workers),
      clients: Number(values.clients),
      seed: Number(values.seed),
    };
    const whole = Object.values(counts).every((value) => Number.isSafeInteger(value) && value > 0);
    return whole
      ? { ...counts, remote: values.remote }
      : `All counts are whole numbers from 1 on.\n\n${HELP}`;
  } catch (error) {
    return `${error instanceof Error ? error.message : error}\n\n${HELP}`;
  }
}

function showProgress(text: string): void {
  if (Deno.stderr.isTerminal()) Deno.stderr.writeSync(new TextEncoder().encode(`\r${text}`));
}

function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}
