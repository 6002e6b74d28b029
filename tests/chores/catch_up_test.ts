/** Cron is off: any instance notices, does the work and says so in its metrics. */
import { assert, assertEquals } from "@std/assert";
import { CatchUp } from "@/lib/chores/catch_up.ts";
import { compose } from "@/lib/compose.ts";
import { parseEnv } from "@/lib/platform/env.ts";
import { seedSandbox } from "@/lib/sandbox/seed_sandbox.ts";
import { must } from "@/tests/support/api_world.ts";
import { MemoryLogger } from "@/tests/support/fixed_effects.ts";
import { PATIENT_KV } from "@/tests/support/patient_kv.ts";

const PLANS = await Deno.readTextFile(new URL("../../plans.json", import.meta.url));
const MINUTE = 60_000;

Deno.test({
  name: "without cron an instance sends what is due within four minutes, and raises the alarm",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    let nowMs = Date.parse("2026-11-24T10:00:00Z");
    const clock = { nowMs: () => nowMs };
    const env = must(parseEnv({ KV_URL: ":memory:", LOG_LEVEL: "error" }));
    const logger = new MemoryLogger();
    const { services, engineAt, stop } = await compose(env, { clock, logger, kv: PATIENT_KV });
    try {
      await seedSandbox(services, { plansText: PLANS, knownKeys: new Map(), engineAt, say() {} });
      const { chores, choreRuns: store } = services;
      const catchUp = new CatchUp({ chores, store, clock, logger });
      nowMs += 3 * MINUTE;
      assertEquals([await catchUp.look(), catchUp.overdue], [[], 0]);
      const before = (await services.usage.pipeline()).outbox.sent.entries;
      nowMs += MINUTE;
      assertEquals([await catchUp.look(), catchUp.overdue], [["flush"], 1]);
      const { outbox, lastFlushAtMs } = await services.usage.pipeline();
      assert(outbox.sent.entries > before, "units are on their way");
      assertEquals(lastFlushAtMs, nowMs);
      assert(logger.lines.some(({ event }) => event === "chore_overdue"));

      // Once somebody does the work again, the alarm ends.
      assertEquals([await catchUp.look(), catchUp.overdue], [[], 0]);
      nowMs += 49 * 60 * MINUTE + 2 * MINUTE;
      assertEquals(await catchUp.look(), ["flush", "watch", "hourly", "daily"]);
      const ran = await store.runs({ limit: 10 });
      assertEquals(new Set(ran.map(({ name }) => name)).size, 4);
      assertEquals(await catchUp.look(), []);
      assert(services.metrics.text().includes("clawmeter_overdue_chores"));
    } finally {
      await stop();
    }
  },
});

Deno.test("an instance that can't look says so and looks again", async () => {
  const logger = new MemoryLogger();
  const failing = () => Promise.reject(new Error("no database"));
  const chores = { run: () => Promise.reject(new Error("not asked for")) };
  const clock = { nowMs: () => 0 };
  const catchUp = new CatchUp({ chores, store: { runs: failing }, clock, logger });
  assertEquals(await catchUp.look(), []);
  assertEquals(logger.lines.map(({ event }) => event), ["catch_up_failed"]);
});
