import { z } from "zod";
import type { Played } from "./run_many.ts";
import { emptyTally } from "./tally.ts";

/** What a result file says besides what was played. */
export interface RunHead {
  /** Of the code: histories are equal within one version only. */
  readonly version: string;
  readonly fromSeed: number;
  readonly schedules: number;
  readonly ablation: string | null;
}

export interface RunFile extends RunHead, Played {
  /** Time spent so far, over all runs that made this file. */
  readonly seconds: number;
}

const count = z.int().min(0);
const RunFileSchema = z.object({
  version: z.string(),
  fromSeed: z.int().min(1),
  schedules: z.int().min(1),
  ablation: z.string().nullable(),
  seconds: z.number(),
  spans: z.array(z.tuple([count, count])),
  tally: z.object({
    schedules: count,
    steps: count,
    failed: count,
    failures: z.array(z.object({ seed: count, violations: z.array(z.string()) })),
    totals: z.record(z.string(), z.string().regex(/^-?\d+$/)),
  }),
});

/** `null`: there is no such file. Throws on a file of another kind. */
export async function readRunFile(path: string): Promise<RunFile | null> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
  const { tally, ...rest } = RunFileSchema.parse(JSON.parse(text));
  const { totals } = emptyTally();
  for (const name of Object.keys(totals) as (keyof typeof totals)[]) {
    totals[name] = BigInt(tally.totals[name] ?? 0);
  }
  return { ...rest, tally: { ...tally, totals } };
}

export function runFileText(run: RunFile): string {
  const exact = (_: string, value: unknown) => typeof value === "bigint" ? value.toString() : value;
  return `${JSON.stringify(run, exact, 2)}\n`;
}

/** Whole or not at all: a run may be stopped at any time. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const at = path.lastIndexOf("/");
  if (at > 0) await Deno.mkdir(path.slice(0, at), { recursive: true });
  await Deno.writeTextFile(`${path}.new`, text);
  await Deno.rename(`${path}.new`, path);
}

/** The version in deno.json, and the commit where git knows one. */
export async function codeVersion(): Promise<string> {
  const root = new URL("../../", import.meta.url);
  const { version } = z.object({ version: z.string() })
    .parse(JSON.parse(await Deno.readTextFile(new URL("deno.json", root))));
  const git = async (...args: string[]) => {
    const command = new Deno.Command("git", { args, cwd: root, stdout: "piped", stderr: "null" });
    const { success, stdout } = await command.output();
    return success ? new TextDecoder().decode(stdout).trim() : null;
  };
  try {
    const commit = await git("rev-parse", "--short=12", "HEAD");
    if (commit === null) return version;
    const changed = await git("status", "--porcelain", "--untracked-files=no");
    return `${version}+${commit}${changed === "" ? "" : "-changed"}`;
  } catch {
    return version;
  }
}
