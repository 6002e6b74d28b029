import type { Env } from "./env.ts";

export interface ServeOptions {
  readonly stop: () => Promise<void>;
  readonly onListening: () => void;
}

/** A platform that stops instances gives them five seconds. */
const STOP_MS = 4_800;
const ROOT = new URL("../../", import.meta.url);
/** What goes into bundles, routes and static files. */
const SOURCES = ["routes/", "islands/", "components/", "lib/", "static/", "packages/"];

/** Builds when there is no build or it is older than its sources, then serves it until SIGINT or SIGTERM; exits when all is safe. */
export async function serveUntilStopped(env: Env, options: ServeOptions): Promise<void> {
  const entry = new URL("_fresh/server.js", ROOT);
  if (await isStale(entry)) await build();
  const built: { default: { fetch: Deno.ServeHandler } } = await import(entry.href);
  const server = listen(env, options, built.default.fetch);
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

function listen(env: Env, { onListening }: ServeOptions, handler: Deno.ServeHandler) {
  const { host: hostname, port } = env;
  try {
    return Deno.serve({ hostname, port, onListen: onListening }, handler);
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    console.error(`Port ${port} of ${hostname} is in use; set PORT to another one`);
    Deno.exit(1);
  }
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

/** No build, or one from before a source changed; a deployed tree has its build last. */
async function isStale(entry: URL): Promise<boolean> {
  const built = await modifiedMs(entry);
  if (built === null) return true;
  for (const source of SOURCES) {
    if (await newestMs(new URL(source, ROOT)) > built) return true;
  }
  return false;
}

/** Folders and files that go while one looks count for nothing. */
async function newestMs(folder: URL): Promise<number> {
  let newest = 0;
  try {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      const url = new URL(encodeURIComponent(name) + (isDirectory ? "/" : ""), folder);
      newest = Math.max(newest, isDirectory ? await newestMs(url) : await modifiedMs(url) ?? 0);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return newest;
}

async function modifiedMs(url: URL): Promise<number | null> {
  try {
    return (await Deno.stat(url)).mtime?.getTime() ?? 0;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}
