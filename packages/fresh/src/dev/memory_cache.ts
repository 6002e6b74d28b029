import { pathToFileURL } from "node:url";
import { type BuildCache, IslandPreparer, type StaticFile } from "../build_cache.ts";
import { commandsOf, type FsModule, type FsRouteFile } from "../fs_routes.ts";
import type { Command } from "../routing/commands.ts";
import type { Island } from "../types.ts";
import type { BuildOutput } from "./build_output.ts";
import { liveReloadScript } from "./live_reload.ts";
import type { PreparedFile } from "./static_files.ts";

/** Serves a build from memory, for development and tests. */
export class MemoryBuildCache implements BuildCache {
  readonly root: string;
  readonly clientEntry: string;
  readonly islandRegistry = new Map<unknown, Island>();
  readonly #routes: FsRouteFile[];
  readonly #files: Map<string, PreparedFile>;
  readonly #liveReload: boolean;

  private constructor(root: string, output: BuildOutput, loaded: Loaded) {
    this.root = root;
    this.clientEntry = output.bundle.clientEntry;
    this.#routes = loaded.routes;
    this.#files = new Map(output.files.map((file) => [file.pathname, file]));
    this.#liveReload = loaded.liveReload;
  }

  /** Loads the islands and whatever must be known before the first request. */
  static async load(
    root: string,
    output: BuildOutput,
    { liveReload }: { liveReload: boolean },
  ): Promise<MemoryBuildCache> {
    const routes = await Promise.all(
      output.routes.map(async (file): Promise<FsRouteFile> => {
        const load = () => importFile<FsModule>(file.filePath);
        return { ...file, mod: file.lazy ? load : await load() };
      }),
    );
    const cache = new MemoryBuildCache(root, output, { routes, liveReload });
    const preparer = new IslandPreparer();
    for (const { filePath, file, names } of output.bundle.islands) {
      const module = await importFile<Record<string, unknown>>(filePath);
      preparer.prepare(cache.islandRegistry, module, { file, names });
    }
    return cache;
  }

  fsCommands(): Command[] {
    return commandsOf(this.#routes);
  }

  readFile(pathname: string): StaticFile | null {
    const file = this.#files.get(pathname);
    if (file === undefined) return null;
    const { hash, contentType, size, immutable, filePath, content } = file;
    const open = async () =>
      content === null ? (await Deno.open(filePath)).readable : new Blob([content]).stream();
    return { hash, contentType, size, immutable, open };
  }

  liveReloadScript(nonce: string): string {
    return this.#liveReload ? liveReloadScript(nonce) : "";
  }
}

interface Loaded {
  routes: FsRouteFile[];
  liveReload: boolean;
}

async function importFile<T>(filePath: string): Promise<T> {
  return await import(pathToFileURL(filePath).href);
}
