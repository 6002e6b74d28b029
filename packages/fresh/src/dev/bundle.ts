import path from "node:path";
import { fileURLToPath } from "node:url";
import type { BuildOptions as EsbuildOptions, Metafile } from "esbuild";
import { ModuleGraph } from "./module_graph.ts";
import type { ResolvedBuildConfig } from "./options.ts";
import { readProjectConfig } from "./project_config.ts";
import { resolvePlugin } from "./resolve_plugin.ts";

export interface BundledIsland {
  filePath: string;
  /** Public path of its bundle. */
  file: string;
  /** Name on the page of each export. */
  names: Record<string, string>;
}

export interface Bundle {
  /** Public path of the client runtime; empty if there is nothing to run. */
  clientEntry: string;
  islands: BundledIsland[];
  /** Public path to content, all cacheable for ever. */
  files: Map<string, Uint8Array<ArrayBuffer>>;
}

const RUNTIME = "fresh-runtime";

/** Bundles the islands and the client runtime for the browser, sharing what they have in common. */
export async function bundleIslands(
  filePaths: string[],
  config: ResolvedBuildConfig,
): Promise<Bundle> {
  const project = await readProjectConfig(config.root);
  if (filePaths.length === 0) {
    return { clientEntry: "", islands: [], files: new Map() };
  }
  const runtime = fileURLToPath(import.meta.resolve("../runtime/client.ts"));
  const entries = new Map([[RUNTIME, runtime]]);
  for (const filePath of filePaths) {
    entries.set(uniqueName(filePath, entries), filePath);
  }
  const graph = await ModuleGraph.of([...entries.values()], project.filePath);
  const { metafile, outputFiles } = await runEsbuild({
    entryPoints: Object.fromEntries(entries),
    absWorkingDir: config.root,
    outdir: path.join(config.root, "out"),
    target: config.target,
    jsxImportSource: project.jsxImportSource,
    minify: config.mode === "production",
    plugins: [resolvePlugin(graph, config.buildId)],
    ...sourceMapOptions(config),
  });
  const prefix = `/_fresh/js/${config.buildId}/`;
  const files = outputFiles.map((file) =>
    [prefix + path.basename(file.path), file.contents as Uint8Array<ArrayBuffer>] as const
  );
  return {
    clientEntry: prefix + outputOf(RUNTIME, metafile).fileName,
    islands: [...entries].slice(1).map(([name, filePath]) => {
      const { fileName, exports } = outputOf(name, metafile);
      return { filePath, file: prefix + fileName, names: namesOf(name, exports) };
    }),
    files: new Map(files),
  };
}

/** Runs one build; the esbuild process does not outlive it. */
async function runEsbuild(options: EsbuildOptions) {
  const esbuild = await import("esbuild");
  try {
    return await esbuild.build({
      bundle: true,
      splitting: true,
      format: "esm",
      platform: "browser",
      jsx: "automatic",
      entryNames: "[name]-[hash]",
      chunkNames: "chunk-[hash]",
      legalComments: "none",
      logLevel: "silent",
      ...options,
      define: { "process.env.NODE_ENV": '"production"' },
      metafile: true,
      write: false,
    });
  } finally {
    await esbuild.stop();
  }
}

function sourceMapOptions({ sourceMap }: ResolvedBuildConfig): EsbuildOptions {
  if (sourceMap === undefined) return {};
  const options: EsbuildOptions = { sourcemap: sourceMap.kind };
  if (sourceMap.sourceRoot !== undefined) {
    options.sourceRoot = sourceMap.sourceRoot;
  }
  if (sourceMap.sourcesContent !== undefined) {
    options.sourcesContent = sourceMap.sourcesContent;
  }
  return options;
}

function outputOf(entry: string, metafile: Metafile): { fileName: string; exports: string[] } {
  for (const [file, output] of Object.entries(metafile.outputs)) {
    const fileName = path.basename(file);
    if (output.entryPoint !== undefined && nameOf(fileName) === entry) {
      return { fileName, exports: output.exports };
    }
  }
  throw new Error(`The bundle has no output for ${entry}`);
}

function nameOf(fileName: string): string {
  return fileName.replace(/-[^-]+\.js$/, "");
}

/** A name that serves as an identifier, from the file's own. */
function uniqueName(filePath: string, taken: ReadonlyMap<string, string>): string {
  const words = path.parse(filePath).name.split(/[^A-Za-z0-9$_]+/).filter((word) => word !== "");
  const joined = words.map((word, i) => i === 0 ? word : word[0]?.toUpperCase() + word.slice(1));
  const base = joined.join("").replace(/^(?=\d)/, "_") || "Island";
  let name = base;
  for (let i = 1; taken.has(name); i++) name = `${base}_${i}`;
  return name;
}

function namesOf(base: string, exports: string[]): Record<string, string> {
  const main = exports.includes("default") ? "default" : base;
  return Object.fromEntries(
    exports.map((name) => [name, name === main ? base : `${base}_${name}`]),
  );
}
