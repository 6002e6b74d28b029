import type { BuildCache } from "./build_cache.ts";
import { type FreshConfig, resolveConfig, type ResolvedFreshConfig } from "./config.ts";
import { type AppParts, Context } from "./context.ts";
import { type Method, METHODS } from "./handlers.ts";
import { listen, type ListenOptions } from "./listen.ts";
import type { Target } from "./routing/chain.ts";
import { type Command, compile, relocate } from "./routing/commands.ts";
import { answerError, DefaultTargets } from "./routing/default_targets.ts";
import { plainPathname, requestUrl } from "./routing/request_url.ts";
import { type RouteEntry, Router } from "./routing/router.ts";
import type {
  LayoutConfig,
  MaybeLazy,
  MaybeLazyMiddleware,
  Middleware,
  Route,
  RouteComponent,
  RouteConfig,
} from "./types.ts";

export type { ListenOptions };

type Handler = (req: Request, info?: Deno.ServeHandlerInfo) => Promise<Response>;

/** Gives an app the files of a build. */
export let setBuildCache: (
  // deno-lint-ignore no-explicit-any
  app: App<any>,
  cache: BuildCache,
  mode: ResolvedFreshConfig["mode"],
) => void;

/**
 * A web app: middlewares, routes, layouts and error pages in the order in which they were added.
 * What is added later does not apply to routes added before it.
 */
export class App<State> {
  config: ResolvedFreshConfig;
  readonly #commands: Command[] = [];
  #cache: () => BuildCache | null = () => null;

  constructor(config: FreshConfig = {}) {
    this.config = resolveConfig(config);
  }

  /** Runs middlewares for every request, or for those below a path. */
  use(...middleware: MaybeLazyMiddleware<State>[]): this;
  use(path: string, ...middleware: MaybeLazyMiddleware<State>[]): this;
  use(
    first: string | MaybeLazyMiddleware<State>,
    ...rest: MaybeLazyMiddleware<State>[]
  ): this {
    const pattern = typeof first === "string" ? first : "*";
    const run = typeof first === "string" ? rest : [first, ...rest];
    return this.#add({ kind: "middleware", pattern, run, includeLast: true });
  }

  get(path: string, ...middleware: MaybeLazy<Middleware<State>>[]): this {
    return this.#handle(["GET"], path, middleware);
  }

  post(path: string, ...middleware: MaybeLazy<Middleware<State>>[]): this {
    return this.#handle(["POST"], path, middleware);
  }

  patch(path: string, ...middleware: MaybeLazy<Middleware<State>>[]): this {
    return this.#handle(["PATCH"], path, middleware);
  }

  put(path: string, ...middleware: MaybeLazy<Middleware<State>>[]): this {
    return this.#handle(["PUT"], path, middleware);
  }

  delete(path: string, ...middleware: MaybeLazy<Middleware<State>>[]): this {
    return this.#handle(["DELETE"], path, middleware);
  }

  head(path: string, ...middleware: MaybeLazy<Middleware<State>>[]): this {
    return this.#handle(["HEAD"], path, middleware);
  }

  /** Answers every method. */
  all(path: string, ...middleware: MaybeLazy<Middleware<State>>[]): this {
    return this.#handle(METHODS, path, middleware);
  }

  /** Web sockets are not part of this implementation. */
  ws(path: string, ..._rest: unknown[]): never {
    throw new Error(`app.ws("${path}") is not implemented: this build of Fresh has no web sockets`);
  }

  route(path: string, route: MaybeLazy<Route<State>>, config?: RouteConfig): this {
    return this.#add({ kind: "route", pattern: path, route, config, includeLast: true });
  }

  /** Wraps the pages below a path, inside the layouts above it. */
  layout(path: string, component: RouteComponent<State>, config?: LayoutConfig): this {
    return this.#add({ kind: "layout", pattern: path, component, config, includeLast: true });
  }

  /** Renders the outermost part of every page, usually the `<html>` element. */
  appWrapper(component: RouteComponent<State>): this {
    return this.#add({ kind: "app", component });
  }

  /** Answers what is thrown below a path. */
  onError(path: string, routeOrMiddleware: Route<State> | Middleware<State>): this {
    const route = typeof routeOrMiddleware === "function"
      ? { handler: routeOrMiddleware }
      : routeOrMiddleware;
    return this.#add({ kind: "error", pattern: path, route, includeLast: true });
  }

  /** Answers requests that nothing matches, and every thrown 404. */
  notFound(routeOrMiddleware: Route<State> | Middleware<State>): this {
    return this.#add({ kind: "notFound", route: routeOrMiddleware });
  }

  /** Adds the files of the routes folder here, as the build found them. */
  fsRoutes(pattern = "*"): this {
    return this.#add({
      kind: "fsRoutes",
      pattern,
      load: () => this.#cache()?.fsCommands() ?? [],
    });
  }

  /** Adds everything of another app below a path. */
  mountApp(path: string, app: App<State>): this {
    for (const command of app.#commands) {
      this.#commands.push(relocate(command, path, app.config.basePath));
    }
    app.#cache = () => this.#cache();
    return this;
  }

  /** Finishes the app: the function that answers requests, for `Deno.serve` or for tests. */
  handler(): Handler {
    const router = new Router<Target>();
    const { unmatched } = compile(this.#commands, router, this.config.basePath);
    const app: AppParts = { config: this.config, cache: this.#cache() };
    const targets = new DefaultTargets(unmatched);

    function pick(entry: RouteEntry<Target>, method: string): Target {
      const { byMethod } = entry;
      const own = byMethod.get(method) ?? (method === "HEAD" ? byMethod.get("GET") : undefined);
      return own ?? targets.noMethod(entry, method);
    }

    return async function handle(req, info) {
      const { method } = req;
      const match = router.match(plainPathname(req.url) ?? requestUrl(req, false).pathname);
      const params = match?.params ?? {};
      const target = match === null ? targets.notFound : pick(match.entry, method);
      const ctx = new Context<State>(req, { app, target, params, info });
      try {
        const response = await ctx.next();
        return method === "HEAD" ? new Response(null, response) : response;
      } catch (error) {
        return answerError(error);
      }
    };
  }

  /** Serves the app; without a port it takes the first free one from 8000 on. */
  async listen(options: ListenOptions = {}): Promise<void> {
    await listen(this.handler(), { options, config: this.config });
  }

  #handle(methods: readonly Method[], pattern: string, run: MaybeLazy<Middleware<State>>[]): this {
    return this.#add({ kind: "handler", methods, pattern, run, includeLast: true });
  }

  #add(command: Command): this {
    this.#commands.push(command);
    return this;
  }

  static {
    setBuildCache = (app, cache, mode) => {
      app.#cache = () => cache;
      app.config = { ...app.config, root: cache.root, mode };
    };
  }
}
