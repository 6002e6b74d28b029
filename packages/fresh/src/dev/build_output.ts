import { type Bundle, bundleIslands } from "./bundle.ts";
import { crawlRoutes, refusePartials, type RouteFile, sourceFilesIn } from "./crawl.ts";
import type { FileTransformer } from "./file_transformer.ts";
import type { ResolvedBuildConfig } from "./options.ts";
import { generatedFile, type PreparedFile, prepareStaticFiles } from "./static_files.ts";

/** Everything a build found and made, before it is written or served. */
export interface BuildOutput {
  routes: RouteFile[];
  bundle: Bundle;
  files: PreparedFile[];
}

/** Crawls the project and bundles its islands. */
export async function produce(
  config: ResolvedBuildConfig,
  { registered, transformer }: {
    registered: string[];
    transformer: FileTransformer;
  },
): Promise<BuildOutput> {
  const { routes, islandFiles } = await crawlRoutes(config.routeDir, config);
  const fromFolder = await sourceFilesIn(config.islandDir, config.ignore);
  const islands = [...new Set([...fromFolder, ...islandFiles, ...registered])];
  for (const file of islands) {
    refusePartials(await Deno.readTextFile(file), file);
  }
  const bundle = await bundleIslands(islands, config);
  const statics = await prepareStaticFiles(config.staticDir, transformer);
  const generated = [...bundle.files].map(([pathname, content]) =>
    generatedFile(pathname, content)
  );
  return { routes, bundle, files: [...statics, ...generated] };
}
