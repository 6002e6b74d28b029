import type { RouteHandler } from "./handlers.ts";
import type { Command } from "./routing/commands.ts";
import type {
  LayoutConfig,
  MaybeLazyMiddleware,
  Middleware,
  Route,
  RouteComponent,
  RouteConfig,
} from "./types.ts";

// deno-lint-ignore no-explicit-any
type Any = any;

/** The exports of a file in the routes folder. */
export interface FsModule {
  default?: unknown;
  handler?: unknown;
  handlers?: unknown;
  config?: unknown;
  css?: unknown;
}

export type FsRouteKind =
  | "app"
  | "middleware"
  | "layout"
  | "error"
  | "notFound"
  | "route";

/** One file of the routes folder, as the crawler found it. */
export interface FsRouteFile<Module extends FsModule = FsModule> {
  kind: FsRouteKind;
  /** Path below the routes folder, for messages. */
  id: string;
  /** Place in the segment tree, with route groups. */
  pattern: string;
  /** URL pattern of a route. */
  routePath: string;
  /** The module, or for most routes the function that loads it. */
  mod: Module | (() => Promise<Module>);
}

/** What the files of a routes folder, in order, register. */
export function commandsOf(files: readonly FsRouteFile[]): Command[] {
  return files.flatMap((file) => commandOf(file) ?? []);
}

function commandOf(file: FsRouteFile): Command | null {
  const { kind, id, pattern, routePath, mod } = file;
  if (typeof mod === "function") {
    if (kind !== "route") {
      throw new Error(`${id} must be loaded when the app starts`);
    }
    const route = async () => routeOf(await mod(), id);
    return { kind, pattern, routePath, route, config: undefined, includeLast: false };
  }
  switch (kind) {
    case "app":
      return { kind, component: componentOf(mod, id) };
    case "middleware": {
      const run = middlewaresOf(mod, id);
      return run === null ? null : { kind, pattern, run, includeLast: true };
    }
    case "layout": {
      if (handlerOf(mod) !== undefined) {
        warn("Layout does not support handlers");
      }
      const config = mod.config as LayoutConfig | undefined;
      return { kind, pattern, component: componentOf(mod, id), config, includeLast: true };
    }
    case "error":
      return { kind, pattern, route: routeOf(mod, id), includeLast: true };
    case "notFound":
      return { kind, route: routeOf(mod, id) };
    case "route": {
      const route = routeOf(mod, id);
      const path = route.config?.routeOverride ?? routePath;
      return { kind, pattern, routePath: path, route, config: undefined, includeLast: false };
    }
  }
}

function routeOf(mod: FsModule, id: string): Route<Any> {
  const handler = handlerOf(mod);
  if (mod.default === undefined && handler === undefined && mod.config === undefined) {
    throw new Error(`Could not find relevant exports in ${id}`);
  }
  const route: Route<Any> = {};
  if (mod.default !== undefined) route.component = componentOf(mod, id);
  if (handler !== undefined) route.handler = checkedHandler(handler, id);
  if (mod.config !== undefined) route.config = mod.config as RouteConfig;
  if (Array.isArray(mod.css)) route.css = mod.css;
  return route;
}

function handlerOf(mod: FsModule): unknown {
  return mod.handlers ?? mod.handler;
}

function checkedHandler(handler: unknown, id: string): RouteHandler<Any, Any> {
  if (typeof handler === "function") {
    refuseOldSignature(handler, id);
    return handler as RouteHandler<Any, Any>;
  }
  if (typeof handler !== "object" || handler === null || Array.isArray(handler)) {
    throw new Error(`The handler of ${id} must be a function or an object of functions`);
  }
  for (const fn of Object.values(handler)) {
    if (typeof fn === "function") refuseOldSignature(fn, id);
  }
  return handler as RouteHandler<Any, Any>;
}

function refuseOldSignature(fn: { length: number }, id: string): void {
  if (fn.length > 1) {
    throw new Error(`A handler in ${id} takes ${fn.length} arguments; Fresh 2 passes just "ctx"`);
  }
}

function componentOf(mod: FsModule, id: string): RouteComponent<Any> {
  if (typeof mod.default === "function") {
    return mod.default as RouteComponent<Any>;
  }
  throw new Error(`The default export of ${id} must be a component`);
}

function middlewaresOf(mod: FsModule, id: string): MaybeLazyMiddleware<Any>[] | null {
  const value = handlerOf(mod) ?? mod.default;
  if (value === undefined) {
    throw new Error(`Could not find relevant exports in ${id}`);
  }
  if (Array.isArray(value)) return value;
  if (typeof value === "function") return [value as Middleware<Any>];
  warn(`Middleware does not support object handlers with GET, POST, etc. in ${id}`);
  return null;
}

function warn(problem: string): void {
  // deno-lint-ignore no-console
  console.warn(`Unsupported route config: ${problem}`);
}
