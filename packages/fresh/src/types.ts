import type { ComponentChildren, ComponentType, FunctionComponent, RenderableProps } from "preact";
import type { Context } from "./context.ts";
import type { Method, RouteHandler } from "./handlers.ts";

/** A value that is loaded on first use. */
export type Lazy<T> = () => Promise<T>;
export type MaybeLazy<T> = T | Lazy<T>;

/** Answers a request, or passes it on with `ctx.next()`. */
export type Middleware<State> = (ctx: Context<State>) => Response | Promise<Response>;
/** The older name of {@linkcode Middleware}. */
export type MiddlewareFn<State> = Middleware<State>;
export type MaybeLazyMiddleware<State> = (
  ctx: Context<State>,
) => Response | Promise<Response> | Promise<Middleware<State>>;

/** Props of page, layout, error and app components. */
export type PageProps<Data = unknown, State = unknown> =
  & Pick<
    Context<State>,
    | "config"
    | "url"
    | "req"
    | "params"
    | "info"
    | "state"
    | "isPartial"
    | "Component"
    | "error"
    | "route"
  >
  & { data: Data };

/** A component that may await before it returns its markup or a whole response. */
export interface AsyncComponent<Props> {
  // The parameters are those of Preact's own function components, so that either type fits.
  // deno-lint-ignore no-explicit-any
  (props: RenderableProps<Props>, context?: any): Promise<ComponentChildren | Response>;
  displayName?: string;
  defaultProps?: Partial<Props>;
}

export type AnyComponent<Props> = ComponentType<Props> | AsyncComponent<Props>;
export type RouteComponent<State> = AnyComponent<PageProps<unknown, State>>;

export interface LayoutConfig {
  /** Leave out the layouts of the folders above. */
  skipInheritedLayouts?: boolean;
  /** Leave out the app wrapper. */
  skipAppWrapper?: boolean;
}

export interface RouteConfig extends LayoutConfig {
  /** The URL pattern to use in place of the one that the file name gives. */
  routeOverride?: string;
  csp?: boolean;
  /** The methods to register a lazy route for; all of them by default. */
  methods?: "ALL" | Method[];
}

/** A page or an endpoint: a component, a handler, or both. */
export interface Route<State> {
  component?: RouteComponent<State>;
  config?: RouteConfig;
  // deno-lint-ignore no-explicit-any
  handler?: RouteHandler<any, State>;
  css?: string[];
}

/** A component that is sent to the browser and made interactive there. */
export interface Island {
  /** Public path of the module that exports the component. */
  file: string;
  /** Unique among all islands of the app; names it in markers. */
  name: string;
  exportName: string;
  // deno-lint-ignore no-explicit-any
  fn: FunctionComponent<any> | ComponentType<any>;
  css: string[];
}
