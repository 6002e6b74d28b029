/**
 * All benchmarks, one after the other (`deno task bench`). Figures are of this machine and this run:
 * quote ratios. `--quick` takes a tenth of the time.
 */
const QUICK = Deno.args.includes("--quick");

const BENCHMARKS: readonly { readonly title: string; readonly args: readonly string[] }[] = [
  {
    title: "Metered calls over HTTP, against a bare server",
    args: ["run", "-A", "benchmarks/metered_call_bench.ts", ...QUICK ? ["--quick"] : []],
  },
  {
    title: "Recorder alone: acknowledged calls on a database file, fold running",
    args: ["run", "-A", "benchmarks/ingest_bench.ts", "--seconds", QUICK ? "2" : "10"],
  },
  {
    title: "Stripe calls per million metered calls",
    args: ["run", "-A", "benchmarks/stripe_calls.ts", "--calls", QUICK ? "20000" : "200000"],
  },
  {
    title: "Pages of the portal and the console, on a year of data (made at the first run)",
    args: ["run", "-A", "benchmarks/pages_bench.ts", ...QUICK ? ["--quick"] : []],
  },
  { title: "Rating engine", args: ["bench", "-A", "benchmarks/rating_bench.ts"] },
  { title: "Pricing", args: ["bench", "-A", "benchmarks/pricing_bench.ts"] },
];

for (const { title, args } of BENCHMARKS) {
  console.log(`\n## ${title}\n`);
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: new URL("../", import.meta.url),
    stdout: "inherit",
    stderr: "inherit",
  }).output();
  if (!success) Deno.exit(1);
}
