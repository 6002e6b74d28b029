import { fileURLToPath } from "node:url";
import path from "node:path";

/** Options of `new Builder()`. */
export interface BuildOptions {
  /** Browsers to compile for, in esbuild's words. */
  target?: string | string[];
  /** The project's folder, as a path or `file:` URL; the current one by default. */
  root?: string;
  outDir?: string;
  staticDir?: string | string[];
  islandDir?: string;
  routeDir?: string;
  /** The module that exports `app`. */
  serverEntry?: string;
  /** Route and island files to leave out; test files by default. */
  ignore?: RegExp[];
  sourceMap?: {
    kind: boolean | "linked" | "inline" | "external" | "both";
    sourceRoot?: string;
    sourcesContent?: boolean;
  };
}

/** `BuildOptions` with defaults filled in and every path absolute. */
export interface ResolvedBuildConfig {
  target: string | string[];
  root: string;
  outDir: string;
  staticDir: string[];
  islandDir: string;
  routeDir: string;
  serverEntry: string;
  ignore: RegExp[];
  sourceMap?: BuildOptions["sourceMap"];
  mode: "development" | "production";
  buildId: string;
}

const TEST_FILES = /[._]test\.(?:[tj]sx?|[mc][tj]s)$/;

export function resolveOptions(options: BuildOptions, buildId: string): ResolvedBuildConfig {
  const root = absoluteRoot(options.root);
  const staticDir = options.staticDir ?? "static";
  return {
    target: options.target ?? ["chrome99", "firefox99", "safari15"],
    root,
    outDir: path.resolve(root, options.outDir ?? "_fresh"),
    staticDir: [staticDir].flat().map((dir) => path.resolve(root, dir)),
    islandDir: path.resolve(root, options.islandDir ?? "islands"),
    routeDir: path.resolve(root, options.routeDir ?? "routes"),
    serverEntry: path.resolve(root, options.serverEntry ?? "main.ts"),
    ignore: options.ignore ?? [TEST_FILES],
    sourceMap: options.sourceMap,
    mode: "production",
    buildId,
  };
}

function absoluteRoot(root: string | undefined): string {
  if (root === undefined) return Deno.cwd();
  return root.startsWith("file:") ? fileURLToPath(root) : path.resolve(root);
}
