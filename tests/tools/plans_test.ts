import { assert, assertEquals } from "@std/assert";
import type { CatalogDeps } from "@/lib/catalog/deps.ts";
import { accept } from "@/lib/domain/result.ts";
import { createKvDryRunStore } from "@/lib/kv/dry_run_store.ts";
import { EXIT, runPlans } from "@/tools/plans.ts";
import { CountingIds, FixedClock } from "@/tests/support/fixed_effects.ts";
import { createMemoryPlanStore } from "@/tests/support/memory_plan_store.ts";
import { MemoryTenants } from "@/tests/support/memory_tenants.ts";
import { sampleTenant } from "@/tests/support/samples.ts";

function fileWith(unit_amount: string): string {
  return JSON.stringify({
    meters: ["risk_score"],
    plans: [{
      plan_id: "growth",
      name: "Growth",
      currency: "usd",
      interval: "month",
      meters: [{ meter: "risk_score", price: { model: "per_unit", unit_amount } }],
      limits: { requests_per_second: 1, burst: 1 },
    }],
  });
}

async function shell() {
  const kv = await Deno.openKv(":memory:");
  const deps: CatalogDeps = {
    clock: new FixedClock(),
    ids: new CountingIds(),
    plans: createMemoryPlanStore(),
    dryRuns: createKvDryRunStore(kv),
    tenants: new MemoryTenants(sampleTenant({ createdAtMs: 0 })),
    usage: {
      periodTotals: () =>
        Promise.resolve([{ meter: "risk_score", planRevision: "growth@1", units: 100n }]),
    },
    provider: {
      checkPlan: (plan) => accept(plan),
      ensurePlan: ({ planRevision }) =>
        Promise.resolve({ planRevision, productId: "prod", prices: [] }),
    },
  };
  const lines: string[] = [];
  const run = (command: string, text: string, yes = false) =>
    runPlans({ command, text, yes }, { deps, print: (line) => lines.push(line) });
  return { run, lines, close: () => kv.close() };
}

Deno.test("plans diff says what changes and exits 3, or 0 when nothing does", async () => {
  const { run, lines, close } = await shell();
  assertEquals(await run("diff", fileWith("0.01")), EXIT.changes);
  assertEquals(await run("apply", fileWith("0.01"), true), EXIT.ok);
  assertEquals(await run("diff", fileWith("0.01")), EXIT.ok);
  lines.length = 0;
  assertEquals(await run("diff", fileWith("0.02")), EXIT.changes);
  assertEquals(lines, ["Plan growth", "  meters / risk_score / price / unit_amount: 0.01 -> 0.02"]);
  close();
});

Deno.test("plans apply stops before publishing until it is told --yes", async () => {
  const { run, lines, close } = await shell();
  await run("apply", fileWith("0.01"), true);
  assertEquals(await run("apply", fileWith("0.02")), EXIT.unconfirmed);
  assertEquals(await run("diff", fileWith("0.02")), EXIT.changes);
  assert(lines.some((line) => line.includes("Revenue 4.00 -> 8.00 USD (+4.00)")), lines.join("\n"));
  assert(lines.some((line) => line.includes("ten_a Acme Markets: +4.00")));
  assertEquals(await run("apply", fileWith("0.02"), true), EXIT.ok);
  assertEquals(await run("diff", fileWith("0.02")), EXIT.ok);
  close();
});

Deno.test("plans publish needs a dry run, and takes the newest", async () => {
  const { run, close } = await shell();
  assertEquals(await run("publish", fileWith("0.01")), EXIT.ok);
  assertEquals(await run("dry-run", fileWith("0.01")), EXIT.ok);
  assertEquals(await run("publish", fileWith("0.01")), EXIT.ok);
  assertEquals(await run("diff", fileWith("0.01")), EXIT.ok);
  close();
});

Deno.test("a wrong file is refused with its faults, a wrong command with the help", async () => {
  const { run, lines, close } = await shell();
  assertEquals(await run("apply", fileWith("-1"), true), EXIT.refused);
  assert(lines.some((line) => line.includes("/plans/0/meters/0/price/unit_amount invalid_amount")));
  assertEquals(await run("destroy", fileWith("1")), EXIT.usage);
  close();
});
