import type { RouteData, RouteHandler } from "./handlers.ts";
import type { AnyComponent, Middleware, PageProps } from "./types.ts";

/** Type helpers bound to one `State`; every function returns its argument. */
export interface Define<State> {
  handlers<
    Data,
    Handlers extends RouteHandler<Data, State> = RouteHandler<Data, State>,
  >(handlers: Handlers): typeof handlers;
  page<
    // deno-lint-ignore no-explicit-any
    Handlers extends RouteHandler<any, State> = never,
    Data = [Handlers] extends [never] ? never : RouteData<Handlers>,
    Component extends AnyComponent<PageProps<Data, State>> = AnyComponent<
      PageProps<Data, State>
    >,
  >(component: Component): typeof component;
  layout<
    Component extends AnyComponent<PageProps<unknown, State>> = AnyComponent<
      PageProps<unknown, State>
    >,
  >(component: Component): typeof component;
  middleware<Fn extends Middleware<State> | Middleware<State>[]>(middleware: Fn): typeof middleware;
}

/** Makes helpers that infer the types of handlers, pages, layouts and middlewares. */
export function createDefine<State>(): Define<State> {
  return {
    handlers: (handlers) => handlers,
    page: (component) => component,
    layout: (component) => component,
    middleware: (middleware) => middleware,
  };
}
