import { type Context, frameOf, setFrame } from "../context.ts";
import { type HandlerFn, isHandlerByMethod, type Method, type PageResponse } from "../handlers.ts";
import { applyLayoutConfig, type Frame } from "../routing/chain.ts";
import type { MaybeLazy, Middleware, Route } from "../types.ts";
import { callComponent } from "./component.ts";

// deno-lint-ignore no-explicit-any
type Any = any;

const renderWithoutData: HandlerFn<Any, Any> = () => ({ data: {} });

/**
 * Gives a component the handler that renders it without data: for every method if it has no handler
 * at all, else for GET if that is missing.
 */
export function withDefaultHandler(route: Route<Any>): Route<Any> {
  const { component, handler } = route;
  if (component === undefined) return route;
  if (handler === undefined) return { ...route, handler: renderWithoutData };
  if (!isHandlerByMethod(handler) || handler.GET !== undefined) return route;
  return { ...route, handler: { ...handler, GET: renderWithoutData } };
}

/** Runs the handler for the request's method and renders the component with what it returns. */
export function renderRoute(
  ctx: Context<Any>,
  route: Route<Any>,
  frame: Frame,
): Promise<Response> {
  const handler = pickHandler(route, ctx.req.method);
  if (handler === null) return ctx.next();
  return respond(ctx, { route, frame, status: 200, handler });
}

/** As `renderRoute`, for what is thrown: any method may see the page. */
export async function renderErrorRoute(
  ctx: Context<Any>,
  lazyRoute: MaybeLazy<Route<Any>>,
  status: number,
): Promise<Response> {
  const loaded = typeof lazyRoute === "function" ? await lazyRoute() : lazyRoute;
  const route = withDefaultHandler(loaded);
  const handler = pickHandler(route, ctx.req.method) ??
    pickHandler(route, "GET");
  if (handler === null) throw ctx.error;
  return await respond(ctx, { route, frame: frameOf(ctx), status, handler });
}

/**
 * Answers every method with a page, or with a middleware's own response. As in upstream the page's
 * status is 200 unless its handler gives another one.
 */
export function notFoundAnswer(page: Route<Any> | Middleware<Any>): Middleware<Any> {
  return typeof page === "function" ? page : (ctx) => renderErrorRoute(ctx, page, 200);
}

interface RenderPlan {
  route: Route<Any>;
  frame: Frame;
  status: number;
  handler: HandlerFn<Any, Any>;
}

/** What only answers, as API routes do, is passed on as it is. */
function respond(ctx: Context<Any>, plan: RenderPlan): Promise<Response> {
  setFrame(ctx, applyLayoutConfig(plan.frame, plan.route.config));
  return Promise.resolve(plan.handler(ctx)).then((result) =>
    result instanceof Response ? result : renderResult(ctx, plan, result)
  );
}

async function renderResult(
  ctx: Context<Any>,
  plan: RenderPlan,
  result: PageResponse<Any>,
): Promise<Response> {
  if (result === null || typeof result !== "object" || !("data" in result)) {
    throw new TypeError(
      `A route handler must return a Response or page(), got ${describe(result)} for ${ctx.route}`,
    );
  }
  ctx.data = result.data;
  const { component } = plan.route;
  const vnode = component === undefined ? null : await callComponent(component, ctx);
  if (vnode instanceof Response) return vnode;
  const headers = new Headers(result.headers);
  return await ctx.render(vnode, { status: result.status ?? plan.status, headers });
}

function pickHandler(route: Route<Any>, method: string): HandlerFn<Any, Any> | null {
  const { handler } = route;
  if (handler === undefined) return null;
  if (!isHandlerByMethod(handler)) return handler;
  const own = handler[method as Method];
  if (own !== undefined) return own;
  return method === "HEAD" ? handler.GET ?? null : null;
}

function describe(value: unknown): string {
  return value === null ? "null" : typeof value;
}
