/** `deno task reconcile`: our ledger against Stripe, to the unit; non-zero on a difference. */
import { reconcile, type ReconcileResult } from "@/lib/billing/reconcile.ts";
import { isDifference } from "@/lib/billing/reconcile_row.ts";
import type { ReconcileRow } from "@/lib/ports/report_store.ts";
import { openBooks } from "./open_books.ts";

const RECONCILE_HELP = `Usage: deno task reconcile [--tenant <tenantId>] [--json] [--all]

Compares every tenant's units with Stripe's meter summaries and invoice previews, for this billing
period and the one before, and stores the report. --all prints rows that agree, too.

Exit codes: 0 all agree, 1 a difference or a tenant that could not be checked, 2 wrong usage.
`;

/** The report as text, differences first, and the exit code that goes with it. */
export function reconcileReport(
  { report, rows }: ReconcileResult,
  { all = false }: { all?: boolean } = {},
): { readonly text: string; readonly exitCode: 0 | 1 } {
  const shown = [
    ...rows.filter(isDifference),
    ...rows.filter((row) => !isDifference(row) && (all || row.ledger !== row.stripe)),
  ];
  const { pending, late, refused, doubtful, unexplained } = report;
  const lines = [
    ...shown.flatMap(rowText),
    ...report.failures.map(({ tenantId, detail }) => `${tenantId} could not be checked: ${detail}`),
    `${report.rows} rows, ${report.differences} differences. Units: ${pending} pending, ${late} ` +
    `late, ${refused} refused, ${doubtful} doubtful, ${unexplained} unexplained. ` +
    `Report ${report.reportId}`,
  ];
  const clean = report.differences === 0 && report.failures.length === 0;
  return { text: lines.join("\n"), exitCode: clean ? 0 : 1 };
}

/** The same as JSON; units are text, since JSON numbers may not hold them. */
export function reconcileJson(result: ReconcileResult): string {
  return JSON.stringify(
    result,
    (_, value) => typeof value === "bigint" ? value.toString() : value,
    2,
  );
}

function rowText(row: ReconcileRow): readonly string[] {
  const verdict = isDifference(row)
    ? "DIFFERS"
    : row.ledger === row.stripe
    ? "agrees"
    : "explained";
  const invoiced = row.invoiced === null ? "" : `, invoice ${row.invoiced}`;
  return [
    `${verdict}  ${row.tenantId} ${row.meter} ${row.periodId}: ledger ${row.ledger}, ` +
    `Stripe ${row.stripe}${invoiced}; ${row.pending} pending, ${row.late} late, ` +
    `${row.refused} refused, ${row.doubtful} doubtful, ${row.unexplained} unexplained`,
    ...row.evidence.map(({ identifier, state, units, reason }) =>
      `    ${identifier} ${state} ${units}${reason === null ? "" : ` (${reason})`}`
    ),
  ];
}

async function main(args: readonly string[]): Promise<number> {
  // deno-lint-ignore no-console -- this is a command-line tool; its output is its purpose
  const print = (text: string) => console.log(text);
  const at = args.indexOf("--tenant");
  const tenantId = at === -1 ? undefined : args[at + 1];
  const known = ["--tenant", "--json", "--all", "--help"];
  const wrong = args.filter((arg, index) =>
    !known.includes(arg) && !(at !== -1 && index === at + 1)
  );
  if (args.includes("--help") || wrong.length > 0 || (at !== -1 && tenantId === undefined)) {
    print(RECONCILE_HELP);
    return args.includes("--help") ? 0 : 2;
  }
  const books = await openBooks();
  try {
    const result = await reconcile(books.billing, tenantId === undefined ? {} : { tenantId });
    const { text, exitCode } = reconcileReport(result, { all: args.includes("--all") });
    print(args.includes("--json") ? reconcileJson(result) : text);
    return exitCode;
  } finally {
    await books.close();
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
