// deno-lint-ignore-file no-console -- tests read what is logged
import { App } from "fresh";
import { Builder } from "fresh/dev";
import { fileURLToPath } from "node:url";
import path from "node:path";

/** Sends requests to a finished app as a browser or client would, without a network. */
export class Client {
  readonly #handler: ReturnType<App<unknown>["handler"]>;

  // deno-lint-ignore no-explicit-any
  constructor(app: App<any>) {
    this.#handler = app.handler();
  }

  request(pathname: string, init?: RequestInit): Promise<Response> {
    return this.#handler(new Request(`http://localhost${pathname}`, init));
  }

  get(pathname: string, headers: HeadersInit = {}): Promise<Response> {
    return this.request(pathname, { headers });
  }

  post(pathname: string, headers: HeadersInit = {}): Promise<Response> {
    return this.request(pathname, { method: "POST", headers });
  }

  async text(pathname: string): Promise<string> {
    return await (await this.get(pathname)).text();
  }
}

/** Runs something while console output is kept; returns what was printed to one method. */
export async function captureConsole(
  method: "error" | "warn",
  run: () => Promise<void>,
): Promise<unknown[][]> {
  const lines: unknown[][] = [];
  const original = console[method];
  console[method] = (...args: unknown[]) => lines.push(args);
  try {
    await run();
  } finally {
    console[method] = original;
  }
  return lines;
}

/** The files below a folder, sorted. */
export async function filesBelow(dir: string): Promise<string[]> {
  const files: string[] = [];
  for await (const entry of Deno.readDir(dir)) {
    const child = path.join(dir, entry.name);
    if (entry.isDirectory) {
      files.push(...(await filesBelow(child)).map((file) => `${entry.name}/${file}`));
    } else files.push(entry.name);
  }
  return files.sort();
}

/** The example app's folder. */
export const FIXTURE = fileURLToPath(new URL("./fixtures/app", import.meta.url));

/**
 * Writes a project into a new folder beside the tests, so that its imports resolve, and removes it
 * afterwards. Keys are paths below the project.
 */
export async function withProject<T>(
  files: Record<string, string>,
  use: (root: string) => Promise<T>,
): Promise<T> {
  const parent = fileURLToPath(new URL("./fixtures", import.meta.url));
  const root = await Deno.makeTempDir({ dir: parent, prefix: "tmp_" });
  try {
    for (const [name, content] of Object.entries(files)) {
      const file = path.join(root, name);
      await Deno.mkdir(path.dirname(file), { recursive: true });
      await Deno.writeTextFile(file, content);
    }
    return await use(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

/** Builds a project of the given files in memory and hands over a client of an app on it. */
export async function withRoutes<T>(
  files: Record<string, string>,
  use: (client: Client) => Promise<T>,
  // deno-lint-ignore no-explicit-any
  setUp: (app: App<any>) => App<any> = (app) => app.fsRoutes(),
): Promise<T> {
  return await withProject(files, async (root) => {
    const apply = await new Builder({ root }).build({ snapshot: "memory" });
    const app = setUp(new App());
    apply(app);
    return await use(new Client(app));
  });
}
