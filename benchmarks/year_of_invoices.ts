/**
 * A year of many tenants against the Stripe simulator, in batches that know nothing of each other;
 * every invoice is recomputed from the raw usage by code that shares nothing with the product.
 *
 *   deno run -A benchmarks/year_of_invoices.ts [--tenants 1000] [--months 12] [--seed 1]
 *
 * Exits 1 when a single cent differs.
 */
import { parseArgs } from "node:util";
import { runBillingYear, type YearFigures } from "@/tests/support/billing_year.ts";

const BATCH = 8;
const REPORT_EVERY = 10;

const { values } = parseArgs({
  args: Deno.args,
  options: {
    tenants: { type: "string", default: "1000" },
    months: { type: "string", default: "12" },
    seed: { type: "string", default: "1" },
  },
});

const wanted = Number(values.tenants);
const months = Number(values.months);
const seed = Number(values.seed);
const startedMs = performance.now();
const totals = { tenants: 0, invoices: 0, compared: 0, planChanges: 0, refusals: 0, retries: 0 };
let meterEvents = 0;
let billedCents = 0n;
let differenceCents = 0n;

for (let batch = 0; totals.tenants < wanted; batch++) {
  const tenants = Math.min(BATCH, wanted - totals.tenants);
  add(await runBillingYear({ seed: seed * 1_000_003 + batch, tenants, months }));
  if ((batch + 1) % REPORT_EVERY === 0) report();
}
report();
Deno.exit(differenceCents === 0n && totals.invoices === wanted * months ? 0 : 1);

function add(figures: YearFigures): void {
  totals.tenants += figures.tenants;
  totals.invoices += figures.invoices;
  totals.compared += figures.compared;
  totals.planChanges += figures.planChanges;
  totals.refusals += figures.refusals;
  totals.retries += figures.retries;
  meterEvents += figures.meterEvents;
  billedCents += figures.billedCents;
  differenceCents += figures.differenceCents;
}

function report(): void {
  const seconds = Math.round((performance.now() - startedMs) / 1_000);
  // deno-lint-ignore no-console -- a benchmark's output is its purpose
  console.log(
    `seed ${seed}: ${totals.tenants} tenants, ${totals.invoices} invoices, ${totals.compared} ` +
      `compared, ${totals.planChanges} plan changes, ${meterEvents} meter events, ` +
      `${totals.retries} retries, ${totals.refusals} refusals; ${billedCents} cents of usage, ` +
      `difference ${differenceCents} cents; ${seconds} s`,
  );
}
