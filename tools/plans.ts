/** `deno task plans`: the catalogue as code. Shows, replays and publishes a plans file. */
import {
  diffPlansFile,
  type PlanDifference,
  type ProposedPlan,
  proposePlansFile,
  publishProposed,
} from "@/lib/catalog/apply_plans.ts";
import type { CatalogDeps } from "@/lib/catalog/deps.ts";
import { parsePlansFile, type PlansFile } from "@/lib/catalog/plans_file.ts";
import { publishPlan } from "@/lib/catalog/publish_plan.ts";
import type { PlanChange } from "@/lib/domain/plan_diff.ts";
import { formatMinorDecimal } from "@/lib/domain/money.ts";
import type { Refusal } from "@/lib/domain/result.ts";
import { openBooks } from "./open_books.ts";

const PLANS_HELP = `Usage: deno task plans <command> [plans.json] [--yes]

  diff      what the file would change; writes nothing
  dry-run   saves changed plans as drafts and replays them over real past usage
  publish   publishes the file's drafts by their newest dry run (24 hours at most)
  apply     dry-run, and with --yes publish, in one go

Exit codes: 0 done or nothing to do, 1 refused, 2 wrong usage, 3 diff found changes,
4 apply stopped before publishing because --yes is missing.
`;

export const EXIT = { ok: 0, refused: 1, usage: 2, changes: 3, unconfirmed: 4 } as const;

type Print = (line: string) => void;
type Command = (context: {
  readonly deps: CatalogDeps;
  readonly file: PlansFile;
  readonly yes: boolean;
  readonly print: Print;
}) => Promise<number>;

const ROWS_SHOWN = 10;

const COMMANDS: ReadonlyMap<string, Command> = new Map<string, Command>([
  ["diff", diff],
  ["dry-run", dryRun],
  ["publish", publish],
  ["apply", apply],
]);

/** Runs one command over the text of a plans file; returns the exit code. */
export async function runPlans(
  { command, text, yes = false }: { command: string; text: string; yes?: boolean },
  { deps, print }: { deps: CatalogDeps; print: Print },
): Promise<number> {
  const run = COMMANDS.get(command);
  if (run === undefined) {
    print(PLANS_HELP);
    return EXIT.usage;
  }
  const file = parsePlansFile(text);
  if (!file.ok) return refused(file.error, print);
  return await run({ deps, file: file.value, yes, print });
}

async function diff({ deps, file, print }: Parameters<Command>[0]): Promise<number> {
  const differences = await diffPlansFile(deps, file);
  if (differences.length === 0) print("No changes.");
  for (const difference of differences) printDifference(difference, print);
  return differences.length === 0 ? EXIT.ok : EXIT.changes;
}

/** A word every hundred tenants: a plan with thousands takes its time. */
function replaying(print: Print) {
  return (planRevision: string, tenants: number) =>
    print(`  ${planRevision}: ${tenants} tenants replayed`);
}

async function dryRun({ deps, file, print }: Parameters<Command>[0]): Promise<number> {
  const proposed = await proposePlansFile(deps, file, replaying(print));
  if (!proposed.ok) return refused(proposed.error, print);
  if (proposed.value.length === 0) print("No changes.");
  for (const plan of proposed.value) printProposal(plan, print);
  return EXIT.ok;
}

async function publish({ deps, file, print }: Parameters<Command>[0]): Promise<number> {
  let published = 0;
  for (const { planId } of file.plans) {
    const draft = (await deps.plans.plans(planId)).find(({ status }) => status === "draft");
    if (draft === undefined) continue;
    const { planRevision } = draft;
    const [latest] = await deps.dryRuns.dryRuns({ planRevision, limit: 1 });
    const dryRunId = latest?.dryRunId ?? "";
    const done = await publishPlan(deps, { planRevision, dryRunId });
    if (!done.ok) return refused(done.error, print);
    print(`Published ${planRevision}`);
    published += 1;
  }
  if (published === 0) print("No drafts.");
  return EXIT.ok;
}

