import type { Context } from "./context.ts";

export const METHODS = ["HEAD", "GET", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"] as const;

/** The request methods that a route can handle. */
export type Method = typeof METHODS[number];

/** What a handler returns to have its page component rendered with `data`. */
export interface PageResponse<T> {
  data: T;
  headers?: HeadersInit;
  status?: number;
}

/** Handles one method, or all of them when it is the route's only handler. */
export interface HandlerFn<Data, State> {
  (ctx: Context<State>): Response | PageResponse<Data> | Promise<Response | PageResponse<Data>>;
}

/** One handler per method. */
export type HandlerByMethod<Data, State> = {
  [M in Method]?: HandlerFn<Data, State>;
};

export type RouteHandler<Data, State> =
  | HandlerFn<Data, State>
  | HandlerByMethod<Data, State>;

// deno-lint-ignore no-explicit-any
type AnyHandler = RouteHandler<any, any>;
// deno-lint-ignore no-explicit-any
type PageOf<F> = F extends (...args: any[]) => infer R ? Exclude<Awaited<R>, Response> : never;
// Distributes over what is returned, so that a handler which only responds adds nothing.
type DataOf<Page> = Page extends { data: infer D } ? D : never;
type DataOfAll<H> = H extends HandlerFn<infer _D, infer _S> ? DataOf<PageOf<H>>
  : { [M in keyof H]: DataOf<PageOf<H[M]>> }[keyof H];

/** The data type that the page of handler `H` receives; `unknown` if `H` never gives it any. */
export type RouteData<H extends AnyHandler> = [DataOfAll<H>] extends [never] ? unknown
  : DataOfAll<H>;

/** Returned by a handler: render this route's component with `data`. */
export function page(): PageResponse<undefined>;
export function page<T>(
  data: T,
  options?: { headers?: HeadersInit; status?: number },
): PageResponse<T>;
export function page<T>(
  data?: T,
  options?: { headers?: HeadersInit; status?: number },
): PageResponse<T | undefined> {
  const response: PageResponse<T | undefined> = { data };
  if (options?.headers !== undefined) response.headers = options.headers;
  if (options?.status !== undefined) response.status = options.status;
  return response;
}

export function isHandlerByMethod<D, S>(
  handler: RouteHandler<D, S>,
): handler is HandlerByMethod<D, S> {
  return handler !== null && typeof handler === "object";
}
