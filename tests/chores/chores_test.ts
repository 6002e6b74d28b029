import { assert, assertEquals, assertMatch } from "@std/assert";
import { compose } from "@/lib/compose.ts";
import { parseEnv } from "@/lib/platform/env.ts";
import { seedSandbox } from "@/lib/sandbox/seed_sandbox.ts";
import { must } from "@/tests/support/api_world.ts";
import { PATIENT_KV } from "@/tests/support/patient_kv.ts";

const PLANS = await Deno.readTextFile(new URL("../../plans.json", import.meta.url));

Deno.test({
  name: "every chore does its work on a sandbox, notes its run, and finds nothing wrong",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    let nowMs = Date.parse("2026-11-24T10:00:00Z");
    const env = must(parseEnv({ KV_URL: ":memory:", LOG_LEVEL: "error" }));
    const { services, engineAt, stop } = await compose(env, {
      clock: { nowMs: () => nowMs },
      kv: PATIENT_KV,
    });
    try {
      await seedSandbox(services, { plansText: PLANS, knownKeys: new Map(), engineAt, say() {} });
      nowMs += 5 * 60_000;
      const { chores } = services;
      const flush = await chores.everyMinute();
      assert(Number(flush.report.sent) > 100, "history is on its way to Stripe");
      nowMs += 2 * 3_600_000;
      const watch = await chores.everyFiveMinutes();
      const hourly = await chores.hourly();
      const daily = await chores.daily();
      assertEquals([flush, watch, hourly, daily].map(({ ok }) => ok), [true, true, true, true]);
      assertEquals(
        [hourly.report.bookDifferences, hourly.report.reconcileDifferences, daily.report.failures],
        [0, 0, 0],
      );
      assert(Number(hourly.report.entriesConfirmed) > 100, "Stripe's own hours agree");
      assertEquals(hourly.report.hourDifferences, 0);
      const runs = await services.choreRuns.runs({ limit: 10 });
      assertEquals(runs.map(({ name }) => name).toSorted(), ["daily", "flush", "hourly", "watch"]);
    } finally {
      await stop();
    }
  },
});

Deno.test({
  name: "a log that can't be taken over fails its run, after everything else in it is done",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    const env = must(parseEnv({ KV_URL: ":memory:", LOG_LEVEL: "error" }));
    const logger = { debug() {}, info() {}, warn() {}, error() {} };
    const { services, stop } = await compose(env, { logger, kv: PATIENT_KV });
    try {
      const { folder } = services.engine;
      const trouble = { retired: 0, unfolded: [new Error("damaged")], unretired: [] };
      Reflect.set(folder, "foldStale", () => Promise.resolve(trouble));
      const done: string[] = [];
      for (const [name, step] of [["leases", "returnIdle"], ["traffic", "flush"]] as const) {
        const part = name === "leases" ? services.quotaGate : services.trafficLog;
        Reflect.set(part, step, () => Promise.resolve(void done.push(name)));
      }
      const { ok, report } = await services.chores.everyMinute();
      assertEquals([ok, done], [false, ["leases", "traffic"]]);
      assertMatch(String(report.error), /can't be taken over: 1$/);
    } finally {
      await stop();
    }
  },
});

Deno.test({
  name: "a chore that fails is noted with its error, and the next one still runs",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    const env = must(parseEnv({ KV_URL: ":memory:", LOG_LEVEL: "error" }));
    const logger = { debug() {}, info() {}, warn() {}, error() {} };
    const { services, stop } = await compose(env, { logger, kv: PATIENT_KV });
    try {
      const failing = services.usage.books;
      Reflect.set(services.usage, "books", () => Promise.reject(new Error("no database")));
      const failed = await services.chores.hourly();
      assertEquals([failed.ok, failed.report.error], [false, "Error: no database"]);
      Reflect.set(services.usage, "books", failing);
      assertEquals((await services.chores.hourly()).ok, true);
    } finally {
      await stop();
    }
  },
});
