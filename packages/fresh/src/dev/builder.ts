import { fileURLToPath } from "node:url";
import path from "node:path";
import { App, setBuildCache } from "../app.ts";
import { listen, type ListenOptions } from "../listen.ts";
import { buildId } from "../runtime/build_id.ts";
import { produce } from "./build_output.ts";
import { writeOutput } from "./disk_output.ts";
import { FileTransformer, type OnTransformOptions, type TransformFn } from "./file_transformer.ts";
import { withLiveReload } from "./live_reload.ts";
import { MemoryBuildCache } from "./memory_cache.ts";
import { type BuildOptions, type ResolvedBuildConfig, resolveOptions } from "./options.ts";

// deno-lint-ignore no-explicit-any
type AnyState = any;

/** Bundles an app's islands, finds its routes and static files, and serves it while developing. */
export class Builder<State = AnyState> {
  config: ResolvedBuildConfig;
  readonly #registered: string[] = [];
  readonly #transformer = new FileTransformer();

  constructor(options: BuildOptions = {}) {
    this.config = resolveOptions(options, buildId());
  }

  /** Adds an island file from outside the islands folder, as a path or `file:` URL. */
  registerIsland(specifier: string): void {
    if (/^(?:https?|jsr|npm):/.test(specifier)) {
      throw new Error(`registerIsland() takes files of the project only, got ${specifier}`);
    }
    this.#registered.push(
      specifier.startsWith("file:")
        ? fileURLToPath(specifier)
        : path.resolve(this.config.root, specifier),
    );
  }

  /** Changes static files on their way into the build. */
  onTransformStaticFile(options: OnTransformOptions, callback: TransformFn): void {
    this.#transformer.add(options, callback);
  }

  /** Builds in memory and serves the app; open pages reload when the process restarts. */
  async listen(
    importApp: () => Promise<{ app: App<State> } | App<State>>,
    options: ListenOptions = {},
  ): Promise<void> {
    const imported = await importApp();
    const app = imported instanceof App ? imported : imported.app;
    const cache = await this.#buildInMemory("development", true);
    setBuildCache(app, cache, "development");
    await listen(withLiveReload(app.handler()), { options, config: app.config });
  }

  /**
   * Builds for production. On disk the result is started as `_fresh/server.js`; in memory it is for
   * tests. The returned function gives an app its file routes, islands and static files.
   */
  async build(
    options: {
      mode?: ResolvedBuildConfig["mode"];
      snapshot?: "disk" | "memory";
    } = {},
  ): Promise<(app: App<State>) => void> {
    const mode = options.mode ?? "production";
    if (options.snapshot === "memory") {
      const cache = await this.#buildInMemory(mode, false);
      return (app) => setBuildCache(app, cache, mode);
    }
    await writeOutput(this.config, await this.#produce(mode));
    return () => {
      throw new Error(`A build on disk is started from ${this.config.outDir}/server.js`);
    };
  }

  async #buildInMemory(
    mode: ResolvedBuildConfig["mode"],
    liveReload: boolean,
  ): Promise<MemoryBuildCache> {
    return await MemoryBuildCache.load(this.config.root, await this.#produce(mode), { liveReload });
  }

  async #produce(mode: ResolvedBuildConfig["mode"]) {
    this.config.mode = mode;
    this.#transformer.mode = mode;
    return await produce(this.config, {
      registered: this.#registered,
      transformer: this.#transformer,
    });
  }
}
