import path from "node:path";
import type { FsRouteKind } from "../fs_routes.ts";
import { isGroup, pathToPattern } from "../routing/paths.ts";

/** One file of the routes folder, not yet loaded. */
export interface RouteFile {
  kind: FsRouteKind;
  filePath: string;
  /** Path below the project, for messages. */
  id: string;
  pattern: string;
  routePath: string;
  /** Loaded on the first request rather than at start. */
  lazy: boolean;
}

export interface Crawled {
  /** In the order in which they are registered. */
  routes: RouteFile[];
  /** Island files in `(_islands)` folders. */
  islandFiles: string[];
}

const SOURCE_FILE = /\.(?:ts|tsx|js|jsx)$/;

/** Reads the routes folder; a project without one has no routes. */
export async function crawlRoutes(
  routeDir: string,
  { root, ignore }: { root: string; ignore: RegExp[] },
): Promise<Crawled> {
  const crawled: Crawled = { routes: [], islandFiles: [] };
  await visit(routeDir, []);
  return crawled;

  async function visit(dir: string, parents: string[]): Promise<void> {
    const entries = await readDir(dir);
    entries.sort(byRank);
    for (const entry of entries) {
      const filePath = path.join(dir, entry.name);
      if (entry.isDirectory) {
        if (entry.name === "(_islands)") {
          crawled.islandFiles.push(...await sourceFilesIn(filePath, ignore));
        } else if (!isPrivate(entry.name)) {
          await visit(filePath, [...parents, entry.name]);
        }
      } else if (isSource(filePath, ignore)) {
        const id = path.relative(root, filePath).replaceAll("\\", "/");
        const route = await routeFile(filePath, { parents, id });
        if (route !== null) crawled.routes.push(route);
      }
    }
  }
}

/** All source files below a folder, sorted; none if it does not exist. */
export async function sourceFilesIn(dir: string, ignore: RegExp[]): Promise<string[]> {
  const files: string[] = [];
  for (const entry of await readDir(dir)) {
    const filePath = path.join(dir, entry.name);
    if (entry.isDirectory) files.push(...await sourceFilesIn(filePath, ignore));
    else if (isSource(filePath, ignore)) files.push(filePath);
  }
  return files.sort();
}

const SPECIAL: Record<string, FsRouteKind> = {
  _app: "app",
  _middleware: "middleware",
  _layout: "layout",
  _error: "error",
  _500: "error",
  _404: "notFound",
};

async function routeFile(
  filePath: string,
  { parents, id }: { parents: string[]; id: string },
): Promise<RouteFile | null> {
  const name = baseName(filePath);
  const special = SPECIAL[name];
  if (special === undefined && name.startsWith("_")) return null;
  const text = await Deno.readTextFile(filePath);
  refusePartials(text, id);
  const folder = parents.map(treePart);
  if (special !== undefined) {
    const pattern = `/${folder.join("/")}`;
    return { kind: special, filePath, id, pattern, routePath: pattern, lazy: false };
  }
  return {
    kind: "route",
    filePath,
    id,
    pattern: `/${[...folder, treePart(name)].join("/")}`,
    routePath: pathToPattern([...parents, name].join("/")),
    lazy: !text.includes("routeOverride"),
  };
}

function baseName(filePath: string): string {
  return path.basename(filePath).replace(SOURCE_FILE, "");
}

/** A folder's or file's name in the segment tree, where parameters read as in URL patterns. */
function treePart(part: string): string {
  if (part.startsWith("[[")) return part;
  return part.replace(/\[\.\.\.(\w+)\]/g, ":$1*").replace(/\[(\w+)\]/g, ":$1");
}

function isPrivate(folder: string): boolean {
  return folder.startsWith("_") || folder.startsWith("(_");
}

function isSource(filePath: string, ignore: RegExp[]): boolean {
  return SOURCE_FILE.test(filePath) &&
    !ignore.some((pattern) => pattern.test(filePath));
}

const RANKS = ["_app", "_middleware", "_layout", "_error", "_500", "_404", "index"];

/** What wraps others first, then literal names, groups, parameters and catch-alls. */
function byRank(a: Deno.DirEntry, b: Deno.DirEntry): number {
  return rank(a.name) - rank(b.name) || (a.name < b.name ? -1 : 1);
}

function rank(name: string): number {
  const special = RANKS.indexOf(name.replace(SOURCE_FILE, ""));
  if (special !== -1) return special;
  const base = RANKS.length;
  if (name.startsWith("[...")) return base + 4;
  if (name.startsWith("[[")) return base + 3;
  if (name.includes("[")) return base + 2;
  return base + (isGroup(name) ? 1 : 0);
}

/** Partials would silently do nothing here, so a page that asks for them does not build. */
export function refusePartials(text: string, id: string): void {
  const used = /\bf-(?:client-nav|partial)\b/.exec(text);
  if (used !== null) {
    throw new Error(`${id} uses ${used[0]}: this build of Fresh has no partials`);
  }
}

async function readDir(dir: string): Promise<Deno.DirEntry[]> {
  try {
    return await Array.fromAsync(Deno.readDir(dir));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
