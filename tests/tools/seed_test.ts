/** Made-up pasts: what benchmarks and people look at must be what the service itself would store. */
import { assert, assertEquals } from "@std/assert";
import { parseSeedArguments, progressBar } from "@/benchmarks/seed.ts";
import { seedDatabase } from "@/benchmarks/seed/seed_database.ts";
import { createKvAuditLog } from "@/lib/kv/audit_store.ts";
import { createKvBillingStore } from "@/lib/kv/billing_store.ts";
import { createKvDryRunStore } from "@/lib/kv/dry_run_store.ts";
import { createKvPlanStore } from "@/lib/kv/plan_store.ts";
import { createUsageLog } from "@/lib/kv/usage_log.ts";
import { createUsageStore } from "@/lib/kv/usage_store.ts";
import { OPERATOR_CHAIN } from "@/lib/ports/audit.ts";
import { verifyAuditChain } from "@/lib/tenancy/verify_audit.ts";
import { FixedClock } from "@/tests/support/fixed_effects.ts";
import { booksText, readReport } from "@/tools/books.ts";

/** A working day's afternoon, and a few tenants of each size. */
const OPTIONS = { tenants: 10, months: 2, seed: 1, untilMs: Date.UTC(2026, 5, 4, 17) };
/** Written with a random word by the product itself; read by nobody who counts. */
const RANDOM_ROOMS = new Set(["commit_mark", "config_epoch"]);

async function seeded(options = OPTIONS) {
  const kv = await Deno.openKv(":memory:");
  const stripeKv = await Deno.openKv(":memory:");
  const plansText = await Deno.readTextFile("plans.json");
  const target = { kv, stripeKv, plansText };
  const summary = await seedDatabase(options, { target, progress: () => {} });
  return {
    kv,
    summary,
    [Symbol.dispose]() {
      kv.close();
      stripeKv.close();
    },
  };
}

async function rowsOf(kv: Deno.Kv): Promise<readonly string[]> {
  const rows: string[] = [];
  for await (const { key, value } of kv.list({ prefix: [] }, { batchSize: 500 })) {
    if (RANDOM_ROOMS.has(String(key[0]))) continue;
    rows.push(
      Deno.inspect([key, value], { depth: 12, iterableLimit: 1e6, strAbbreviateSize: 1e6 }),
    );
  }
  return rows;
}

Deno.test("a made-up past balances to the unit, here and at Stripe, with entries in every open state", async () => {
  using world = await seeded();
  const { kv } = world;
  const usage = createUsageStore({
    kv,
    log: createUsageLog({ kv }),
    clock: new FixedClock(OPTIONS.untilMs),
  });
  const { text, exitCode } = booksText(await readReport(usage));
  assertEquals(exitCode, 0, text);
  const [report] = await createKvBillingStore(kv).reports(1);
  assert(report !== undefined && report.rows > 0);
  assertEquals([report.differences, report.unexplained, report.failures], [0, 0n, []]);
  const plans = await createKvPlanStore(kv).plans("growth");
  assertEquals(plans.map(({ planRevision, status }) => `${planRevision} ${status}`), [
    "growth@3 draft",
    "growth@2 published",
    "growth@1 published",
  ]);
  const [dryRun] = await createKvDryRunStore(kv).dryRuns({ planRevision: "growth@3", limit: 1 });
  assert(dryRun !== undefined && dryRun.tenants > 0);
  const audit = createKvAuditLog(kv);
  for (const chain of [OPERATOR_CHAIN, world.summary.largest.tenantId]) {
    const { intact } = await verifyAuditChain(audit, chain);
    assert(intact, `The audit chain of ${chain} holds`);
  }
  const { outbox } = await usage.pipeline();
  const empty = Object.entries(outbox).filter(([, { entries }]) => entries === 0);
  assertEquals(empty.map(([state]) => state), []);
});

Deno.test("the same seed makes the same database, row by row", async () => {
  const options = { ...OPTIONS, tenants: 7, months: 1 };
  using first = await seeded(options);
  using second = await seeded(options);
  const [rows, others] = [await rowsOf(first.kv), await rowsOf(second.kv)];
  const at = rows.findIndex((row, index) => row !== others[index]);
  assertEquals([rows[at], rows.length], [others[at], others.length]);
  assertEquals(first.summary, second.summary);
});

Deno.test("a database that holds anything is never seeded over", async () => {
  const kv = await Deno.openKv(":memory:");
  await kv.set(["tenant", "ten_real"], { tenantId: "ten_real" });
  const target = { kv, stripeKv: kv, plansText: await Deno.readTextFile("plans.json") };
  const outcome = await seedDatabase(OPTIONS, { target, progress: () => {} })
    .then(() => "seeded", (error: Error) => error.message);
  assertEquals(outcome, "The database is not empty");
  kv.close();
});

Deno.test("arguments of the seeder are checked before anything is made", () => {
  const nowMs = Date.UTC(2026, 5, 4, 9, 30);
  assertEquals(parseSeedArguments(["--into", "x.db", "--tenants", "5"], nowMs), {
    into: "x.db",
    tenants: 5,
    months: 13,
    seed: 1,
    untilMs: Date.UTC(2026, 5, 4, 9),
  });
  for (
    const args of [
      [],
      ["--into", "x.db", "--tenants", "0"],
      ["--into", "x.db", "--months", "14"],
      ["--into", "x.db", "--seed", "-1"],
      ["--into", "x.db", "--until", "2026-06-05T00:00Z"],
      ["--into", "x.db", "--colour", "red"],
    ]
  ) assertEquals(typeof parseSeedArguments(args, nowMs), "string", args.join(" "));
});

Deno.test("progress moves a bar on a terminal and prints a line for each tenth elsewhere", () => {
  const lines: string[] = [];
  const plain = progressBar((text) => lines.push(text), false);
  for (let done = 0; done <= 40; done++) plain("Step", done, 40);
  assertEquals(lines.length, 11);
  assertEquals(lines.at(-1), "Step: 100 %\n");
  const bars: string[] = [];
  progressBar((text) => bars.push(text), true)("Step", 20, 40);
  assert(bars[0]?.startsWith("\r") && bars[0].includes("20/40"));
});
