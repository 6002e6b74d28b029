import { assert, assertEquals } from "@std/assert";
import { reconcile } from "@/lib/billing/reconcile.ts";
import { compose, type Runtime } from "@/lib/compose.ts";
import { parseEnv } from "@/lib/platform/env.ts";
import { seedSandbox } from "@/lib/sandbox/seed_sandbox.ts";
import { SAMPLE_INSTRUMENTS, SAMPLE_TENANTS } from "@/lib/sandbox/samples.ts";
import { must } from "@/tests/support/api_world.ts";
import { PATIENT_KV } from "@/tests/support/patient_kv.ts";

const MINUTE = 60_000;
const PLANS = await Deno.readTextFile(new URL("../../plans.json", import.meta.url));

interface Seeded extends Runtime {
  pass(ms: number): void;
  /** As another start on the same database does it. */
  seed(): Promise<void>;
}

async function seededAt(startMs: number): Promise<Seeded> {
  let nowMs = startMs;
  const env = must(parseEnv({ KV_URL: ":memory:", LOG_LEVEL: "error" }));
  const runtime = await compose(env, { clock: { nowMs: () => nowMs }, kv: PATIENT_KV });
  const { engineAt, services } = runtime;
  const seed = async () => {
    await seedSandbox(services, { plansText: PLANS, knownKeys: new Map(), engineAt, say() {} });
  };
  await seed();
  return { ...runtime, pass: (ms) => nowMs += ms, seed };
}

async function acknowledged({ services }: Runtime, periodId?: string): Promise<bigint> {
  const lines = (await services.usage.books())
    .filter((line) => periodId === undefined || line.periodId === periodId);
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
      await runtime.seed();
      assertEquals(await acknowledged(runtime), before);
      const { services } = runtime;
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

Deno.test({
  name: "a restart after a month's end adds nothing to what was billed, and goes on after it",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    const runtime = await seededAt(Date.parse("2026-11-25T10:00:00Z"));
    try {
      const { chores, billing, clock } = runtime.services;
      const until = (time: string) => runtime.pass(Date.parse(time) - clock.nowMs());
      runtime.pass(2 * MINUTE);
      await chores.everyMinute();
      // The period ends, its invoice is made, and is final an hour later.
      for (const time of ["00:05", "01:30", "02:00", "03:30"]) {
        until(`2026-12-01T${time}:00Z`);
        for (const chore of ["everyMinute", "everyFiveMinutes", "hourly"] as const) {
          assertEquals((await chores[chore]()).ok, true, `${chore} at ${time}`);
        }
      }
      const closes = (await billing.store.periodCloses({ limit: 10 })).items;
      assertEquals(
        closes.map(({ periodId, state }) => `${periodId} ${state}`),
        SAMPLE_TENANTS.map(() => "2026-11-01 finalized"),
      );
      const november = () => acknowledged(runtime, "2026-11-01");
      const billed = await november();
      until("2026-12-03T12:00:00Z");
      await runtime.seed();
      assertEquals(await november(), billed);
      assert(await acknowledged(runtime, "2026-12-01") > 1_000n);
    } finally {
      await runtime.stop();
    }
  },
});
