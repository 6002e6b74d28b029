import type { Env } from "./env.ts";

export interface ServeOptions {
  readonly stop: () => Promise<void>;
  readonly onListening: () => void;
}

/** A platform that stops instances gives them five seconds. */
const STOP_MS = 4_800;
const ROOT = new URL("../../", import.meta.url);

/** Builds when there is no build, then serves it until SIGINT or SIGTERM; exits when all is safe. */
export async function serveUntilStopped(env: Env, options: ServeOptions): Promise<void> {
  const entry = new URL("_fresh/server.js", ROOT);
  if (!await exists(entry)) await build();
  const built: { default: { fetch: Deno.ServeHandler } } = await import(entry.href);
  const server = Deno.serve({
    hostname: env.host,
    port: env.port,
    onListen: options.onListening,
  }, built.default.fetch);
  let stopping = false;
  const onSignal = () => {
    if (stopping) return;
    stopping = true;
    stopWithin(STOP_MS, { server, stop: options.stop });
  };
  Deno.addSignalListener("SIGINT", onSignal);
  if (Deno.build.os !== "windows") Deno.addSignalListener("SIGTERM", onSignal);
  await server.finished;
}

/** Connections that stay open, such as live streams, are cut; units under way are not. */
async function stopWithin(
  limitMs: number,
  { server, stop }: { readonly server: Deno.HttpServer; readonly stop: () => Promise<void> },
): Promise<void> {
  const timer = setTimeout(() => Deno.exit(1), limitMs);
  const closed = server.shutdown();
  await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 1_000))]);
  await stop();
  clearTimeout(timer);
  Deno.exit(0);
}

async function build(): Promise<void> {
  console.log("Building (once)");
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", new URL("tools/build.ts", ROOT).href],
    stdin: "null",
  }).output();
  if (!success) throw new Error("Cannot build: run `deno task build` to see why");
}

async function exists(url: URL): Promise<boolean> {
  try {
    await Deno.stat(url);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
