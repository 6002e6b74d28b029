/** `deno task books`: do all counted units stand where the books say? Non-zero when they don't. */
import { openKv } from "@/lib/kv/open_kv.ts";
import { createUsageLog } from "@/lib/kv/usage_log.ts";
import { createUsageStore } from "@/lib/kv/usage_store.ts";
import { loadEnv } from "@/lib/platform/env.ts";
import { createIds } from "@/lib/platform/ids.ts";
import { systemClock } from "@/lib/platform/system_clock.ts";
import { systemScheduler } from "@/lib/platform/system_scheduler.ts";
import type { BookLine, LedgerEvidence, UsageReader } from "@/lib/ports/usage.ts";

const BOOKS_HELP = `Usage: deno task books [--tenant <tenantId>] [--all]

Reads the books of every tenant, meter, plan version and billing period while the service runs, and
compares: acknowledged + adjusted = log + windows + outbox + sent - rejected + written off. Then it
compares the ledger with what the log's segments counted themselves. --all prints lines that agree.

Exit codes: 0 the books balance, 1 a difference, 2 wrong usage.
`;

export interface BooksReport {
  readonly lines: readonly BookLine[];
  readonly evidence: LedgerEvidence;
}

export async function readReport(
  usage: Pick<UsageReader, "books" | "evidence">,
  query: { readonly tenantId?: string } = {},
): Promise<BooksReport> {
  return { lines: await usage.books(query), evidence: await usage.evidence() };
}

/** A line in motion is judged by the next reading, not by this one. */
function isWrong(line: Pick<BookLine, "difference" | "moving">): boolean {
  return line.difference !== 0n && !line.moving;
}

export function booksText(
  { lines, evidence }: BooksReport,
  { all = false }: { readonly all?: boolean } = {},
): { readonly text: string; readonly exitCode: 0 | 1 } {
  const wrong = lines.filter(isWrong);
  const shown = all ? lines : wrong;
  const balanced = wrong.length === 0 && !isWrong(evidence);
  const total = (pick: (line: BookLine) => bigint) =>
    lines.reduce((sum, line) => sum + pick(line), 0n);
  const text = [
    ...shown.map(lineText),
    `${lines.length} lines, ${wrong.length} wrong, ${
      lines.filter(({ moving }) => moving).length
    } ` +
    `in motion. Units: ${total((line) => line.acknowledged)} acknowledged, ` +
    `${total((line) => line.log)} in the log, ${total((line) => line.windows)} in windows, ` +
    `${total((line) => line.outbox)} in the outbox, ${total((line) => line.sent)} sent, ` +
    `${total((line) => line.rejected)} rejected, ${total((line) => line.confirmed)} confirmed, ` +
    `${total((line) => line.writtenOff)} written off`,
    `Segments counted ${evidence.segments}, the ledger ${evidence.ledger}` +
    (evidence.moving ? " (in motion)" : `, difference ${evidence.difference}`),
    balanced ? "The books balance." : "THE BOOKS DO NOT BALANCE.",
  ];
  return { text: text.join("\n"), exitCode: balanced ? 0 : 1 };
}

function lineText(line: BookLine): string {
  const { tenantId, meter, planRevision, periodId } = line;
  return `${isWrong(line) ? "WRONG" : line.moving ? "moving" : "ok"}  ${tenantId} ${meter} ` +
    `${planRevision} ${periodId}: ${line.acknowledged} acknowledged + ${line.adjusted} adjusted = ` +
    `${line.log} log + ${line.windows} windows + ${line.outbox} outbox + ${line.sent} sent - ` +
    `${line.rejected} rejected + ${line.writtenOff} written off; difference ${line.difference}`;
}

interface BooksArguments {
  readonly query: { readonly tenantId?: string };
  readonly all: boolean;
}

/** `null` asks for help. */
export function parseArguments(args: readonly string[]): BooksArguments | null {
  let query: BooksArguments["query"] = {};
  let all = false;
  for (let at = 0; at < args.length; at++) {
    const tenantId = args[at + 1];
    if (args[at] === "--all") all = true;
    else if (args[at] === "--tenant" && tenantId !== undefined) {
      query = { tenantId };
      at += 1;
    } else return null;
  }
  return { query, all };
}

async function main(args: readonly string[]): Promise<number> {
  const parsed = parseArguments(args);
  if (parsed === null) {
    await Deno.stderr.write(new TextEncoder().encode(BOOKS_HELP));
    return 2;
  }
  const env = loadEnv();
  if (!env.ok) throw new Error(env.error.detail);
  const ids = createIds(systemClock);
  const kv = await openKv(env.value.kv, { scheduler: systemScheduler, ids });
  try {
    const usage = createUsageStore({ kv, log: createUsageLog({ kv }), clock: systemClock });
    const { text, exitCode } = booksText(await readReport(usage, parsed.query), parsed);
    await Deno.stdout.write(new TextEncoder().encode(`${text}\n`));
    return exitCode;
  } finally {
    kv.close();
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