async function apply({ deps, file, yes, print }: Parameters<Command>[0]): Promise<number> {
  const proposed = await proposePlansFile(deps, file, replaying(print));
  if (!proposed.ok) return refused(proposed.error, print);
  if (proposed.value.length === 0) {
    print("No changes.");
    return EXIT.ok;
  }
  for (const plan of proposed.value) printProposal(plan, print);
  if (!yes) {
    print("Nothing is published yet. Repeat with --yes to publish.");
    return EXIT.unconfirmed;
  }
  const published = await publishProposed(deps, proposed.value);
  if (!published.ok) return refused(published.error, print);
  for (const { planRevision } of published.value) print(`Published ${planRevision}`);
  return EXIT.ok;
}

function printDifference({ planId, changes }: PlanDifference, print: Print): void {
  print(`Plan ${planId}`);
  for (const change of changes) print(`  ${changeText(change)}`);
}

function printProposal({ draft, changes, result }: ProposedPlan, print: Print): void {
  const { dryRun, rows } = result;
  const money = (minor: bigint) => formatMinorDecimal(minor, dryRun.currency);
  printDifference({ planId: draft.planRevision, changes }, print);
  print(
    `  Dry run ${dryRun.dryRunId} over ${
      dryRun.periodIds.join(", ")
    }: ${dryRun.tenants} tenants, ` +
      `${dryRun.winners} pay less, ${dryRun.losers} pay more, ${dryRun.unchanged} the same`,
  );
  print(
    `  Revenue ${money(dryRun.beforeMinor)} -> ${money(dryRun.afterMinor)} ` +
      `${dryRun.currency.toUpperCase()} (${signed(dryRun.changeMinor, money)})`,
  );
  for (const row of rows.filter(({ changeMinor }) => changeMinor !== 0n).slice(0, ROWS_SHOWN)) {
    print(`    ${row.tenantId} ${row.name}: ${signed(row.changeMinor, money)}`);
  }
  for (const row of rows.filter(({ refusedUnits }) => refusedUnits > 0n).slice(0, ROWS_SHOWN)) {
    print(`    ${row.tenantId} would have had ${row.refusedUnits} units refused by a hard quota`);
  }
  for (const row of rows.filter(({ unpricedMeters }) => unpricedMeters.length > 0)) {
    print(
      `    ${row.tenantId} uses meters that lose their price: ${row.unpricedMeters.join(", ")}`,
    );
  }
}

function changeText({ path, before, after }: PlanChange): string {
  return `${path.join(" / ")}: ${before ?? "(none)"} -> ${after ?? "(none)"}`;
}

function signed(minor: bigint, money: (minor: bigint) => string): string {
  return minor > 0n ? `+${money(minor)}` : money(minor);
}

function refused(error: Refusal, print: Print): number {
  print(`${error.code}: ${error.detail}`);
  for (const fault of error.errors ?? []) {
    print(`  ${fault.pointer ?? ""} ${fault.code}: ${fault.detail}`);
  }
  return EXIT.refused;
}

async function main(args: readonly string[]): Promise<number> {
  // deno-lint-ignore no-console -- this is a command-line tool; its output is its purpose
  const print: Print = (line) => console.log(line);
  const [command = "", path = "plans.json"] = args.filter((arg) => !arg.startsWith("--"));
  if (args.includes("--help") || !COMMANDS.has(command)) {
    print(PLANS_HELP);
    return args.includes("--help") ? EXIT.ok : EXIT.usage;
  }
  const text = await Deno.readTextFile(path).catch(() => null);
  if (text === null) {
    print(`Cannot read ${path}`);
    return EXIT.usage;
  }
  const books = await openBooks();
  try {
    return await runPlans({ command, text, yes: args.includes("--yes") }, {
      deps: books.catalog,
      print,
    });
  } finally {
    await books.close();
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
