import { freePort } from "./free_port.ts";

const BINARY = "denokv";
const START_MAX_MS = 120_000;
const TOKEN_VARIABLE = "DENO_KV_ACCESS_TOKEN";
/** Test files run in one process and share its environment, so all servers of it take one token. */
const TOKEN = "token-of-the-stores-of-the-tests";

export interface DenoKvServer extends AsyncDisposable {
  readonly url: string;
  /** What a process needs in its environment to open the store. */
  readonly environment: Readonly<Record<string, string>>;
  /** At once, where nothing can be awaited; leaves the store behind. */
  kill(): void;
}

/**
 * The self-hosted KV Connect server: `DENOKV_BIN`, or `denokv` on PATH or where
 * tools/install_denokv.sh puts it; `null` without one.
 */
export async function findDenoKv(): Promise<string | null> {
  const named = Deno.env.get("DENOKV_BIN");
  const home = `${Deno.env.get("HOME") ?? ""}/.local/bin`;
  const folders = [...(Deno.env.get("PATH") ?? "").split(":"), home]
    .map((folder) => `${folder}/${BINARY}`);
  for (const path of named === undefined ? folders : [named]) {
    const found = await Deno.stat(path).then(({ isFile }) => isFile, () => false);
    if (found) return path;
  }
  return null;
}

/** Starts a server on a store of its own, which goes with it. */
export async function startDenoKv(binary: string): Promise<DenoKvServer> {
  const folder = await Deno.makeTempDir({ prefix: "denokv_" });
  const port = freePort();
  const child = new Deno.Command(binary, {
    args: [
      "--sqlite-path",
      `${folder}/kv.sqlite`,
      "serve",
      "--addr",
      `127.0.0.1:${port}`,
      "--access-token",
      TOKEN,
    ],
    stdout: "null",
    stderr: "null",
  }).spawn();
  await reachable(port);
  Deno.env.set(TOKEN_VARIABLE, TOKEN);
  return {
    url: `http://127.0.0.1:${port}`,
    environment: { [TOKEN_VARIABLE]: TOKEN },
    kill: () => child.kill("SIGKILL"),
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.status;
      await Deno.remove(folder, { recursive: true });
    },
  };
}

async function reachable(port: number): Promise<void> {
  for (const startedAt = performance.now(); performance.now() < startedAt + START_MAX_MS;) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  throw new Error("denokv does not listen");
}
