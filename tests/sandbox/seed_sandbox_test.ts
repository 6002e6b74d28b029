import { assert, assertEquals } from "@std/assert";
import { reconcile } from "@/lib/billing/reconcile.ts";
import { compose, type Runtime } from "@/lib/compose.ts";
import { parseEnv } from "@/lib/platform/env.ts";
import { seedSandbox } from "@/lib/sandbox/seed_sandbox.ts";
import { SAMPLE_INSTRUMENTS, SAMPLE_TENANTS } from "@/lib/sandbox/samples.ts";
import { must } from "@/tests/support/api_world.ts";
import { PATIENT_KV } from "@/tests/support/patient_kv.ts";

const PLANS = await Deno.readTextFile(new URL("../../plans.json", import.meta.url));

async function seededAt(startMs: number): Promise<Runtime & { pass(ms: number): void }> {
  let nowMs = startMs;
  const env = must(parseEnv({ KV_URL: ":memory:", LOG_LEVEL: "error" }));
  const runtime = await compose(env, { clock: { nowMs: () => nowMs }, kv: PATIENT_KV });
  const { engineAt, services } = runtime;
  const options = { plansText: PLANS, knownKeys: new Map(), engineAt, say: () => {} };
  await seedSandbox(services, options);
  return { ...runtime, pass: (ms) => nowMs += ms };
}

async function acknowledged({ services }: Runtime): Promise<bigint> {
  const lines = await services.usage.books();
  return lines.reduce((sum, line) => sum + line.acknowledged, 0n);
}

for (const day of ["2026-11-24T10:00:00Z", "2026-12-01T00:00:30Z", "2027-01-05T23:59:30Z"]) {
  Deno.test({
    name: `a sandbox that starts on ${day} reconciles with Stripe to the unit`,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      const runtime = await seededAt(Date.parse(day));
      try {
        runtime.pass(120_000);
        const flushed = await runtime.services.chores.everyMinute();
        assertEquals(flushed.ok, true, JSON.stringify(flushed.report));
        const { outbox, oldestUnsentAgeMs } = await runtime.services.usage.pipeline();
        assertEquals([oldestUnsentAgeMs, outbox.held.entries, outbox.rejected.entries], [
          null,
          0,
          0,
        ]);
        runtime.pass(2 * 3_600_000);
        const { report, rows } = await reconcile(runtime.services.billing);
        assertEquals(
          [report.failures, report.differences],
          [[], 0],
          JSON.stringify(
            rows.filter(({ unexplained }) => unexplained !== 0n),
            (_, value) => typeof value === "bigint" ? String(value) : value,
          ),
        );
        assert(await acknowledged(runtime) > 10_000n);
      } finally {
        await runtime.stop();
      }
    },
  });
}

Deno.test({
  name: "seeding again after a crash adds no unit, tenant, plan or price",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    const runtime = await seededAt(Date.parse("2026-11-24T10:00:00Z"));
    try {
      const before = await acknowledged(runtime);
      const plans = (await runtime.services.plans.plans()).length;
      const { engineAt, services } = runtime;
      await seedSandbox(services, {
        plansText: PLANS,
        knownKeys: new Map(),
        engineAt,
        say: () => {},
      });
      assertEquals(await acknowledged(runtime), before);
      assertEquals((await services.plans.plans()).length, plans);
      const { items } = await services.tenants.tenants({ limit: 100 });
      assertEquals(items.length, SAMPLE_TENANTS.length);
      const stored = await services.market.instruments.instruments("tn_northwind", { limit: 100 });
      assertEquals(stored.items.length, SAMPLE_INSTRUMENTS.length);
    } finally {
      await runtime.stop();
    }
  },
});
