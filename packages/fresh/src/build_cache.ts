import type { FsRouteFile } from "./fs_routes.ts";
import { commandsOf } from "./fs_routes.ts";
import type { Command } from "./routing/commands.ts";
import { setBuildId } from "./runtime/build_id.ts";
import type { Island } from "./types.ts";

/** A file that the static file middleware can serve. */
export interface StaticFile {
  /** Identifies the content; used in the ETag. */
  hash: string;
  contentType: string;
  size: number;
  /** May be cached for ever, as its address changes with its content. */
  immutable: boolean;
  open(): Promise<ReadableStream<Uint8Array<ArrayBuffer>>>;
}

/** What a build knows about the app's files: routes, islands, static files. */
export interface BuildCache {
  readonly root: string;
  // deno-lint-ignore no-explicit-any
  readonly islandRegistry: ReadonlyMap<any, Island>;
  /** Public path of the client runtime. */
  readonly clientEntry: string;
  fsCommands(): Command[];
  readFile(pathname: string): StaticFile | null;
  /** The script that reloads pages while developing, else nothing. */
  liveReloadScript(nonce: string): string;
}

/** One entry of the static file table in `snapshot.js`. */
export interface StaticFileEntry {
  hash: string;
  contentType: string;
  size: number;
  immutable: boolean;
  /** Relative to the project's root. */
  filePath: string;
}

/** What `snapshot.js` exports. */
export interface Snapshot {
  version: string;
  clientEntry: string;
  islands: Map<unknown, Island>;
  // deno-lint-ignore no-explicit-any
  fsRoutes: FsRouteFile<any>[];
  staticFiles: Map<string, StaticFileEntry>;
}

/** Serves a finished build from disk. */
export class ProdBuildCache implements BuildCache {
  readonly root: string;
  readonly clientEntry: string;
  readonly islandRegistry: Snapshot["islands"];
  readonly #snapshot: Snapshot;

  constructor(root: string, snapshot: Snapshot) {
    setBuildId(snapshot.version);
    this.root = root;
    this.clientEntry = snapshot.clientEntry;
    this.islandRegistry = snapshot.islands;
    this.#snapshot = snapshot;
  }

  fsCommands(): Command[] {
    return commandsOf(this.#snapshot.fsRoutes);
  }

  readFile(pathname: string): StaticFile | null {
    const entry = this.#snapshot.staticFiles.get(pathname);
    if (entry === undefined) return null;
    const { hash, contentType, size, immutable, filePath } = entry;
    const open = async () => (await Deno.open(`${this.root}/${filePath}`)).readable;
    return { hash, contentType, size, immutable, open };
  }

  liveReloadScript(): string {
    return "";
  }
}

/** Collects the islands of a module; `snapshot.js` calls it once per island file. */
export class IslandPreparer {
  prepare(
    registry: Map<unknown, Island>,
    module: Record<string, unknown>,
    { file, names }: { file: string; names: Record<string, string> },
  ): void {
    for (const [exportName, fn] of Object.entries(module)) {
      const name = names[exportName];
      if (typeof fn !== "function" || name === undefined) continue;
      registry.set(fn, { file, name, exportName, fn: fn as Island["fn"], css: [] });
    }
  }
}
