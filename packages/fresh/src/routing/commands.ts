import type { Context } from "../context.ts";
import { type Method, METHODS } from "../handlers.ts";
import { notFoundAnswer, renderRoute, withDefaultHandler } from "../render/route.ts";
import type {
  LayoutConfig,
  MaybeLazy,
  MaybeLazyMiddleware,
  Middleware,
  Route,
  RouteComponent,
  RouteConfig,
} from "../types.ts";
import type { Chain, Frame, Target } from "./chain.ts";
import { mergePath } from "./paths.ts";
import type { Router } from "./router.ts";
import { newSegment, type Segment, segmentOf, stepsOf } from "./segments.ts";

// Commands of every `State` share one list, as apps of different states may be mounted.
// deno-lint-ignore no-explicit-any
type Any = any;

/** What one call on an `App` recorded; the commands are applied in order when it starts. */
export type Command =
  | {
    kind: "middleware";
    pattern: string;
    run: MaybeLazyMiddleware<Any>[];
    includeLast: boolean;
  }
  | {
    kind: "layout";
    pattern: string;
    component: RouteComponent<Any>;
    config: LayoutConfig | undefined;
    includeLast: boolean;
  }
  | { kind: "app"; component: RouteComponent<Any> }
  | { kind: "notFound"; route: Route<Any> | Middleware<Any> }
  | {
    kind: "error";
    pattern: string;
    route: MaybeLazy<Route<Any>>;
    includeLast: boolean;
  }
  | {
    kind: "route";
    /** Where the route sits in the segment tree; its URL pattern unless `routePath` says so. */
    pattern: string;
    routePath?: string;
    route: MaybeLazy<Route<Any>>;
    config: RouteConfig | undefined;
    includeLast: boolean;
  }
  | {
    kind: "handler";
    pattern: string;
    methods: readonly Method[];
    run: MaybeLazy<Middleware<Any>>[];
    includeLast: boolean;
  }
  | { kind: "fsRoutes"; pattern: string; load: () => Command[] };

export interface Compiled {
  /** The steps of requests that no route matches. */
  unmatched: Chain;
}

/** Applies the commands in order, filling the router with finished chains. */
export function compile(commands: Command[], router: Router<Target>, basePath: string): Compiled {
  const root = newSegment(null);
  for (const command of commands) {
    // Every route answers a thrown 404 with the page, wherever it stands in the list.
    const found = command.kind === "fsRoutes" ? command.load().find(isNotFound) : command;
    if (found?.kind === "notFound") root.notFound = notFoundAnswer(found.route);
  }
  for (const command of commands) applyTo(root, router, command, basePath);
  return { unmatched: stepsOf(root).steps };
}

/** The command as it reads when its app is mounted at `path`. */
export function relocate(command: Command, path: string, basePath = ""): Command {
  if (command.kind === "app" || command.kind === "notFound") return command;
  const move = (pattern: string) => mergePath(path, mergePath(basePath, pattern, false), true);
  const pattern = move(command.pattern);
  if (command.kind === "fsRoutes") return { ...command, pattern };
  const includeLast = command.pattern === "/" || command.includeLast;
  if (command.kind === "route" && command.routePath !== undefined) {
    return { ...command, pattern, includeLast, routePath: move(command.routePath) };
  }
  return { ...command, pattern, includeLast };
}

function applyTo(root: Segment, router: Router<Target>, command: Command, basePath: string): void {
  if (command.kind === "app") {
    root.app = command.component;
    return;
  }
  if (command.kind === "notFound") return;
  if (command.kind === "fsRoutes") {
    // The path of file routes is part of their URLs, but not of the segment tree.
    const base = mergePath(basePath, command.pattern, true);
    for (const item of command.load()) applyTo(root, router, item, base);
    return;
  }
  const segment = segmentOf(root, command.pattern, command.includeLast);
  switch (command.kind) {
    case "middleware":
      segment.middlewares.push(...command.run);
      return;
    case "layout":
      segment.layout = { component: command.component, config: command.config };
      return;
    case "error":
      segment.errorRoute = command.route;
      return;
    case "handler":
      addHandler(segment, router, command, basePath);
      return;
    case "route":
      addRoute(segment, router, command, basePath);
  }
}

function isNotFound(command: Command): boolean {
  return command.kind === "notFound";
}

function addHandler(
  segment: Segment,
  router: Router<Target>,
  command: Extract<Command, { kind: "handler" }>,
  basePath: string,
): void {
  const { steps, frame } = stepsOf(segment);
  for (const run of command.run) steps.push({ run, frame });
  const path = mergePath(basePath, command.pattern, false);
  for (const method of command.methods) router.add(method, path, { route: path, chain: steps });
}

function addRoute(
  segment: Segment,
  router: Router<Target>,
  command: Extract<Command, { kind: "route" }>,
  basePath: string,
): void {
  const { steps, frame } = stepsOf(segment);
  const path = mergePath(basePath, command.routePath ?? command.pattern, false);
  if (typeof command.route === "function") {
    steps.push({ run: lazyRoute(command.route, frame, command.config), frame });
    const methods = command.config?.methods ?? "ALL";
    for (const method of methods === "ALL" ? METHODS : methods) {
      router.add(method, path, { route: path, chain: steps });
    }
    return;
  }
  const route = withConfig(withDefaultHandler(command.route), command.config);
  steps.push({
    run: (ctx: Context<Any>) => renderRoute(ctx, route, frame),
    frame,
  });
  for (const method of methodsOf(route)) router.add(method, path, { route: path, chain: steps });
}

function lazyRoute(
  load: () => Promise<Route<Any>>,
  frame: Frame,
  config: RouteConfig | undefined,
): (ctx: Context<Any>) => Promise<Response> {
  let route: Route<Any> | null = null;
  async function loadFirst(ctx: Context<Any>): Promise<Response> {
    route ??= withConfig(withDefaultHandler(await load()), config);
    return await renderRoute(ctx, route, frame);
  }
  return (ctx) => route === null ? loadFirst(ctx) : renderRoute(ctx, route, frame);
}

function withConfig(route: Route<Any>, config: RouteConfig | undefined): Route<Any> {
  return config === undefined ? route : { ...route, config: { ...route.config, ...config } };
}

function methodsOf(route: Route<Any>): readonly Method[] {
  const handler = route.handler;
  if (handler === undefined || typeof handler === "function") return METHODS;
  return METHODS.filter((method) => handler[method] !== undefined);
}
