/**
 * Composes Clawmeter and exports its app. The built server (`_fresh/server.js`) imports `app`; run
 * directly, this file builds what is missing and serves it.
 */
import { compose } from "@/lib/compose.ts";
import { keptOperatorToken, prepareSandbox } from "@/lib/compose/sandbox.ts";
import { SCHEDULES } from "@/lib/chores/schedule.ts";
import { createApp } from "@/lib/create_app.ts";
import { startHelp } from "@/lib/platform/start_help.ts";
import { welcome } from "@/lib/platform/welcome.ts";
import { loadEnv } from "@/lib/platform/env.ts";
import { serveUntilStopped } from "@/lib/platform/serve.ts";

if (import.meta.main && Deno.args.some((arg) => arg === "--help" || arg === "-h")) {
  console.log(startHelp());
  Deno.exit(0);
}

const parsed = loadEnv();
if (!parsed.ok) {
  console.error(parsed.error.detail);
  Deno.exit(1);
}
const env = parsed.value;
const isSandbox = env.mode === "sandbox";
const operatorToken = isSandbox ? await keptOperatorToken(env) : undefined;
const runtime = await compose(env, operatorToken === undefined ? {} : { operatorToken });
const { chores } = runtime.services;

const sandbox = isSandbox
  ? await prepareSandbox(runtime, {
    plansText: await Deno.readTextFile(new URL("plans.json", import.meta.url)),
    say: (what) => import.meta.main && console.log(`  ${what}`),
  })
  : null;

// Deploy finds these at the top level. Each run does all due work, so a missed one costs nothing.
Deno.cron("flush", SCHEDULES.flush.cron, () => chores.everyMinute().then(() => {}));
Deno.cron("watch", SCHEDULES.watch.cron, () => chores.everyFiveMinutes().then(() => {}));
Deno.cron("hourly", SCHEDULES.hourly.cron, () => chores.hourly().then(() => {}));
Deno.cron("daily", SCHEDULES.daily.cron, () => chores.daily().then(() => {}));
runtime.start();

export const app = createApp(runtime.services);

if (import.meta.main) {
  // Not awaited: the built server imports this module, which must have finished by then.
  serveUntilStopped(env, {
    stop: () => runtime.stop(),
    onListening: () => {
      console.log(welcome(env, sandbox));
      // What is due by now need not wait for the next full minute; its run is on record either way.
      chores.everyMinute().catch(() => {});
    },
  }).catch((error) => {
    console.error(error);
    Deno.exit(1);
  });
}
