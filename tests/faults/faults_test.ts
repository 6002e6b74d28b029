/** Real processes, real SIGKILL, a hostile way to Stripe. `deno task faults --help` runs more. */
import { assert, assertEquals } from "@std/assert";
import { reportText } from "./report_text.ts";
import { runOnSqlite } from "./sqlite_run.ts";

const KILLS = 50;

Deno.test("processes killed at random under load lose no acknowledged unit and bill none twice", async () => {
  const report = await runOnSqlite({ seed: 1, kills: KILLS });
  const text = reportText(report);
  console.info(text);
  assertEquals(report.violations, [], text);
  assertEquals(report.kills, KILLS);
  assert(report.unitsAcknowledged > 0n);
  assertEquals(report.unitsSent, report.unitsBilled);
});
