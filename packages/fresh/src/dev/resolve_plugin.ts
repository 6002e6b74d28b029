import type { ImportKind, OnResolveResult, Plugin, PluginBuild } from "esbuild";
import type { ModuleGraph, Resolved } from "./module_graph.ts";

const OURS = Symbol("resolved by the module graph");

/** Lets esbuild resolve imports as Deno does, and tells the bundles their build's id. */
export function resolvePlugin(graph: ModuleGraph, buildId: string): Plugin {
  return {
    name: "fresh-resolve",
    setup(build) {
      build.onResolve({ filter: /.*/ }, async (args) => {
        if (args.kind === "entry-point" || args.pluginData === OURS) {
          return null;
        }
        const resolved = graph.resolve(args.path, args.importer);
        if (resolved === null) return null;
        if (resolved.kind === "file") return { path: resolved.filePath };
        return await inPackage(build, resolved, args.kind);
      });
      build.onLoad({ filter: /[\\/]runtime[\\/]build_id\.ts$/ }, () => ({
        loader: "js",
        contents: `export const buildId = () => ${JSON.stringify(buildId)};`,
      }));
    },
  };
}

/**
 * Leaves a package's own entry points to esbuild, for the sake of export conditions: by name from
 * inside the package, or by path if it declares no exports.
 */
async function inPackage(
  build: PluginBuild,
  { packageDir, packageName, subpath }: Extract<Resolved, { kind: "npm" }>,
  kind: ImportKind,
): Promise<OnResolveResult> {
  const options = { resolveDir: packageDir, kind, pluginData: OURS };
  const byName = await build.resolve(packageName + subpath, options);
  if (byName.errors.length === 0) return byName;
  return await build.resolve(packageDir + subpath, options);
}
