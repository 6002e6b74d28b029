/** Serves with live reload (`deno task dev`): islands and styles are rebuilt at each restart. */
import { Builder } from "fresh/dev";
import { build } from "@/fresh.config.ts";
import type { AppState } from "@/lib/http/define.ts";
import { loadEnv } from "@/lib/platform/env.ts";

const env = loadEnv();
if (!env.ok) {
  console.error(env.error.detail);
  Deno.exit(1);
}
await new Builder<AppState>(build).listen(() => import("../main.ts"), {
  hostname: env.value.host,
  port: env.value.port,
});
